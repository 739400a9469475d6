"""Which actions destroy something: a rule of patterns, set by `IMMUTABLE_DESTRUCTIVE_ACTIONS`.

A pattern is an action in which `*` stands for any run of characters: `*.deleted`, `billing.*`, `trash.emptied`. The rule
is applied when an answer is made and is stored nowhere, so a new rule holds for old events too.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache


class DestructiveRule:
    """Tells whether an action destroys something."""

    def __init__(self, patterns: Sequence[str]) -> None:
        alternatives = "|".join(".*".join(map(re.escape, pattern.split("*"))) for pattern in patterns)
        self._matches = re.compile(alternatives, re.IGNORECASE | re.DOTALL).fullmatch if patterns else None
        self.covers = lru_cache(maxsize=8192)(self._covers)

    def _covers(self, action: str) -> bool:
        return self._matches is not None and self._matches(action) is not None

    def count(self, actions: Mapping[str, int]) -> int:
        """How many of a session's events were destructive, from its count per action."""
        return sum(count for action, count in actions.items() if self.covers(action))
