"""Group commit: what arrives while one commit is on its way to disk goes into the next, all in one transaction.

One thread per process appends; where each workspace has a transaction of its own (`LogStore.appends_apart`) several do,
one workspace at a time each. Requests hand in drafts and get a future, which is answered only after the commit. Waiting
drafts are bounded in number and bytes; beyond that `submit` refuses, and the client is told to come back.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import structlog

from immutable import clock
from immutable.errors import ImmutableError, Overloaded
from immutable.log.append import append_batch
from immutable.model.event import EventDraft, Receipt
from immutable.model.workspace import Workspace
from immutable.store.log_store import APPENDS_AT_ONCE, LogStore
from immutable.telemetry import metrics
from immutable.telemetry.tracing import Tracing

_log = structlog.get_logger(__name__)

Outcome = list[Receipt] | ImmutableError


_LOAD_EVENTS = 16
_LOAD_SECONDS = 0.1


class _Submission(msgspec.Struct, gc=False):
    workspace: Workspace
    drafts: Sequence[EventDraft]
    size: int
    future: asyncio.Future[list[Receipt]]
    at: float
    request: Any
    """The span of its request, where it is traced."""


class Appender:
    """Appends for every request of the process, one group after the other; of one workspace, where each is appended apart."""

    def __init__(
        self,
        store: LogStore,
        *,
        max_events: int,
        max_bytes: int,
        commit_events: int,
        silence: int,
        now: Callable[[], int] = clock.now,
        tracing: Tracing | None = None,
    ) -> None:
        self._store = store
        self._max_events = max_events
        self._max_bytes = max_bytes
        self._commit_events = commit_events
        self._silence = silence
        self._now = now
        self._tracing = tracing
        self._changed = threading.Condition()
        self._waiting: list[_Submission] = []  # guarded by _changed, as are the next two
        self._busy: set[int] = set()
        self._closing = False
        self._arrived: list[_Submission] = []  # of the event loop's thread, as are the next three
        self._unanswered: dict[int, _Submission] = {}  # by identity, in the order in which they came
        self._waiting_events = 0
        self._waiting_bytes = 0
        self._last_size, self._last_commit = 0, 0.0
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start appending."""
        self._add_threads()

    @property
    def is_under_load(self) -> bool:
        """Whether commits are large and follow each other closely."""
        return self._last_size >= _LOAD_EVENTS and time.monotonic() - self._last_commit < _LOAD_SECONDS

    @property
    def is_closing(self) -> bool:
        """Whether new events are refused because the process is stopping."""
        return self._closing

    def close(self) -> None:
        """Commit what is waiting, then stop. Call it from the event loop's thread, or when no loop runs any more."""
        with self._changed:
            self._waiting += self._arrived  # also what came in this turn of the loop
            self._arrived = []
            self._closing = True
            self._changed.notify_all()
        for thread in self._threads:  # whoever may still add some is the first one, and is joined first
            thread.join()

    def submit(self, workspace: Workspace, drafts: Sequence[EventDraft], size: int) -> asyncio.Future[list[Receipt]]:
        """Hand in drafts of `size` bytes; the future holds their receipts once they are durable.

        The drafts stay together, in their order. Raises Overloaded, and keeps nothing, where too much is waiting.
        Call it from the event loop's thread.
        """
        if self._closing:
            raise Overloaded("The server is stopping. Try again in a few seconds.", 2)
        waiting = self._waiting_events
        if waiting and (waiting + len(drafts) > self._max_events or self._waiting_bytes + size > self._max_bytes):
            metrics.PUSHBACK.inc()
            raise Overloaded(f"{waiting} events are waiting to be written. Try again in a second.", 1)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[list[Receipt]] = loop.create_future()
        if not self._arrived:
            loop.call_soon(self._hand_over)
        request = None if self._tracing is None else self._tracing.current()
        submission = _Submission(workspace, drafts, size, future, time.monotonic(), request)
        self._arrived.append(submission)
        self._unanswered[id(submission)] = submission
        self._waiting_events += len(drafts)
        self._waiting_bytes += size
        return future

    def expire(self, seconds: float) -> None:
        """Answer 503 to whoever has waited longer than this. Call it from the event loop's thread.

        The events stay where they are: a database that hangs may yet commit them.
        """
        before = time.monotonic() - seconds
        for submission in self._unanswered.values():
            if submission.at > before:
                break
            if not submission.future.done():
                text = (
                    f"The database has not answered for {seconds:g} seconds. The events may or may not be stored: send "
                    "them again with the same idempotency keys."
                )
                submission.future.set_exception(Overloaded(text, 5))

    def _hand_over(self) -> None:
        """Give the appending thread all that came in one turn of the loop: it is woken once, and commits it together."""
        with self._changed:
            self._waiting += self._arrived
            self._arrived = []
            self._changed.notify()

    def _add_threads(self) -> None:
        """Be one, or as many as append at once: also where that turned out after the start."""
        while len(self._threads) < (APPENDS_AT_ONCE if self._store.appends_apart else 1):
            self._threads.append(threading.Thread(target=self._run, name="appender", daemon=True))
            self._threads[-1].start()

    def _run(self) -> None:
        while group := self._next_group():
            started = time.perf_counter()
            outcomes = self._append_together(group) if self._tracing is None else self._traced(self._tracing, group)
            metrics.COMMIT_SECONDS.observe(time.perf_counter() - started)
            events = sum(len(submission.drafts) for submission in group)
            metrics.COMMIT_EVENTS.observe(events)
            # Where each commit is of one workspace, what is under way for all of them tells the load.
            size = self._waiting_events if self._store.appends_apart else events
            self._last_size, self._last_commit = size, time.monotonic()
            self._answer(group, outcomes)
            self._done(group)

    def _next_group(self) -> list[_Submission]:
        """Wait for submissions and take as many as one commit may hold; empty once closed and drained."""
        with self._changed:
            while True:
                group = self._take_apart() if self._store.appends_apart else self._take(self._waiting)
                if group or (self._closing and not self._waiting):
                    return group
                self._changed.wait()

    def _take(self, waiting: list[_Submission]) -> list[_Submission]:
        """The first ones, as many as one commit may hold."""
        events = taken = 0
        for submission in waiting:
            if taken and events + len(submission.drafts) > self._commit_events:
                break
            events += len(submission.drafts)
            taken += 1
        group, waiting[:taken] = waiting[:taken], []
        return group

    def _take_apart(self) -> list[_Submission]:
        """Those of one workspace that no other thread appends to: its commits come one after the other, in order."""
        number = next((number for number in map(_number, self._waiting) if number not in self._busy), None)
        if number is None:
            return []
        own = [one for one in self._waiting if _number(one) == number]
        group = self._take(own)
        # What did not fit goes to the end: the others are next.
        self._waiting = [one for one in self._waiting if _number(one) != number] + own
        self._busy.add(number)
        if self._waiting:
            self._changed.notify()  # there may be something for another thread
        return group

    def _done(self, group: Sequence[_Submission]) -> None:
        """Let the next group of its workspace be taken. This thread looks for one now; the others may wait for the end."""
        number = _number(group[0])
        if number in self._busy:  # only the thread that put it there takes it away
            with self._changed:
                self._busy.discard(number)
                if self._closing:
                    self._changed.notify_all()
        if threading.current_thread() is self._threads[0]:
            self._add_threads()

    def _traced(self, tracing: Tracing, group: Sequence[_Submission]) -> list[Outcome]:
        events = sum(len(one.drafts) for one in group)
        with tracing.commit([one.request for one in group], events) as span:
            outcomes = self._append_together(group)
            if any(isinstance(outcome, ImmutableError) for outcome in outcomes):
                tracing.failed(span)
            return outcomes

    def _append_together(self, group: Sequence[_Submission]) -> list[Outcome]:
        try:
            return list(self._commit(group))
        except ImmutableError as error:
            _log.error("append_failed", error=error.message, events=sum(len(one.drafts) for one in group))
            return [error] * len(group)
        except Exception:  # noqa: BLE001 - logged; the clients are told that nothing was stored
            _log.exception("append_failed", submissions=len(group))
            if len(group) == 1:
                return [Overloaded("The event could not be stored; the server's log says why. Nothing was stored.", 5)]
            # One submission that cannot be stored must not take the others of its group with it.
            return [outcome for submission in group for outcome in self._append_together([submission])]

    def _commit(self, group: Sequence[_Submission]) -> list[list[Receipt]]:
        by_workspace: dict[int, list[_Submission]] = {}
        for submission in sorted(group, key=_number):  # one order everywhere, so that processes never wait in a circle
            by_workspace.setdefault(submission.workspace.number, []).append(submission)
        receipts: dict[int, list[Receipt]] = {}
        with self._store.append() as transaction:
            batches = [
                (submissions[0].workspace, [draft for submission in submissions for draft in submission.drafts])
                for submissions in by_workspace.values()
            ]
            transaction.lock_heads([workspace for workspace, _ in batches])
            transaction.read_ahead(batches)
            for (workspace, drafts), submissions in zip(batches, by_workspace.values(), strict=True):
                appended = append_batch(transaction, workspace, drafts, now=self._now(), silence=self._silence)
                start = 0
                for submission in submissions:
                    receipts[id(submission)] = appended[start : start + len(submission.drafts)]
                    start += len(submission.drafts)
        # Durable from here on: only now may anyone be told.
        events = sum(map(len, receipts.values()))
        duplicates = sum(receipt.is_duplicate for appended in receipts.values() for receipt in appended)
        metrics.QUEUED.inc(events - duplicates)
        metrics.DUPLICATES.inc(duplicates)
        return [receipts[id(submission)] for submission in group]

    def _answer(self, group: Sequence[_Submission], outcomes: Sequence[Outcome]) -> None:
        """Wake the requests, with one hop to the event loop."""
        loop = group[0].future.get_loop()
        try:
            loop.call_soon_threadsafe(self._set_results, group, outcomes)
        except RuntimeError:  # the loop has ended, and its clients with it; the events are in the log all the same
            _log.warning("answers_lost", submissions=len(group))

    def _set_results(self, group: Sequence[_Submission], outcomes: Sequence[Outcome]) -> None:
        for submission, outcome in zip(group, outcomes, strict=True):
            self._waiting_events -= len(submission.drafts)
            self._waiting_bytes -= submission.size
            del self._unanswered[id(submission)]
            future = submission.future
            if future.done():  # the client went away
                continue
            if isinstance(outcome, ImmutableError):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)


def _number(submission: _Submission) -> int:
    return submission.workspace.number
