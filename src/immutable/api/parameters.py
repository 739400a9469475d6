"""Query parameters as values: limit, order, times. Each says what is wrong in the words of the contract."""

from collections.abc import Mapping

from immutable import clock
from immutable.errors import BadRequest, InvalidEvent

DEFAULT_LIMIT = 25
MAX_LIMIT = 100
_DAY = 86_400_000_000


def limit_of(query: Mapping[str, str], default: int = DEFAULT_LIMIT, highest: int = MAX_LIMIT) -> int:
    """`limit`; raises InvalidEvent outside 1 to `highest`, BadRequest where it is no number."""
    text = query.get("limit")
    if text is None:
        return default
    if not text.lstrip("-").isdecimal() or not text.isascii():
        raise BadRequest(f"limit must be a whole number from 1 to {highest}.")
    if len(text) > 9 or not 1 <= int(text) <= highest:
        raise InvalidEvent(f"limit: Use 1 to {highest}.", {"limit": [f"Use 1 to {highest}."]})
    return int(text)


def choice_of(query: Mapping[str, str], name: str, choices: Mapping[str, bool]) -> bool | None:
    """A parameter that takes one of a few words."""
    text = query.get(name)
    if text is None:
        return None
    if text not in choices:
        raise BadRequest(f"{name} must be one of: {', '.join(choices)}.")
    return choices[text]


def span_of(query: Mapping[str, str]) -> tuple[int | None, int | None]:
    """`from` and `to` in microseconds, both inclusive; a plain date as `to` means the whole of that day."""
    first, last = _time(query, "from"), _time(query, "to")
    if last is not None and len(query["to"]) == len("2026-03-27"):
        last += _DAY - 1
    return first, last


def _time(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name)
    if text is None:
        return None
    try:
        return clock.from_text(text.replace(" ", "+") if "T" in text else text)
    except ValueError as error:
        raise BadRequest(f"{name}: {error}") from None
