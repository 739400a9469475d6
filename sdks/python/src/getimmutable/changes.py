"""What was changed of a row, field by field: `{"title": {"old": "Draft", "new": "Report"}}`. Pure.

1. Fields that are named in `audit_exclude`, or whose name says that they hold a secret, are left out.
2. Values become JSON: times as RFC 3339 in UTC, decimals and UUIDs as text, enums by their value.
3. What is long is cut, so that an event never outgrows what the server takes and is refused for it.
"""

import datetime as dt
import decimal
import enum
import json
import math
import re
import uuid
from collections.abc import Collection, Mapping
from typing import Any

from getimmutable.types import Change

_SECRET = re.compile(r"passw|secret|token|api_?key|private_?key|credential", re.IGNORECASE)
_MOST_FIELDS = 50
_MOST_BYTES = 32_768
_LONGEST_VALUE = 1_024
_LONGEST_NAME = 255
LEFT_OUT = "[left out]"
COMPUTED = "[computed]"
"""Stands for a value that the database computed, and that was not read back."""


def is_shown(field: str, excluded: Collection[str]) -> bool:
    """Whether the values of a field may be shown to a reader of the log."""
    return field not in excluded and _SECRET.search(field) is None


def changes_of(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> dict[str, Change]:
    """What differs between the shown fields before (None: created) and after (None: deleted)."""
    changes: dict[str, Change] = {}
    size = 0
    for field in new if new is not None else old or {}:
        change = _change(field, old, new)
        if not change:
            continue
        if len(changes) == _MOST_FIELDS:
            break
        size += len(json.dumps({field: change}).encode())
        changes[field] = change if size <= _MOST_BYTES else dict.fromkeys(change, LEFT_OUT)  # type: ignore[assignment]
    return changes


def _change(field: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Change:
    if new is None:
        return {} if old is None or old[field] is None else {"old": plain(old[field])}
    if old is None:
        return {} if new[field] is None else {"new": plain(new[field])}
    if field not in old:
        return {"new": plain(new[field])}
    return {} if old[field] == new[field] else {"old": plain(old[field]), "new": plain(new[field])}


def plain(value: Any) -> Any:  # noqa: PLR0911 - one for each kind
    """The value as JSON, cut where it is long."""
    match value:
        case enum.Enum():
            return plain(value.value)
        case None | bool():
            return value
        case int():
            return value if abs(value) < 2**53 else str(value)
        case float():
            return value if math.isfinite(value) else str(value)
        case str():
            text = value.encode("utf-8", "replace").decode()
            return text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + "…"
        case bytes() | bytearray() | memoryview():
            return f"[{len(value)} bytes]"
        case dt.datetime():
            return (value.astimezone(dt.UTC) if value.tzinfo else value).isoformat().replace("+00:00", "Z")
        case dt.date() | dt.time():
            return value.isoformat()
        case decimal.Decimal() | uuid.UUID() | dt.timedelta():
            return str(value)
        case dict() | list() | tuple() | set() | frozenset():
            return _nested(value)
        case _:
            return plain(str(value))


def _nested(value: Any) -> Any:
    try:
        text = json.dumps(sorted(value, key=str) if isinstance(value, set | frozenset) else value, default=str)
    except (TypeError, ValueError):
        return plain(str(value))
    return json.loads(text) if len(text) <= _LONGEST_VALUE and "NaN" not in text else f"[{len(value)} items]"


def name_of(row: Any) -> str | None:
    """What a row is called: what its `audit_name()` says, or else its `title` or `name`."""
    said = row.audit_name() if hasattr(row, "audit_name") else None
    values = vars(row)  # only what is loaded already
    named = said or next((one for key in ("title", "name") if isinstance(one := values.get(key), str) and one), None)
    return None if named is None else str(named)[:_LONGEST_NAME]
