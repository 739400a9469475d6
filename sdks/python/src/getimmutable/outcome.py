"""What one attempt to send a request came to: an answer, or a failure that may be tried again or not. Pure."""

import dataclasses
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2

from getimmutable.errors import ImmutableError
from getimmutable.request import Request

_REFUSED = frozenset({429, 503})
_GATEWAY = frozenset({502, 504})
_NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
_LOST = (httpx2.TimeoutException, httpx2.NetworkError, httpx2.RemoteProtocolError, httpx2.ProxyError)


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """The JSON of an answer that is no error."""

    data: Any


@dataclasses.dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong in one attempt, and whether another can do no harm."""

    error: ImmutableError
    may_retry: bool
    cause: Exception | None = None


def failure_of(error: httpx2.HTTPError, request: Request[Any]) -> Failure:
    """No answer came. What surely was not sent may be sent again; what may have arrived, only if that is harmless."""
    timed_out = isinstance(error, httpx2.TimeoutException)
    told = ImmutableError("Request timed out" if timed_out else f"HTTP error: {error or type(error).__name__}")
    may_retry = isinstance(error, _NOT_SENT) or (request.repeatable and isinstance(error, _LOST))
    return Failure(told, may_retry, error)


def outcome_of(response: httpx2.Response, request: Request[Any]) -> Answer | Failure:
    """An answer came, whatever it is: ours, or a proxy's page."""
    status = response.status_code
    try:
        data = json.loads(response.content)
    except (ValueError, RecursionError):
        data = None
    if 200 <= status < 300 and isinstance(data, dict):
        return Answer(data)
    content = data if isinstance(data, dict) else {}
    code = content.get("error") or content.get("message") or _without_words(status)
    retry_after = seconds_of(response.headers)
    told = ImmutableError(str(code), status, content, retry_after=retry_after)
    return Failure(told, status in _REFUSED or (request.repeatable and status in _GATEWAY))


def _without_words(status: int) -> str:
    if status < 300:
        return f"HTTP {status}, but the answer is not the API's JSON; is base_url the address of an Immutable server?"
    if status < 400:
        return f"HTTP {status}: the server redirects; give its final address as base_url"
    return f"HTTP {status}"


def seconds_of(headers: Mapping[str, str]) -> float | None:
    """The seconds to wait that `Retry-After` asks for, given as a number or as a date; None without or if unreadable."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        then = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):  # the parser's ways to say that it is no date
        return None
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    return max(0.0, (then - datetime.now(UTC)).total_seconds())
