"""How SQLite answers what is asked all the time: through the intended index, with statistics and without."""

from collections.abc import Iterator

import apsw
import pytest
from tests.logs import MINUTE, START, Log, event, open_log, small_epochs

from immutable.integrity.record import decode_record
from immutable.model.filters import SessionFilter, SessionPosition
from immutable.store.sqlite.entries import read_head


class Plans:
    """Runs something on a log and tells how SQLite looked each thing up."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._statements: list[tuple[str, object]] = []

    def _note(self, _: object, sql: str, bindings: object) -> bool:
        self._statements.append((sql, bindings))
        return True

    def __enter__(self) -> list[str]:
        self.steps: list[str] = []
        self._connection.exec_trace = self._note
        return self.steps

    def __exit__(self, *_: object) -> None:
        self._connection.exec_trace = None
        for sql, bindings in dict(self._statements).items():
            if sql.lstrip().startswith(("SELECT", "WITH")):
                rows = self._connection.execute("EXPLAIN QUERY PLAN " + sql, bindings)
                # What counts the rows of a subquery reads nothing else; the subquery's own steps are told beside it.
                self.steps += [detail for *_, detail in rows if "(subquery-" not in detail]


def full_scans(steps: list[str]) -> list[str]:
    """What reads a whole table, or sorts what an index should have sorted."""
    harmless = ("SCAN json_each", "SCAN CONSTANT ROW", "SCAN e", "VIRTUAL TABLE INDEX")
    return [
        step
        for step in steps
        if ("SCAN" in step or "TEMP B-TREE" in step) and not any(word in step for word in harmless)
    ]


@pytest.fixture(scope="module", params=["without statistics", "with statistics"])
def log(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    """A log of many sessions in one of two workspaces, in epochs that are mostly sealed."""
    path = tmp_path_factory.mktemp("plans") / "log.db"
    with small_epochs(), open_log(path) as filled:
        other = Log(filled.store, "other")
        for number in range(200):
            happened = event(
                actor_id=f"u{number % 7}",
                session_id=None if number % 3 else f"s{number % 50}",
                occurred_at=START + number * 20 * MINUTE,
                idempotency_key=f"k{number}",
                tenant_id="acme",
                resource_id=f"r{number % 9}",
            )
            filled.append(happened)
            other.append(happened)
        filled.settle()
        if request.param == "with statistics":
            for connection in (filled.store.database.writer(), filled.store.database.index_writer()):
                connection.execute("ANALYZE")
                assert connection.execute("SELECT count(*) FROM sqlite_stat1").fetchall() != [(0,)]
                connection.close()
    with small_epochs(), open_log(path) as opened:  # statistics are read when a connection opens
        yield opened


def test_a_session_is_found_by_its_id(log: Log) -> None:
    """One seek in the index on workspace and session id."""
    with Plans(log.store.database.reader()) as steps:
        assert log.store.session(log.workspace, "s9") is not None
    (step,) = steps
    assert "USING INDEX sessions_by_session_id (workspace_number=? AND session_id=?" in step


def test_an_actors_sessions_are_found_by_the_actor(log: Log) -> None:
    """One range of the actors' table, already in order, and a seek for each session."""
    after = SessionPosition(START + 3_000 * MINUTE, 1 << 60)
    for wanted in (
        SessionFilter(actor_id="u1"),
        SessionFilter(actor_id="u1", started_from=START, started_to=START + 9_999 * MINUTE),
        SessionFilter(actor_id="u1", inferred=True, tenant_id="acme"),
    ):
        for position in (None, after):
            with Plans(log.store.database.reader()) as steps:
                page = log.store.find_sessions(log.workspace, wanted, after=position, limit=5)
                assert page.sessions
            assert full_scans(steps) == []
            assert any("SEARCH a USING PRIMARY KEY (workspace_number=? AND actor_id=?" in step for step in steps)


def test_the_newest_sessions_are_found_by_time(log: Log) -> None:
    """One range of the index on workspace and time, from its end, without sorting."""
    after = SessionPosition(START + 3_000 * MINUTE, 1 << 60)
    for wanted in (SessionFilter(), SessionFilter(started_from=START), SessionFilter(inferred=False)):
        for position in (None, after):
            with Plans(log.store.database.reader()) as steps:
                page = log.store.find_sessions(log.workspace, wanted, after=position, limit=5)
                assert page.sessions
            assert full_scans(steps) == []
            assert all("sessions_by_time (workspace_number=?" in step for step in steps)


def test_sessions_with_a_resource_are_found_through_the_events(log: Log) -> None:
    """No table is read whole for a condition on events either."""
    with Plans(log.store.database.reader()) as steps:
        assert log.sessions(resource_id="r1")
    assert full_scans(steps) == []


def test_events_are_found_by_seeks(log: Log) -> None:
    """Terms by one seek per epoch, times by a binary search, entries by their place."""
    for wanted in (
        {"actor_id": "u1"},
        {"action": "document.*"},
        {"session_id": "s9"},
        {"created_from": START, "created_to": START + 1_000_000},
    ):
        with Plans(log.store.database.reader()) as steps:
            assert log.found(**wanted)
        assert full_scans(steps) == []
    with Plans(log.store.database.reader()) as steps:
        log.found(actor_id="u1")
    assert "SEARCH p USING PRIMARY KEY (workspace_number=? AND epoch=? AND term=?)" in steps


def test_a_range_and_an_id_are_seeks(log: Log) -> None:
    """The place is the row's number; an id leads to it."""
    with Plans(log.store.database.reader()) as steps:
        entries = log.entries()
    assert "SEARCH entries USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)" in steps
    with Plans(log.store.database.reader()) as more:
        assert log.store.entry(log.workspace, decode_record(entries[70].record).id) == entries[70]
    assert full_scans(steps + more) == []


def test_appending_reads_by_seeks(log: Log) -> None:
    """The head, the keys, and the open sessions of a batch, in a process that remembers nothing yet."""
    with log.store.append() as transaction:
        connection = transaction.connection
    transaction._forget()
    before = read_head(log.store.database.reader(), log.workspace).seq
    with Plans(connection) as steps:
        log.append(
            *[event(session_id=f"s{number}", idempotency_key=f"k{number}") for number in range(3)],
            *[event(actor_id=f"u{number}", idempotency_key=f"new{number}-{before}") for number in range(7)],
        )
    assert full_scans(steps) == []
    for part in (
        "SEARCH heads USING INTEGER PRIMARY KEY",
        "SEARCH idempotency USING PRIMARY KEY (workspace_number=? AND key=?)",
        "SEARCH i USING PRIMARY KEY (workspace_number=? AND actor_id=?)",
    ):
        assert any(step.startswith(part) for step in steps), (part, steps)
