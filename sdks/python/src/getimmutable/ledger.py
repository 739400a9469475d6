"""What became of a client's events: their numbers as a producer, and the counters that tell that none is lost unseen."""

import dataclasses
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from getimmutable.request import Request

T = TypeVar("T")


@dataclasses.dataclass(frozen=True, slots=True)
class Stats:
    """A client's events since it was made, its queues' included; and requests that were sent again.

    Attributes:
        queued: events given to the client to send.
        sent: acknowledged by the server.
        retried: requests that were sent again.
        given_up: neither sent nor kept: raised to the caller, or reported to `on_give_up`.
        spooled: written to the spool. One that is replayed counts as queued once more.
    """

    queued: int = 0
    sent: int = 0
    retried: int = 0
    given_up: int = 0
    spooled: int = 0


class Ledger:
    """Numbers and counts events. Safe to share between threads; a forked child is a producer run of its own."""

    def __init__(self, producer: str | None) -> None:
        if producer is not None and not 1 <= len(producer) <= 255:
            raise ValueError("producer is a name of 1 to 255 characters, such as 'web-3'")
        self._producer = producer
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._run = os.urandom(8).hex()
        self._made = 0
        self._counts: dict[str, int] = {}

    def numbered(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The event with its number, where the client is a producer: from 1, without gaps, in the order of the calls."""
        if self._producer is None or event.get("producer") is not None:
            return dict(event)
        self._settle_after_fork()
        with self._lock:
            self._made += 1
            number = {"id": self._producer, "run": self._run, "sequence": self._made}
        return {**event, "producer": number}

    def count(self, name: str, number: int = 1) -> None:
        """Add to a counter of `Stats`."""
        self._settle_after_fork()
        with self._lock:
            self._counts[name] = self._counts.get(name, 0) + number

    def count_retry(self) -> None:
        """A request is sent again."""
        self.count("retried")

    @property
    def stats(self) -> Stats:
        """The counters as they are now."""
        self._settle_after_fork()
        with self._lock:
            return Stats(**self._counts)

    def begin(self, request: Request[T]) -> Request[T]:
        """A request with events, each with its number; counted. Raises for what JSON cannot hold, before numbering it."""
        request.content()
        body = request.body or {}
        if "events" not in body:
            self.count("queued")
            return dataclasses.replace(request, body=self.numbered(body))
        self.count("queued", len(body["events"]))
        return dataclasses.replace(request, body={**body, "events": [self.numbered(one) for one in body["events"]]})

    @contextmanager
    def watched(self, request: Request[Any]) -> "Iterator[list[Any]]":
        """Put the answer into the list; what was sent and what was not is counted at the end, also after an error."""
        events, answers = (request.body or {}).get("events", [None]), list[Any]()
        try:
            yield answers
        finally:
            receipts = [one for answer in answers for one in answer.get("events", [answer])]
            rejected = sum(1 for one in receipts if one.get("status") == "rejected")
            self.count("sent", len(receipts) - rejected)
            self.count("given_up", len(events) - (len(receipts) - rejected))

    def _settle_after_fork(self) -> None:
        # A child that went on with its parent's run would give other events the same numbers.
        if self._process != os.getpid():
            self._begin()
