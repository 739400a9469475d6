"""Sends events to a server in batches, and tries again where the server or the network asks for patience.

Every event sent here carries an idempotency key, so that a batch whose answer was lost can be sent again.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any, Self

import httpx2
import msgspec

from immutable.cli.source import answer_of, client_settings, unreachable

MAX_EVENTS = 100
MAX_BYTES = 8 * 1_048_576
_ATTEMPTS = 10
_LONGEST_WAIT_SECONDS = 30.0


class Sender:
    """A connection to a server, for batches of events. Use it as a context manager."""

    def __init__(self, url: str, key: str | None, wait: Callable[[float], None] = time.sleep) -> None:
        self._client = httpx2.Client(**client_settings(url, key))
        self._wait = wait

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def send(self, bodies: Sequence[bytes]) -> list[dict[str, Any]]:
        """Send up to MAX_EVENTS events; the answer for each: status, and for a rejected one the message.

        Raises ImmutableError where the server refuses the whole batch, or does not take it after several attempts.
        """
        body = b'{"events":[' + b",".join(bodies) + b"]}"
        for attempt in range(1, _ATTEMPTS + 1):
            last = attempt == _ATTEMPTS
            try:
                response = self._client.post(
                    "/api/v1/events/batch", content=body, headers={"content-type": "application/json"}
                )
            except httpx2.TransportError as error:
                if last:
                    raise unreachable(self._client.base_url, error) from error
                self._wait(_backoff(attempt))
                continue
            if response.status_code in {429, 502, 503, 504} and not last:
                self._wait(_asked_wait(response) or _backoff(attempt))
                continue
            if response.status_code == 422 and (rejected := _all_rejected(response, len(bodies))):
                return rejected
            answers: list[dict[str, Any]] = answer_of(response)["events"]
            return answers
        raise AssertionError("the last attempt returns or raises")


def _backoff(attempt: int) -> float:
    """0.5, 1, 2, 4 ... seconds."""
    return min(0.25 * 2.0**attempt, _LONGEST_WAIT_SECONDS)


def _asked_wait(response: httpx2.Response) -> float | None:
    text = response.headers.get("retry-after", "")
    return min(float(text), _LONGEST_WAIT_SECONDS) if text.isdecimal() else None


def _all_rejected(response: httpx2.Response, count: int) -> list[dict[str, Any]] | None:
    """With no valid event in it a batch is answered as a whole; what it says of each, None where it is something else."""
    try:
        errors = msgspec.json.decode(response.content, type=_Rejection).errors
    except msgspec.MsgspecError:
        return None
    messages: dict[int, str] = {}
    for path, texts in errors.items():
        head, _, rest = path.partition(".")
        index, _, field = rest.partition(".")
        if head == "events" and index.isdecimal() and texts:
            messages.setdefault(int(index), f"{field}: {texts[0]}" if field else texts[0])
    if set(messages) != set(range(count)):
        return None
    return [{"id": None, "status": "rejected", "message": messages[index]} for index in range(count)]


class _Rejection(msgspec.Struct):
    errors: dict[str, list[str]]
