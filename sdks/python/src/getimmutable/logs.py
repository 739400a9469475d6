"""Puts the session, the actor and the trace of a request on its log lines, as they are on its events, to join the two.

A log line asks nobody: its actor is the one that `identify` named when something was last tracked.
"""

import logging
from collections.abc import MutableMapping
from typing import Any

from getimmutable import context
from getimmutable.tracing import active_trace

FIELDS = ("session_id", "actor_id", "trace_id")


def add_context(_logger: Any, _method: str, event_dict: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor for structlog. What the line says itself stays."""
    for name, value in _known().items():
        event_dict.setdefault(name, value)
    return event_dict


class ContextFilter(logging.Filter):
    """For `logging`: put it on a handler, and `%(session_id)s`, `%(actor_id)s` and `%(trace_id)s` into its format."""

    def __init__(self, missing: str | None = "-") -> None:
        """`missing` stands where there is no value."""
        super().__init__()
        self._missing = missing

    def filter(self, record: logging.LogRecord) -> bool:
        """Add the fields; every record passes."""
        known = _known()
        for name in FIELDS:
            if not hasattr(record, name):
                setattr(record, name, known.get(name, self._missing))
        return True


def _known() -> dict[str, Any]:
    now = context.current() if context.is_configured() else None
    if now is None:
        trace = active_trace()
        return {"trace_id": trace} if trace else {}
    known = now.known()
    return {name: known[name] for name in FIELDS if name in known}
