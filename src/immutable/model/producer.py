"""Which numbers of a producer's run came, as ranges: what is missing between them shows that events were lost. Pure.

Bounded: a run keeps at most MAX_RANGES ranges; beyond that its oldest gap is forgotten, and counted as forgotten.
"""

from bisect import bisect_right
from collections.abc import Iterator

import msgspec

from immutable.model.event import Producer

MAX_RANGES = 200
GRACE = 60_000_000
"""Microseconds after which a number that did not come counts as missing: until then it may be on its way."""


class Span(msgspec.Struct, array_like=True, gc=False):
    """Numbers that came, both ends included, and since when there is a hole before them (microseconds)."""

    first: int
    last: int
    since: int


class ProducerRun(msgspec.Struct, gc=False):
    """What came of one run of a producer. `begin`: the number from which nothing may be missing."""

    producer: str
    run: str | None
    begin: int = 1
    received: int = 0
    forgotten: int = 0
    last_received_at: int = 0
    spans: list[Span] = msgspec.field(default_factory=list)

    def receive(self, number: int, at: int) -> None:
        """Take note of a number that came at `at`; one that came before changes nothing but the time."""
        self.last_received_at = max(self.last_received_at, at)
        spans = self.spans
        place = bisect_right(spans, number, key=lambda span: span.first)
        before = spans[place - 1] if place else None
        if number < self.begin or (before is not None and number <= before.last):
            return
        self.received += 1
        after = spans[place] if place < len(spans) else None
        joins_before = before is not None and before.last + 1 == number
        if after is not None and number + 1 == after.first:
            after.first = number
            if before is not None and joins_before:
                before.last = after.last
                del spans[place]
        elif before is not None and joins_before:
            before.last = number
        else:
            # Inside a hole, the part before it is as old as the hole was.
            spans.insert(place, Span(number, number, at if after is None else after.since))
        if len(spans) > MAX_RANGES:
            self._forget_oldest_hole()

    def gaps(self, now: int) -> Iterator[tuple[int, int]]:
        """The numbers that are missing at `now`, as ranges with both ends included, ascending."""
        expected = self.begin
        for span in self.spans:
            if span.first > expected and span.since + GRACE <= now:
                yield expected, span.first - 1
            expected = span.last + 1

    def _forget_oldest_hole(self) -> None:
        first, second = self.spans[:2]
        self.forgotten += second.first - first.last - 1
        first.last = second.last
        del self.spans[1]


encode_run = msgspec.msgpack.Encoder().encode
decode_run = msgspec.msgpack.Decoder(ProducerRun).decode


def received(runs: dict[tuple[str, str | None], ProducerRun], producer: Producer, at: int, *, is_first: bool) -> None:
    """Take note of an event's number in the run that it belongs to.

    `is_first`: whether a run that is not among `runs` is surely new, so that its numbers begin with 1.
    """
    key = (producer.id, producer.run)
    run = runs.get(key)
    if run is None:
        begin = 1 if is_first else producer.sequence
        run = runs[key] = ProducerRun(producer.id, producer.run, begin)
    run.receive(producer.sequence, at)
