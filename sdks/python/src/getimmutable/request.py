"""One call of the API as a value, before anything is sent. Pure; `transport.py` sends it."""

import dataclasses
import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar
from urllib.parse import quote
from uuid import UUID

from getimmutable.download import File

T = TypeVar("T")


@dataclasses.dataclass(frozen=True, slots=True)
class Request(Generic[T]):
    """A call and, as its type argument, the shape of the answer.

    `repeatable`: sending it twice has the effect of sending it once. `into`: where the answer's bytes go; it is then their
    number, and no JSON.
    """

    method: str
    path: str
    params: Mapping[str, str] = dataclasses.field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    repeatable: bool = True
    into: File | None = None

    def with_param(self, name: str, value: str) -> "Request[T]":
        """The same call with one parameter more, or another value for it."""
        return dataclasses.replace(self, params={**self.params, name: value})

    def content(self) -> bytes | None:
        """The body as JSON. Raises TypeError or ValueError for what JSON cannot hold."""
        return None if self.body is None else encode(self.body)


def encode(value: object) -> bytes:
    """JSON text. Dates, UUIDs and decimals become strings; NaN and unknown objects raise ValueError or TypeError."""
    # ASCII only, so that a lone surrogate reaches the server, which refuses it in words, instead of failing here.
    return json.dumps(value, default=_plain, allow_nan=False, separators=(",", ":")).encode("ascii")


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON; give text, a number, a list or a dict")


def instant(value: str | date) -> str:
    """A time as RFC 3339 text. Raises ValueError for a datetime without a time zone, which names no instant."""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError("this datetime has no time zone; use datetime.now(timezone.utc) or .astimezone()")
    return value.isoformat()


def path(template: str, **ids: str) -> str:
    """A path with ids in it, each quoted whole: `path("/v1/events/{id}", id=...)`. Raises ValueError for an empty id."""
    return template.format(**{name: _segment(name, str(value)) for name, value in ids.items()})


def _segment(name: str, value: str) -> str:
    if not value:
        raise ValueError(f"{name} is empty")
    # A segment of dots alone would be resolved as in a file system, and so call something else.
    return quote(value, safe="", errors="replace") if value.strip(".") else value.replace(".", "%2E")


def parameters(values: Mapping[str, object]) -> dict[str, str]:
    """Query parameters as text; None is left out."""
    return {name: _text(value) for name, value in values.items() if value is not None}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return instant(value) if isinstance(value, date) else str(value)
