"""Reading JSON from a stranger: whole numbers, no member twice, no surprise types, no traceback. Raises Refused."""

import json
import re
from collections.abc import Iterator
from typing import Any

from immutable_verify.findings import Refused

MAX_NUMBER = 2**53 - 1
MAX_DIGITS, MAX_DEPTH = 16, 32
_HEX = re.compile("(?:[0-9a-f]{2})*", re.ASCII)


def parse(data: bytes, what: str) -> dict[str, Any]:
    """The JSON object in these bytes."""
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_once,
            parse_int=_whole,
            parse_float=_whole,
            parse_constant=_whole,
        )
        is_deep = _is_deep(value, MAX_DEPTH)
    except (ValueError, RecursionError):
        raise Refused(f"{what} is not well-formed JSON, or has what no pack has.") from None
    if is_deep or not isinstance(value, dict):
        raise Refused(f"{what} is not a JSON object.")
    return value


def lines(data: bytes, what: str, *, in_one_form: bool = False) -> Iterator[dict[str, Any]]:
    """The JSON object of each line; the last line ends too. `in_one_form`: no other bytes may say the same."""
    if data and not data.endswith(b"\n"):
        raise Refused(f"{what} ends in the middle of a line.")
    for number, line in enumerate(data.split(b"\n")[:-1], 1):
        value = parse(line, f"Line {number} of {what}")
        if (
            in_one_form
            and json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") != line
        ):
            raise Refused(f"Line {number} of {what} is not written in the one form that an export has.")
        yield value


def text(holder: dict[str, Any], name: str, what: str) -> str:
    """A member that is text."""
    value = holder.get(name)
    if not isinstance(value, str):
        raise Refused(f"{what}: `{name}` is not text.")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Refused(f"{what}: `{name}` is not valid text.") from None
    return value


def number(holder: dict[str, Any], name: str, what: str) -> int:
    """A member that is a whole number, 0 or more."""
    value = holder.get(name)
    if type(value) is not int or not 0 <= value <= MAX_NUMBER:
        raise Refused(f"{what}: `{name}` is not a whole number.")
    return value


def hexed(holder: dict[str, Any], name: str, what: str, size: int = 32) -> bytes:
    """A member that is bytes in lower-case hex."""
    return unhex(text(holder, name, what), f"{what}: `{name}`", size)


def unhex(value: Any, what: str, size: int = 32) -> bytes:  # noqa: ANN401: it may be anything; that is checked
    """Bytes from lower-case hex."""
    if not isinstance(value, str) or len(value) != 2 * size or _HEX.fullmatch(value) is None:
        raise Refused(f"{what} is not {size} bytes in hex.")
    return bytes.fromhex(value)


def members(holder: dict[str, Any], name: str, what: str) -> dict[str, Any]:
    """A member that is an object."""
    value = holder.get(name)
    if not isinstance(value, dict):
        raise Refused(f"{what}: `{name}` is not an object.")
    return value


def items(holder: dict[str, Any], name: str, what: str) -> list[Any]:
    """A member that is a list."""
    value = holder.get(name)
    if not isinstance(value, list):
        raise Refused(f"{what}: `{name}` is not a list.")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member is there twice")
    return found


def _whole(text: str) -> int:
    if not text.removeprefix("-").isdecimal() or len(text) > MAX_DIGITS:
        raise ValueError("a number has a point, an exponent or too many digits")
    return int(text)


def _is_deep(value: object, left: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return left <= 0 or any(_is_deep(one, left - 1) for one in inner if isinstance(one, dict | list))
