"""Which actions destroy something: a rule of patterns, of the server (`IMMUTABLE_DESTRUCTIVE_ACTIONS`) and of each workspace.

A pattern is an action in which `*` stands for any run of characters: `*.deleted`, `billing.*`, `trash.emptied`. The rule
is applied when an answer is made and is stored nowhere beside events, so a new rule holds for old events too.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache


class DestructiveRule:
    """Tells whether an action destroys something: some pattern covers it, and no exception does."""

    def __init__(self, patterns: Sequence[str], exceptions: Sequence[str] = ()) -> None:
        self._patterns = [(pattern, _compiled([pattern])) for pattern in patterns]
        self._any, self._except = _compiled(patterns), _compiled(exceptions) if exceptions else None
        self.covers = lru_cache(maxsize=8192)(self._covers)

    def _covers(self, action: str) -> bool:
        return self._any.fullmatch(action) is not None and not self.excepts(action)

    def excepts(self, action: str) -> bool:
        """Whether an exception covers the action."""
        return self._except is not None and self._except.fullmatch(action) is not None

    def pattern_of(self, action: str) -> str | None:
        """The first pattern that covers the action, whatever the exceptions say."""
        return next((pattern for pattern, compiled in self._patterns if compiled.fullmatch(action)), None)

    def count(self, actions: Mapping[str, int]) -> int:
        """How many of a session's events were destructive, from its count per action."""
        return sum(count for action, count in actions.items() if self.covers(action))


def _compiled(patterns: Sequence[str]) -> re.Pattern[str]:
    # A pattern may be anybody's. What stands between two stars is found once, the first time, and not tried elsewhere
    # (`(?>`): no pattern takes longer than its length times the action's.
    alternatives = "|".join(map(_expression, patterns)) if patterns else r"(?!)"
    return re.compile(alternatives, re.IGNORECASE | re.DOTALL)


def _expression(pattern: str) -> str:
    first, *others = map(re.escape, re.sub(r"\*+", "*", pattern).split("*"))
    if not others:
        return first
    *middle, last = others
    return "".join([first, *(f"(?>.*?{part})" for part in middle), f".*{last}"])
