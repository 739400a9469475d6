"""Query parameters: what there is to ask (for the OpenAPI document), and how it is read, in the words of the contract."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from immutable import clock
from immutable.errors import BadRequest, InvalidEvent

MAX_TEXT = 255
_DAY = 86_400_000_000


class Parameter(msgspec.Struct, frozen=True):
    """A query parameter; `schema` is JSON Schema."""

    name: str
    description: str
    schema: Mapping[str, Any]


class Choice(Parameter, frozen=True):
    """A parameter that takes one of a few words, each of which means a yes or a no."""

    choices: Mapping[str, bool]


def text(name: str, description: str, example: str) -> Parameter:
    """A parameter that takes a text of up to 255 characters."""
    return Parameter(name, description, {"type": "string", "maxLength": MAX_TEXT, "examples": [example]})


def choice(name: str, description: str, choices: Mapping[str, bool]) -> Choice:
    """A parameter that takes one of `choices`."""
    return Choice(name, description, {"type": "string", "enum": list(choices)}, choices)


def flag(name: str, description: str) -> Choice:
    """A parameter that is true or false."""
    return choice(name, description, {"true": True, "false": False})


def limit(default: int, highest: int) -> Parameter:
    """How long a page may be."""
    schema = {"type": "integer", "minimum": 1, "maximum": highest, "default": default}
    return Parameter("limit", f"How many to answer, 1 to {highest:,}.", schema)


def span(what: str) -> tuple[Parameter, Parameter]:
    """`from` and `to`, on the time when an item `what` (was created, began)."""
    schema = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]}
    return (
        Parameter("from", f"Only what {what} at this time or later; a plain date is its first moment, UTC.", schema),
        Parameter("to", f"Only what {what} at this time or before; a plain date is its last moment, UTC.", schema),
    )


CURSOR = Parameter(
    "cursor",
    "Where to go on: `next_cursor` of the page before. It keeps its place while events are appended.",
    {"type": "string"},
)
LIMIT = limit(25, 100)
ACTION = text(
    "action", "The action, or the actions under a prefix: `document.*`; `*` alone is every action.", "invoice.*"
)


def texts_of(query: Mapping[str, str], parameters: Iterable[Parameter]) -> dict[str, str]:
    """The values of those `parameters` that are given. Raises BadRequest where one is too long or no pattern of ours."""
    values = {one.name: query[one.name] for one in parameters if one.name in query}
    for name, value in values.items():
        if len(value) > MAX_TEXT:
            raise BadRequest(f"{name} is longer than {MAX_TEXT} characters.")
    action = values.get("action", "")
    if "*" in (action[:-1] if action == "*" or action.endswith(".*") else action):
        raise BadRequest("action takes * only as the last segment or as a whole: document.* or *.")
    return values


def limit_of(query: Mapping[str, str], parameter: Parameter = LIMIT) -> int:
    """A number such as `limit`; raises InvalidEvent outside its range, BadRequest where it is no number."""
    name = parameter.name
    given = query.get(name)
    if given is None:
        return int(parameter.schema["default"])
    highest: int = parameter.schema["maximum"]
    if not given.isascii() or not given.removeprefix("-").isdecimal():
        raise BadRequest(f"{name} must be a whole number from 1 to {highest}.")
    if len(given) > 9 or not 1 <= int(given) <= highest:
        raise InvalidEvent(f"{name}: Use 1 to {highest}.", {name: [f"Use 1 to {highest}."]})
    return int(given)


def choice_of(query: Mapping[str, str], parameter: Choice) -> bool | None:
    """What the given word means; None where none is given. Raises BadRequest for another word."""
    given = query.get(parameter.name)
    if given is None:
        return None
    if given not in parameter.choices:
        raise BadRequest(f"{parameter.name} must be one of: {', '.join(parameter.choices)}.")
    return parameter.choices[given]


def span_of(query: Mapping[str, str]) -> tuple[int | None, int | None]:
    """`from` and `to` in microseconds, both inclusive; a plain date as `to` means the whole of that day."""
    first, last = _time(query, "from"), _time(query, "to")
    if last is not None and len(query["to"]) == len("2026-03-27"):
        last += _DAY - 1
    return first, last


def _time(query: Mapping[str, str], name: str) -> int | None:
    given = query.get(name)
    if given is None:
        return None
    try:
        # An offset's + that was not percent-encoded arrives as a space.
        return clock.from_text(given.replace(" ", "+") if "T" in given else given)
    except ValueError as error:
        raise BadRequest(f"{name}: {error}") from None
