"""Group commit where each workspace has a transaction of its own: several at once, and one after the other within each.

On PostgreSQL that is sent what Citus would be; whatever holds a workspace up here is its head, locked by somebody else.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import count

import psycopg
import pytest
from structlog.testing import capture_logs
from tests.log.test_appender import LONE_SURROGATE, run
from tests.logs import SILENCE, Log, event
from tests.postgres import mark_as_distributed, new_database

from immutable.errors import Overloaded
from immutable.log.appender import Appender
from immutable.model.event import EventDraft, Receipt
from immutable.store.log_store import APPENDS_AT_ONCE
from immutable.store.postgres.store import PostgresLogStore


@pytest.fixture(scope="module")
def store() -> Iterator[PostgresLogStore]:
    """A store that takes its tables for distributed ones."""
    url = new_database()
    mark_as_distributed(url)
    with closing(PostgresLogStore(url)) as opened:
        yield opened


@pytest.fixture(scope="module")
def names() -> Iterator[str]:
    """Names of workspaces."""
    return map("workspace {}".format, count())


@pytest.fixture
def logs(store: PostgresLogStore, names: Iterator[str]) -> list[Log]:
    """More logs than there are appending threads, each of a workspace of its own."""
    return new_logs(store, names, APPENDS_AT_ONCE + 4)


def new_logs(store: PostgresLogStore, names: Iterator[str], number: int) -> list[Log]:
    """Logs with one event each."""
    logs = [Log(store, next(names)) for _ in range(number)]
    for log in logs:
        log.append(event())
    return logs


@contextmanager
def appending(store: PostgresLogStore, *, commit_events: int = 500) -> Iterator[Appender]:
    """An appender, closed in the end."""
    appender = Appender(store, max_events=10_000, max_bytes=10_000_000, commit_events=commit_events, silence=SILENCE)
    appender.start()
    try:
        yield appender
    finally:
        appender.close()


@contextmanager
def held_up(log: Log) -> Iterator[None]:
    """Within this nobody appends to the log."""
    with psycopg.connect(log.store.url) as connection:
        sql = "SELECT FROM immutable.heads WHERE workspace_number = %s FOR UPDATE"
        connection.execute(sql, (log.workspace.number,))
        yield


def submit(appender: Appender, log: Log, *drafts: EventDraft) -> Awaitable[list[Receipt]]:
    """Hand in drafts for a log, or one event."""
    return appender.submit(log.workspace, drafts or [event()], 1)


async def places(*waiting: Awaitable[list[Receipt]]) -> list[int]:
    """Where the events are, in the order in which they were handed in."""
    return [receipt.seq for one in await asyncio.gather(*waiting) for receipt in one]


def test_a_workspace_that_is_held_up_holds_up_no_other(store: PostgresLogStore, logs: list[Log]) -> None:
    """The others go on; what came for it meanwhile is appended in its order, each commit after the one before."""

    async def main() -> None:
        with appending(store, commit_events=2) as appender:
            with held_up(logs[0]):
                stuck = [submit(appender, logs[0]) for _ in range(9)]
                for _ in range(3):
                    await asyncio.gather(*(submit(appender, log) for log in logs[1:]))
                    stuck.append(submit(appender, logs[0]))
                assert not any(future.done() for future in stuck)
            assert await places(*stuck) == list(range(2, 14))

    run(main())
    assert [len(log.entries()) for log in logs] == [13] + [4] * (len(logs) - 1)
    assert all(log.verify().valid for log in logs)


def test_many_writers_make_a_chain_of_each_workspace(store: PostgresLogStore, logs: list[Log]) -> None:
    """Receipts are in the order of submission; sessions, idempotency keys and search are as with one thread."""

    async def main() -> None:
        with appending(store, commit_events=5) as appender:
            waiting: dict[int, list[Awaitable[list[Receipt]]]] = {log.workspace.number: [] for log in logs}
            for turn in range(20):
                for log in logs:
                    draft = event(session_id=f"s{turn % 3}", idempotency_key=f"k{turn}", resource_id=f"r{turn}")
                    waiting[log.workspace.number].append(submit(appender, log, draft, event(actor_id="b")))
                await asyncio.sleep(0.001 * (turn % 4))
                assert logs[turn % len(logs)].found(actor_id="nobody") == []  # reads the index, while it is fed
            for submitted in waiting.values():
                assert await places(*submitted) == list(range(2, 42))
            again = await asyncio.gather(*(submit(appender, log, event(idempotency_key="k7")) for log in logs))
            assert [(receipt.seq, receipt.is_duplicate) for (receipt,) in again] == [(16, True)] * len(logs)

    run(main())
    for log in logs:
        assert log.found(actor_id="b") == list(range(3, 42, 2))
        assert {one.session_id: one.events_count for one in log.sessions(inferred=False)} == {"s0": 7, "s1": 7, "s2": 6}
        assert log.verify().valid


def test_what_waited_too_long_is_told_so_alone(store: PostgresLogStore, logs: list[Log]) -> None:
    """However many came and were answered since; it is there once when it could be stored after all, and has left its room."""

    async def main() -> None:
        with appending(store) as appender:
            with held_up(logs[0]):
                stuck = submit(appender, logs[0], event(idempotency_key="k"))
                await asyncio.gather(*(submit(appender, log) for log in logs[1:]))
                appender.expire(0)
                with pytest.raises(Overloaded, match="same idempotency keys"):
                    await stuck
            (again,) = await submit(appender, logs[0], event(idempotency_key="k"))
            assert (again.seq, again.is_duplicate) == (2, True)
            assert (appender._waiting_events, appender._waiting_bytes, appender._unanswered) == (0, 0, {})

    run(main())


def test_a_submission_that_fails_takes_no_other_with_it(store: PostgresLogStore, logs: list[Log]) -> None:
    """It alone is told that nothing was stored, within its workspace too, and nothing of it is found."""

    async def main() -> None:
        with capture_logs() as logged, appending(store) as appender:
            bad = submit(appender, logs[0], event(actor_id="bad"), event(action=LONE_SURROGATE))
            good = [submit(appender, log, event(actor_id="good")) for log in logs for _ in range(3)]
            with pytest.raises(Overloaded, match="Nothing was stored"):
                await bad
            await asyncio.gather(*good)
        assert "append_failed" in {line["event"] for line in logged}

    run(main())
    for log in logs:
        assert (log.found(actor_id="bad"), log.found(actor_id="good")) == ([], [2, 3, 4])
        assert log.verify().valid


def test_connections_that_break_lose_and_double_nothing(store: PostgresLogStore, logs: list[Log]) -> None:
    """Cut off again and again, at any moment: whoever is not answered sends again, and each event is there once, in order."""

    async def write(appender: Appender, log: Log, cut: Callable[[], object]) -> None:
        for number in range(20):
            draft = event(idempotency_key=f"k{number}", session_id=f"s{number % 2}")
            while True:
                try:
                    await submit(appender, log, draft)
                    break
                except Overloaded:
                    await asyncio.sleep(0.01)
            if number % 4 == 0:
                await asyncio.to_thread(cut)

    async def main() -> None:
        sql = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
            "AND application_name = 'immutable' AND backend_xid IS NOT NULL"
        )
        with appending(store) as appender, psycopg.connect(store.url, autocommit=True) as connection:
            await asyncio.gather(*(write(appender, log, lambda: connection.execute(sql)) for log in logs))

    run(main())
    for log in logs:
        assert [entry.seq for entry in log.entries()] == list(range(1, 22))
        assert {one.session_id: one.events_count for one in log.sessions(inferred=False)} == {"s0": 10, "s1": 10}
        assert log.verify().valid


def test_closing_writes_what_waits(store: PostgresLogStore, logs: list[Log]) -> None:
    """Of every workspace, also of one that is held up until then, and more than one commit holds."""

    async def main() -> None:
        with appending(store, commit_events=1) as appender, ExitStack() as stack:
            stack.enter_context(held_up(logs[0]))
            waiting = [submit(appender, log) for log in logs for _ in range(3)]
            await asyncio.sleep(0)
            waiting += [submit(appender, log) for log in logs]
            threading.Timer(0.1, stack.pop_all().close).start()
            appender.close()
            await asyncio.gather(*waiting)

    run(main())
    assert [len(log.entries()) for log in logs] == [5] * len(logs)


def test_it_notices_that_tables_were_distributed(names: Iterator[str]) -> None:
    """Without a restart: from then on no workspace holds up another."""
    url = new_database()
    with closing(PostgresLogStore(url)) as store:

        async def main() -> None:
            with appending(store) as appender:
                one, other = new_logs(store, names, 2)
                await asyncio.gather(submit(appender, one), submit(appender, other))
                assert not store.appends_apart
                mark_as_distributed(url)
                with psycopg.connect(
                    url, autocommit=True
                ) as connection:  # as `immutable db distribute` does in the end
                    connection.execute(
                        "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE application_name = 'immutable' "
                        "AND datname = current_database()"
                    )
                await asyncio.gather(submit(appender, one), submit(appender, other))
                assert store.appends_apart
                with held_up(one):
                    stuck = submit(appender, one)
                    await submit(appender, other)
                assert await places(stuck) == [4]
                assert [len(log.entries()) for log in (one, other)] == [4, 4]

        run(main())
