"""The background queue: takes events at once; a thread of its own sends them in batches (`delivery.py`).

An event that was taken is acknowledged by the server, or kept in the spool (`spool.py`), or reported as unsent; there is
no other way, short of the process being killed. Memory is bounded: a full queue makes the caller wait, and then refuses.
"""

import atexit
import dataclasses
import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Self, cast

from getimmutable.delivery import deliver, is_lasting
from getimmutable.errors import ImmutableError, QueueClosedError, QueueFullError
from getimmutable.idempotency import with_key
from getimmutable.ledger import Ledger
from getimmutable.pending_event import EventBuilder
from getimmutable.request import encode
from getimmutable.retry import RetryPolicy
from getimmutable.spool import Spool
from getimmutable.transport import Attempts
from getimmutable.types import EventPayload

OnUnsent = Callable[[list[EventPayload], ImmutableError], None]
"""Is told which events were not sent, and why. Called from the queue's thread, or from the one that closes it."""

_log = logging.getLogger("getimmutable")


PATIENT = RetryPolicy(retries=sys.maxsize, first_delay_seconds=0.2, longest_delay_seconds=30.0, total_seconds=300.0)
"""How a queue retries: nobody waits for it, so it rides out a restart of the server."""


@dataclasses.dataclass(frozen=True, slots=True)
class QueueSettings:
    """How a queue works.

    Attributes:
        max_events: events held in memory; with so many, `track` waits for room.
        batch_size: most events in one request.
        linger_seconds: how long the first event of a batch waits for company.
        block_seconds: how long `track` waits for room before it raises QueueFullError; 0 refuses at once.
        exit_seconds: how long `close`, and so the exit of the interpreter, waits for what is still unsent.
        retry: how long a batch is tried before its events are spooled, or reported as unsent.
        max_bytes: like `max_events`, for their size as JSON. An event alone is taken whatever its size.
    """

    max_events: int = 10_000
    batch_size: int = 100
    linger_seconds: float = 0.05
    block_seconds: float = 5.0
    exit_seconds: float = 10.0
    retry: RetryPolicy = PATIENT
    max_bytes: int = 32 * 1024 * 1024

    def __post_init__(self) -> None:
        if self.max_events < 1 or self.batch_size < 1:
            raise ValueError("max_events and batch_size must be at least 1")


@dataclasses.dataclass(slots=True)
class QueueCounts:
    """Events since the queue was made: taken, acknowledged, reported as unsent, spooled; and requests sent again."""

    queued: int = 0
    sent: int = 0
    unsent: int = 0
    retried: int = 0
    spooled: int = 0

    @property
    def settled(self) -> int:
        """Events whose fate is known."""
        return self.sent + self.unsent + self.spooled

    @property
    def waiting(self) -> int:
        """Events that were taken and whose fate is not known yet."""
        return self.queued - self.settled


class QueuedEvent(EventBuilder[None]):
    """The builder of a queue: `track` returns as soon as the event is taken."""


class EventQueue:
    """Batches events and sends them in the background. Safe to share between threads.

    After a fork the child has an empty queue of its own, and the parent sends what it had taken.
    """

    def __init__(
        self,
        transport: Attempts,
        settings: QueueSettings | None = None,
        on_unsent: OnUnsent | None = None,
        *,
        ledger: Ledger | None = None,
        spool: Spool | None = None,
    ) -> None:
        self._transport = transport
        self._settings = settings or QueueSettings()
        self._on_unsent = on_unsent or log_unsent
        self._ledger = ledger or Ledger(None)
        self._spool = spool
        self._begin()
        _open_queues.add(self)

    def _begin(self) -> None:
        """Make all that a fork must not share: the lock, the thread, and what it was given to send."""
        self._changed = threading.Condition()  # guards all that follows
        self._waiting: list[EventPayload] = []
        self._in_flight: list[EventPayload] = []
        self._sizes: list[int] = []  # of those in flight and those waiting, in their order
        self._bytes = 0
        self._counts = QueueCounts()
        self._thread: threading.Thread | None = None
        self._flushes = 0
        self._closes_at: float | None = None
        self._is_abandoned = False
        self._settling = 0  # events that the thread is spooling or reporting just now
        self._last_failure: ImmutableError | None = None  # of the batch in flight

    def track(self, payload: EventPayload) -> None:
        """Take an event. `occurred_at` becomes now where it is not given.

        Waits for room up to `block_seconds`, then raises QueueFullError. Raises QueueClosedError after `close`, and
        TypeError or ValueError for what JSON cannot hold.
        """
        event, size = _snapshot(payload)
        with self._changed:
            self._changed.wait_for(lambda: self._is_closed() or self._has_room(size), self._settings.block_seconds)
            if self._is_closed():
                raise QueueClosedError("The queue is closed; the event was not taken")
            if not self._has_room(size):
                held = f"{self._counts.waiting} events of {self._bytes} bytes"
                raise QueueFullError(f"The queue is full, it holds {held}; this event was not taken")
            self._start()
            self._waiting.append(cast("EventPayload", self._ledger.numbered(event)))
            self._sizes.append(size)
            self._bytes += size
            self._count("queued", 1)
            self._changed.notify_all()

    def actor(self, actor_id: str, *, name: str | None = None, type: str | None = None) -> QueuedEvent:  # noqa: A002
        """Start building events of an actor."""
        return QueuedEvent(self, {"id": actor_id, "name": name, "type": type})

    def not_taken(self, payload: EventPayload, error: ImmutableError) -> None:
        """For a caller that cannot keep an event which `track` refused: spool it, or give it up and report it."""
        event = cast("EventPayload", self._ledger.numbered(_snapshot(payload)[0]))
        fate = self._kept_or_reported([event], error)
        with self._changed:
            self._count("queued", 1)
            self._count(fate, 1)

    @property
    def counts(self) -> QueueCounts:
        """The counts as they are now."""
        with self._changed:
            return dataclasses.replace(self._counts)

    def flush(self, timeout: float | None = None) -> bool:
        """Wait until all events taken so far are sent or reported; False if `timeout` seconds did not suffice."""
        with self._changed:
            goal = self._counts.queued
            self._flushes += 1
            self._changed.notify_all()
            try:
                return self._changed.wait_for(lambda: self._counts.settled >= goal, timeout)
            finally:
                self._flushes -= 1

    def close(self, timeout: float | None = None) -> bool:
        """Take no more, send what waits, and report what could not be sent in `timeout` seconds (`exit_seconds`).

        True if nothing was left over. Closing again does nothing more.
        """
        with self._changed:
            if self._closes_at is None:
                self._closes_at = time.monotonic() + (self._settings.exit_seconds if timeout is None else timeout)
                self._changed.notify_all()
            self._changed.wait_for(lambda: self._counts.waiting == 0, self._closes_at - time.monotonic())
            left, failure = self._in_flight + self._waiting, self._last_failure
            if left:
                self._is_abandoned = True
                self._in_flight, self._waiting = [], []
            # What the thread is spooling just now must reach the disk before the process may end.
            if threading.current_thread() is not self._thread:
                self._changed.wait_for(lambda: self._settling == 0, self._settings.exit_seconds)
        _open_queues.discard(self)
        if left:
            why = "The queue was closed before the server acknowledged the events"
            error = QueueClosedError(why if failure is None else f"{why}; the last try failed: {failure}")
            fate = self._kept_or_reported(left, error)
            with self._changed:
                self._count(fate, len(left))
                self._changed.notify_all()
        self._transport.close()
        return not left

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _is_closed(self) -> bool:
        return self._closes_at is not None

    def _has_room(self, size: int) -> bool:
        fits = self._bytes + size <= self._settings.max_bytes or self._counts.waiting == 0
        return fits and self._counts.waiting < self._settings.max_events

    def _count(self, name: str, number: int) -> None:
        """Count events here and for the client. The lock is held."""
        setattr(self._counts, name, getattr(self._counts, name) + number)
        self._ledger.count("given_up" if name == "unsent" else name, number)

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="getimmutable-queue", daemon=True)
            self._thread.start()
            _close_at_exit_of_child()

    # From here on: what the thread does.

    def _work(self) -> None:
        while batch := self._next_batch():
            try:
                for events, error in deliver(batch, self._transport, self._settings.retry, self._pause):
                    self._settle(events, error)
            except Exception as error:  # noqa: BLE001 - whatever it is, the events must be reported and the rest sent
                self._settle(list(self._in_flight), ImmutableError(f"{type(error).__name__}: {error}"))

    def _next_batch(self) -> list[EventPayload]:
        """Wait for events, and a moment longer for company; empty once the queue is closed and nothing waits."""
        size = self._settings.batch_size
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._is_closed())
            self._changed.wait_for(
                lambda: len(self._waiting) >= size or self._flushes or self._is_closed(), self._settings.linger_seconds
            )
            self._in_flight, self._waiting = self._waiting[:size], self._waiting[size:]
            self._last_failure = None
            return list(self._in_flight)

    def _pause(self, seconds: float, failure: ImmutableError) -> bool:
        """Wait for the next try. Where the queue has to be closed before that: at once, and False, it is the last."""
        until = time.monotonic() + seconds
        with self._changed:
            self._last_failure = failure
            self._count("retried", 1)
            return not self._changed.wait_for(
                lambda: self._closes_at is not None and self._closes_at < until, until - time.monotonic()
            )

    def _settle(self, events: list[EventPayload], error: ImmutableError | None) -> None:
        """Count events whose fate is known, from the front of those in flight; report them first if it is a bad one."""
        with self._changed:
            if self._is_abandoned:
                return
            del self._in_flight[: len(events)]
            self._bytes -= sum(self._sizes[: len(events)])
            del self._sizes[: len(events)]
            self._settling = len(events)
        fate = "sent" if error is None else self._kept_or_reported(events, error)
        with self._changed:
            self._count(fate, len(events))
            self._settling = 0
            self._changed.notify_all()

    def _kept_or_reported(self, events: list[EventPayload], error: ImmutableError) -> str:
        """Spool what may be sent another time, or report it; which of both was done, as the counter's name."""
        if self._spool is not None and not is_lasting(error):
            try:
                self._spool.write(events)
            except OSError as trouble:
                _log.error("%d events could not be spooled: %s", len(events), trouble)
            else:
                return "spooled"
        self._report(events, error)
        return "unsent"

    def _report(self, events: list[EventPayload], error: ImmutableError) -> None:
        try:
            self._on_unsent(events, error)
        except Exception:  # noqa: BLE001 - the caller's code; it is logged, and the queue goes on
            _log.exception("on_unsent failed; %d events were not sent: %s", len(events), error)


def _snapshot(payload: EventPayload) -> tuple[EventPayload, int]:
    """The event as it is now, and its size: later changes to the caller's dicts change nothing, and JSON surely holds it."""
    event = with_key(payload)
    event["occurred_at"] = event.get("occurred_at") or datetime.now(UTC)
    content = encode(event)
    return cast("EventPayload", json.loads(content)), len(content)


def log_unsent(events: list[EventPayload], error: ImmutableError) -> None:
    """Log how many events were not sent and why, and nothing of their content."""
    _log.error("%d events could not be sent: %s (%s)", len(events), error, error.message)


_open_queues: set[EventQueue] = set()


@atexit.register
def close_open_queues() -> None:
    """Send what all queues hold and close them, as happens when the interpreter exits."""
    for queue in list(_open_queues):
        queue.close()


def _close_at_exit_of_child() -> None:
    """`multiprocessing` ends its children without `atexit`, but runs finalizers of its own."""
    util = sys.modules.get("multiprocessing.util")
    if util is not None:
        util.Finalize(None, close_open_queues, exitpriority=100)


def _begin_again() -> None:
    for queue in _open_queues:
        queue._begin()  # noqa: SLF001 - a fork concerns this module alone


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_again)
