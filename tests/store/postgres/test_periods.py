"""Partitions by month: made by whoever comes first, left out of what a read looks at, dropped when nobody keeps them."""

import threading
from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest
from tests.logs import Log
from tests.postgres import new_database

from immutable import clock
from immutable.integrity.record import decode_record
from immutable.log.append import append_batch
from immutable.log.verify import verify
from immutable.model.event import EventDraft
from immutable.store.postgres.connection import Connection
from immutable.store.postgres.periods import IN_PERIODS, drop_period, drop_pruned, make_ahead, period_of
from immutable.store.postgres.store import PostgresLogStore

SILENCE = 1_800_000_000
LAST_INSTANT = "2031-11-30T23:59:59.999999Z"
MONTHS = ["2031-11-30T23:59:59Z", "2031-12-31T23:59:59Z", "2032-01-01T00:00:00Z", "2032-02-29T12:00:00Z"]


@pytest.fixture
def store() -> Iterator[PostgresLogStore]:
    """A store in a database of its own."""
    with closing(PostgresLogStore(new_database())) as opened:
        yield opened


def test_a_clock_that_jumps_ahead_fails_no_append(store: PostgresLogStore) -> None:
    """The month it lands in is made by the append, and so are those after; everything reads back, and finds its text."""
    log = Log(store, "log")
    for at in MONTHS:
        _append(store, log, at, 3)
    log.settle()
    assert [decode_record(entry.record).created_at[:7] for entry in store.entries(log.workspace, 1, 99)] == [
        at[:7] for at in MONTHS for _ in range(3)
    ]
    assert log.verify().breaks == []
    assert {"entries_203111", "entries_203112", "entries_203201", "entries_203202"} <= _partitions(store)
    assert _rows(store, "SELECT period, first_seq FROM periods ORDER BY 1") == [
        (203111, 1), (203112, 4), (203201, 7), (203202, 10)]  # fmt: skip
    assert _rows(store, "SELECT period, count(*) FROM event_texts GROUP BY 1 ORDER BY 1") == [
        (203111, 3), (203112, 3), (203201, 3), (203202, 3)]  # fmt: skip


def test_one_batch_over_the_end_of_a_month(store: PostgresLogStore) -> None:
    """Each of its events lies in its own month."""
    log = Log(store, "log")
    _append(store, log, LAST_INSTANT, 4)
    assert _rows(store, "SELECT period, first_seq FROM periods ORDER BY 1") == [(203111, 1), (203112, 2)]
    assert log.verify().breaks == []


def test_a_clock_that_steps_back_stays_in_its_month(store: PostgresLogStore) -> None:
    """`created_at` does not go back, and neither does the log."""
    log = Log(store, "log")
    _append(store, log, MONTHS[3], 1)
    _append(store, log, MONTHS[0], 1)
    assert _rows(store, "SELECT period, first_seq FROM periods") == [(203202, 1)]
    assert len(list(store.entries(log.workspace, 1, 9))) == 2


def test_many_that_need_a_missing_month_make_it_once() -> None:
    """Processes that enter a new month together all append."""
    url = new_database()
    stores = [PostgresLogStore(url) for _ in range(4)]
    logs = [Log(store, f"log {number}") for number, store in enumerate(stores)]
    failures: list[Exception] = []

    def append(log: Log, store: PostgresLogStore) -> None:
        try:
            for at in MONTHS:
                _append(store, log, at, 2)
        except Exception as error:  # noqa: BLE001 - shown below
            failures.append(error)

    threads = [threading.Thread(target=append, args=pair) for pair in zip(logs, stores, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [log.verify().breaks for log in logs] == [[]] * 4
    for store in stores:
        store.close()


def test_months_are_made_ahead(store: PostgresLogStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the database's first opening, and by the follower that holds the lease; over the end of a year too."""
    at = clock.now()
    monkeypatch.setattr(clock, "now", lambda: at)  # the month does not end meanwhile
    now = clock.to_text(at)
    assert f"entries_{period_of(now)}" in _partitions(store)
    assert len(_partitions(store)) == 4
    with store.database.connect() as connection:
        make_ahead(connection, clock.from_text("2040-11-15"))
        make_ahead(connection, clock.from_text("2040-11-15"))
    assert {"entries_204011", "entries_204012", "entries_204101", "entries_204102"} <= _partitions(store)
    with psycopg.connect(store.url) as connection:
        connection.execute(f"DROP TABLE immutable.entries_{period_of(now)}, immutable.event_texts_{period_of(now)}")
    store.follow()
    assert f"entries_{period_of(now)}" in _partitions(store)


def test_a_read_looks_into_the_months_it_needs(store: PostgresLogStore) -> None:
    """Also where it is planned once for all places."""
    log = Log(store, "log")
    for at in MONTHS:
        _append(store, log, at, 3)
    number = log.workspace.number
    sql = f"SELECT record FROM entries WHERE workspace_number=%s AND seq BETWEEN %s AND %s AND {IN_PERIODS} ORDER BY seq LIMIT 64"
    for mode in ("force_custom_plan", "force_generic_plan"):
        with store.database.connect() as connection:
            connection.execute(f"SET plan_cache_mode = {mode}")
            values = (number, 8, 9, number, 8, number, 9)
            plan = "\n".join(row[0] for row in connection.execute("EXPLAIN (ANALYZE) " + sql, values, prepare=True))
        scans = [line for line in plan.splitlines() if " on entries_" in line and "never executed" not in line]
        assert len(scans) == 1, plan
        assert "entries_203201" in scans[0]


def test_a_month_is_dropped_when_nobody_keeps_it(store: PostgresLogStore) -> None:
    """Not while one workspace keeps an event of it, not where a log ends in it; what is left reads and appends as before."""
    logs = [Log(store, "one"), Log(store, "two")]
    for log in logs:
        for at in MONTHS[:3]:
            _append(store, log, at, 3)
        log.settle()
    with store.database.connect() as connection:
        assert not drop_period(connection, 203111)
        _prune(connection, logs[0], 3)
        assert not drop_period(connection, 203111)
        _prune(connection, logs[1], 2)
        assert not drop_period(connection, 203111)
        for log in logs:
            _prune(connection, log, 9)
        assert not drop_period(connection, 203201)
        assert {"entries_203111", "entries_203201"} <= _partitions(store)
        for log in logs:
            _prune(connection, log, 4)
        assert not drop_period(connection, 203112)
        assert not drop_period(connection, 203111)  # not swept yet: keys still lead to its events
        for log in logs:
            while store.sweep(log.workspace, 2):
                pass
        with psycopg.connect(store.url) as reading:  # a long read is waited for, but not for ever
            reading.execute("SELECT count(*) FROM immutable.entries").fetchall()
            assert not drop_period(connection, 203111)
        drop_pruned(connection, clock.from_text(MONTHS[1]))
    assert not {"entries_203111", "event_texts_203111"} & _partitions(store, "")
    assert [entry.seq for entry in store.entries(logs[0].workspace, 1, 99)] == [5, 6, 7, 8, 9]
    _append(store, logs[0], MONTHS[3], 1)
    assert store.head(logs[0].workspace).seq == 10
    with psycopg.connect(store.url) as connection, pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
        connection.execute("DELETE FROM immutable.entries")


def test_a_month_that_is_appended_to_is_not_dropped(store: PostgresLogStore) -> None:
    """Also where nobody had an event in it when it was asked about: the append commits first, and is seen then."""
    dropped: list[bool] = []

    def drop() -> None:
        with store.database.connect() as connection:
            dropped.append(drop_period(connection, 203111))

    with psycopg.connect(store.url) as appending, psycopg.connect(store.url, autocommit=True) as watching:
        watching.execute("SELECT immutable.make_period(203111)")
        appending.execute("INSERT INTO immutable.periods VALUES (1, 203111, 1)")
        appending.execute("INSERT INTO immutable.entries VALUES (1, 203111, 1, '', NULL, NULL, '', '')")
        dropping = threading.Thread(target=drop)
        dropping.start()
        waits = "SELECT FROM pg_locks WHERE NOT granted AND relation = 'immutable.entries'::regclass"
        while not watching.execute(waits).fetchall() and dropping.is_alive():
            pass
        appending.commit()
        dropping.join()
        assert dropped == [False]
        assert watching.execute("SELECT seq FROM immutable.entries").fetchall() == [(1,)]


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE entries SET period = 203112 WHERE seq = 2",
        "UPDATE entries SET period = 203112 WHERE seq = 8",
        "UPDATE event_texts SET period = 203112 WHERE seq = 2",
        "UPDATE periods SET first_seq = 5 WHERE period = 203112",
        "UPDATE periods SET first_seq = 3 WHERE period = 203112",
        "DELETE FROM periods WHERE period = 203112",
    ],
)
def test_what_hides_an_event_from_some_reads_only_is_found(store: PostgresLogStore, edit: str) -> None:
    """Verification reads over the ends of months, where it sees what a read of a single place does not look into."""
    log = Log(store, "log")
    for at in MONTHS:
        _append(store, log, at, 3)
    log.settle()
    assert log.verify().breaks == []
    with psycopg.connect(store.url) as connection:
        connection.execute("SET search_path = immutable")
        connection.execute("ALTER TABLE entries DISABLE TRIGGER USER")
        assert connection.execute(edit).rowcount == 1
    assert "another month" in str(log.verify().breaks)


def test_a_range_is_held_against_its_own_months_alone(store: PostgresLogStore) -> None:
    """Whoever verifies a part, with or without the end, is told of what lies wrong in it and of nothing else."""
    log = Log(store, "log")
    for at in MONTHS:
        _append(store, log, at, 3)
    log.settle()
    with psycopg.connect(store.url) as connection:
        connection.execute("UPDATE immutable.event_texts SET period = 203112 WHERE seq = 2")
    told = {
        span: str(verify(store, log.workspace, *span, silence=SILENCE).breaks) for span in ((1, 6), (7, 9), (4, 99))
    }
    assert "another month" in told[1, 6]
    assert "another month" not in told[7, 9] + told[4, 99]


def _prune(connection: Connection, log: Log, through: int) -> None:
    """Note it as `retention/` does."""
    sql = "INSERT INTO pruned VALUES (%s,%s,'',0) ON CONFLICT (workspace_number) DO UPDATE SET seq = excluded.seq"
    connection.execute(sql, (log.workspace.number, through))


def _append(store: PostgresLogStore, log: Log, at: str, count: int) -> None:
    drafts = [
        EventDraft(
            actor_id="u1", action="document.read", session_id="s1", resource_type="document", resource_id=str(number)
        )
        for number in range(count)
    ]
    with store.append() as transaction:
        append_batch(transaction, log.workspace, drafts, now=clock.from_text(at), silence=SILENCE)


def _partitions(store: PostgresLogStore, named: str = "^entries_") -> set[str]:
    return {name for (name,) in _rows(store, f"SELECT tablename FROM pg_tables WHERE tablename ~ '{named}'")}


def _rows(store: PostgresLogStore, sql: str) -> list[tuple]:
    return store.database.read(sql, ())
