"""Delivers one batch of the background queue: retries, splits what the server refuses as a whole, tells every event's fate."""

import time
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

from getimmutable.errors import ImmutableError
from getimmutable.outcome import Answer
from getimmutable.request import Request
from getimmutable.retry import RetryPolicy
from getimmutable.transport import Attempts
from getimmutable.types import EventPayload

Fate = tuple[list[EventPayload], ImmutableError | None]
"""Events, and why they were not sent; None for those that the server acknowledged."""

Pause = Callable[[float, ImmutableError], bool]
"""Waits that many seconds after a failure; False where the wait was cut short, so that the next try has to be the last."""

_SPLIT = frozenset({400, 413, 422})
"""The server refused the request as a whole, for its size or for an event that it could not read."""


def is_lasting(error: ImmutableError) -> bool:
    """Whether the events themselves are refused, so that sending them later would fail the same way."""
    return error.status_code in _SPLIT


def deliver(batch: list[EventPayload], transport: Attempts, retry: RetryPolicy, pause: Pause) -> Iterator[Fate]:
    """Send until each event is acknowledged or given up; fates come in the order of the events, each event once."""
    request: Request[Any] = Request("POST", "/v1/events/batch", body={"events": batch})
    started, may_go_on = time.monotonic(), True
    for retries_done in count():
        outcome = transport.attempt(request)
        if isinstance(outcome, Answer):
            yield from _fates(batch, outcome.data)
            return
        if len(batch) > 1 and outcome.error.status_code in _SPLIT:
            # Halving finds the one event that spoils the rest, and fits a server with a lower limit.
            half = len(batch) // 2
            yield from deliver(batch[:half], transport, retry, pause)
            yield from deliver(batch[half:], transport, retry, pause)
            return
        delay = None
        if outcome.may_retry and may_go_on:
            elapsed, asked = time.monotonic() - started, outcome.error.retry_after
            delay = retry.delay(retries_done=retries_done, elapsed_seconds=elapsed, retry_after=asked)
        if delay is None:
            yield batch, outcome.error
            return
        may_go_on = pause(delay, outcome.error)


def _fates(batch: list[EventPayload], answer: dict[str, Any]) -> Iterator[Fate]:
    receipts = answer.get("events")
    if not isinstance(receipts, list) or len(receipts) != len(batch):
        yield batch, ImmutableError("The server's answer does not name each event of the batch", 0, answer)
        return
    for event, receipt in zip(batch, receipts, strict=True):
        rejected = receipt.get("status") == "rejected"
        yield [event], ImmutableError(receipt.get("error") or "rejected", 422, receipt) if rejected else None
