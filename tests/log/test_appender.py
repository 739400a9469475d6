"""Group commit with a real store: what is committed together, what is refused, and what becomes of trouble."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import ExitStack
from itertools import count
from typing import Any

import pytest
from tests.log.conftest import Blocked
from tests.logs import SILENCE, START, Log, event
from tests.waiting import PATIENCE

from immutable.errors import Overloaded
from immutable.integrity.record import decode_record
from immutable.log.appender import Appender
from immutable.model.event import EventDraft, Receipt

LONE_SURROGATE = "\ud800"
"""What cannot be encoded, and so makes an append raise in the middle of its transaction."""


class Harness:
    """An appender on a log, and a clock that counts its commits."""

    def __init__(self, log: Log, **limits: int) -> None:
        self.log = log
        self.commits = 0
        bounds = {"max_events": 1_000, "max_bytes": 1_000_000, "commit_events": 500} | limits
        self.appender = Appender(log.store, silence=SILENCE, now=self._now, **bounds)
        self.appender.start()

    def _now(self) -> int:
        self.commits += 1
        return START + self.commits * 1_000_000

    def submit(self, *drafts: EventDraft, size: int = 1) -> Awaitable[list[Receipt]]:
        """Hand in drafts."""
        return self.appender.submit(self.log.workspace, drafts, size)


Start = Callable[..., Harness]


@pytest.fixture
def start(log: Log) -> Iterator[Start]:
    """Starts appenders with limits of their own, and closes them."""
    running: list[Harness] = []

    def make(**limits: int) -> Harness:
        running.append(Harness(log, **limits))
        return running[-1]

    yield make
    for one in running:
        one.appender.close()


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run it; nothing in it may stand still."""
    asyncio.run(asyncio.wait_for(main, 2 * PATIENCE))


async def begin(harness: Harness) -> Awaitable[list[Receipt]]:
    """Hand in one event, and let the appending thread take it: it is stuck at a blocked log then."""
    first = harness.submit(event())
    while harness.appender._waiting or harness.appender._arrived:  # noqa: ASYNC110 - the thread sets no event
        await asyncio.sleep(0.001)
    return first


def test_an_event_is_durable_when_its_receipt_comes(start: Start, log: Log) -> None:
    """The receipt names an event that any reader finds."""

    async def main() -> None:
        (receipt,) = await start().submit(event(action="a.b"))
        entry = log.store.entry(log.workspace, receipt.id)
        assert entry is not None
        assert (entry.seq, entry.event_hash) == (receipt.seq, receipt.event_hash)

    run(main())


def test_what_waits_for_a_commit_goes_into_the_next_together(start: Start, log: Log, blocked: Blocked) -> None:
    """Fifty requests behind a commit that takes long are one commit; none is answered before it."""

    async def main() -> None:
        harness = start()
        with blocked():
            first = await begin(harness)
            rest = [asyncio.ensure_future(harness.submit(event(), event())) for _ in range(50)]
            await asyncio.sleep(0.05)
            assert not any(future.done() for future in [first, *rest])
        receipts = [receipt for one in await asyncio.gather(first, *rest) for receipt in one]
        assert [receipt.seq for receipt in receipts] == list(range(1, 102))
        assert harness.commits == 2

    run(main())
    assert log.verify().valid


def test_a_commit_holds_only_so_many_events(start: Start, blocked: Blocked) -> None:
    """Beyond that the rest waits for the next; a submission is never split, however large it is."""

    async def main() -> None:
        harness = start(commit_events=10)
        with blocked():
            first = await begin(harness)
            rest = [harness.submit(*[event()] * 4) for _ in range(5)]
            large = harness.submit(*[event()] * 25)
            await asyncio.sleep(0)
        receipts = [receipt for one in await asyncio.gather(first, *rest, large) for receipt in one]
        assert [receipt.seq for receipt in receipts] == list(range(1, 47))
        assert harness.commits == 1 + 3 + 1  # the first; 4+4, 4+4, 4; 25

    run(main())


def test_a_group_may_hold_several_workspaces(start: Start, log: Log, blocked: Blocked) -> None:
    """Each has its own order and its own receipts."""
    other = Log(log.store, "other")

    async def main() -> None:
        harness = start()
        with blocked():
            first = await begin(harness)
            mixed = [
                harness.appender.submit(one.workspace, [event(action=f"a.{number}")], 1)
                for number, one in enumerate([log, other] * 5)
            ]
            await asyncio.sleep(0)
        await first
        for number, (receipt,) in enumerate(await asyncio.gather(*mixed)):
            entry = (log, other)[number % 2].entries()[receipt.seq - 1]
            assert decode_record(entry.record).action == f"a.{number}"

    run(main())
    assert [entry.seq for entry in other.entries()] == [1, 2, 3, 4, 5]
    assert log.verify().valid
    assert other.verify().valid


@pytest.mark.parametrize("limits", [{"max_events": 10}, {"max_bytes": 100}], ids=str)
def test_beyond_its_bounds_it_refuses_and_recovers(
    start: Start, log: Log, blocked: Blocked, limits: dict[str, int]
) -> None:
    """By number or bytes: what is over is refused at once and not kept; when the rest is written, there is room again."""

    async def main() -> None:
        harness = start(**limits)
        for _ in range(3):
            before = log.store.head(log.workspace).seq
            with blocked():
                waiting = [await begin(harness)]
                waiting += [harness.submit(*[event()] * 3, size=33) for _ in range(3)]
                with pytest.raises(Overloaded) as refused:
                    harness.submit(event(), size=33)
                assert refused.value.retry_after >= 1
            await asyncio.gather(*waiting)
            assert log.store.head(log.workspace).seq == before + 10

    run(main())


def test_a_single_submission_may_be_larger_than_the_bounds(start: Start) -> None:
    """Where nothing waits, even what is over the bounds is taken: it could never be sent otherwise."""

    async def main() -> None:
        harness = start(max_events=2, max_bytes=10)
        assert len(await harness.submit(*[event()] * 5, size=1_000)) == 5
        assert len(await harness.submit(*[event()] * 5, size=1_000)) == 5

    run(main())


def test_a_submission_that_fails_takes_no_other_with_it(start: Start, log: Log, blocked: Blocked) -> None:
    """The others of its group are stored, in order, and it alone is told that nothing was."""

    async def main() -> None:
        harness = start()
        with blocked():
            first = await begin(harness)
            good = [harness.submit(event(session_id="s", idempotency_key=f"k{number}")) for number in range(3)]
            bad = harness.submit(event(session_id="s"), event(action=LONE_SURROGATE))
            good += [harness.submit(event(session_id="s", idempotency_key=f"l{number}")) for number in range(3)]
            await asyncio.sleep(0)
        await first
        with pytest.raises(Overloaded, match="Nothing was stored"):
            await bad
        receipts = [receipt for (receipt,) in await asyncio.gather(*good)]
        assert [receipt.seq for receipt in receipts] == [2, 3, 4, 5, 6, 7]
        assert not any(receipt.is_duplicate for receipt in receipts)
        (after,) = await harness.submit(event())
        assert after.seq == 8

    run(main())
    assert {one.session_id: one.events_count for one in log.sessions(inferred=False)} == {"s": 6}
    assert log.verify().valid


def test_a_full_disk_is_told_and_heals(start: Start, log: Log) -> None:
    """While the file cannot grow, every submission gets Overloaded and leaves no trace; with room they go on."""
    log.append(event())

    async def main() -> None:
        harness = start()
        assert log.store._appender is not None
        connection = log.store._appender.connection
        pages = connection.execute("PRAGMA page_count").fetchone()
        assert pages is not None
        connection.execute(f"PRAGMA max_page_count={pages[0]}")
        large = [event(metadata={"text": "".join(chr(0x4E00 + n * 7 % 9_000) for n in range(9_000))})] * 5
        for _ in range(3):
            with pytest.raises(Overloaded, match="cannot be written now"):
                await harness.submit(*large)
        assert log.store.head(log.workspace).seq == 1
        connection.execute("PRAGMA max_page_count=1000000")
        assert [receipt.seq for receipt in await harness.submit(*large)] == [2, 3, 4, 5, 6]

    run(main())
    assert log.verify().valid


def test_a_request_that_was_cancelled_hinders_nobody(start: Start, log: Log, blocked: Blocked) -> None:
    """Its events may be stored; the others get their receipts, and its room is free again."""

    async def main() -> None:
        harness = start(max_events=5)
        for _ in range(3):
            with blocked():
                first = await begin(harness)
                gone = asyncio.ensure_future(harness.submit(event(), event()))
                other = harness.submit(event(), event())
                await asyncio.sleep(0)
                gone.cancel()
            await asyncio.gather(first, other)
            assert gone.cancelled()

    run(main())
    assert log.verify().valid


def test_closing_writes_what_waits(start: Start, log: Log, blocked: Blocked) -> None:
    """Everything that was taken is committed and answered, also what came in the same turn; nothing is taken any more."""

    async def main() -> None:
        harness = start(commit_events=3)
        with ExitStack() as stack:
            stack.enter_context(blocked())
            waiting = [await begin(harness)]
            waiting += [harness.submit(event()) for _ in range(10)]
            await asyncio.sleep(0)
            waiting += [harness.submit(event()) for _ in range(10)]
            threading.Timer(0.1, stack.pop_all().close).start()
            harness.appender.close()
        with pytest.raises(Overloaded, match="stopping"):
            harness.submit(event())
        assert [receipt.seq for (receipt,) in await asyncio.gather(*waiting)] == list(range(1, 22))

    run(main())
    assert log.store.head(log.workspace).seq == 21


def test_many_writers_make_one_chain(start: Start, log: Log) -> None:
    """Two hundred concurrent requests with overlapping keys: contiguous places, each key once, all receipts right."""

    async def main() -> None:
        harness = start(commit_events=20)
        numbers = count()

        async def write(writer: int) -> list[Receipt]:
            found = []
            for _ in range(10):
                await asyncio.sleep(0)
                found += await harness.submit(
                    event(actor_id=f"u{writer}"), event(idempotency_key=f"k{next(numbers) % 30}")
                )
            return found

        receipts = [one for found in await asyncio.gather(*map(write, range(20))) for one in found]
        fresh = sorted(receipt.seq for receipt in receipts if not receipt.is_duplicate)
        assert fresh == list(range(1, 231))
        hashes = {entry.seq: entry.event_hash for entry in log.entries()}
        assert all(hashes[receipt.seq] == receipt.event_hash for receipt in receipts)

    run(main())
    assert log.verify().valid
