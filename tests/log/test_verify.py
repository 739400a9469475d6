"""Verification of a whole log: ranges, progress, several processes, and a log that grows meanwhile."""

import itertools
import threading
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest
from tests.logs import SILENCE, Log, event, open_log, small_epochs

from immutable.log import verify as log_verify


@pytest.fixture(scope="module")
def long_log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    """A log that reaches into a second epoch of full size."""
    with open_log(tmp_path_factory.mktemp("long") / "log.db") as log:
        for start in range(0, 17_000, 1_000):
            numbers = range(start, start + 1_000)
            log.append(*[event(actor_id=f"u{n % 50}", session_id=f"s{n // 20}" if n % 2 else None) for n in numbers])
        while log.store.follow():
            pass
        yield log


@pytest.fixture
def several(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let several processes share the work, though the log is short."""
    monkeypatch.setattr(log_verify, "_MANY", 1)


def test_an_empty_log_is_whole(log: Log) -> None:
    """Nothing to check is no break."""
    verdict = log.verify()
    assert (verdict.valid, verdict.events_checked, verdict.head.seq) == (True, 0, 0)


def test_a_part_of_the_log_is_checked_by_itself(log: Log) -> None:
    """A range begins with the hash before it, and only what reaches the end is held against the head."""
    with small_epochs():
        log.append(*[event()] * 30)
        for first, last in ((1, 30), (1, 7), (8, 9), (5, 20), (17, 30), (30, 30), (25, 99)):
            verdict = log_verify.verify(log.store, log.workspace, first, last, silence=SILENCE)
            assert verdict.valid
            assert verdict.events_checked == min(last, 30) - first + 1
            assert (verdict.first_sequence, verdict.last_sequence) == (first, min(last, 30))


def test_progress_is_told_of_every_event(log: Log) -> None:
    """The numbers add up to the events checked."""
    told: list[int] = []
    with small_epochs():
        log.append(*[event()] * 30)
        assert log.verify(progress=told.append).valid
    assert sum(told) == 30
    assert len(told) == 4


def test_the_chain_alone_can_be_checked(log: Log, tmp_path: Path) -> None:
    """Then sessions and indexes are left out, and it is said."""
    log.append(event(session_id="s"))
    intruder = apsw.Connection(str(log.store.database.path))
    intruder.execute("DELETE FROM sessions")
    intruder.close()
    verdict = log.verify(chain_only=True)
    assert (verdict.valid, verdict.sessions_checked) == (True, False)
    verdict = log.verify()
    assert (verdict.valid, verdict.sessions_checked) == (False, True)


def test_only_so_many_breaks_are_told(log: Log) -> None:
    """Of a log that is broken everywhere, the first hundred breaks are told, in order."""
    log.append(*[event()] * 300)
    intruder = apsw.Connection(str(log.store.database.path))
    intruder.execute("DROP TRIGGER entries_are_not_edited; UPDATE entries SET salt = randomblob(16)")
    intruder.close()
    verdict = log.verify()
    assert [one.sequence for one in verdict.breaks] == list(range(1, 101))
    assert verdict.events_checked == 300


@pytest.mark.usefixtures("several")
def test_several_processes_come_to_the_same_verdict(long_log: Log) -> None:
    """A log over two epochs is whole by one process and by two."""
    told: list[int] = []
    verdict = long_log.verify(processes=2, progress=told.append)
    assert verdict == long_log.verify()
    assert (verdict.valid, verdict.events_checked, sum(told)) == (True, 17_000, 17_000)


@pytest.mark.usefixtures("several")
def test_several_processes_find_the_same_breaks(long_log: Log) -> None:
    """Breaks in both epochs, and where they meet, are those that one process finds."""
    intruder = apsw.Connection(str(long_log.store.database.path))
    (trigger,) = intruder.execute("SELECT sql FROM sqlite_schema WHERE name='entries_are_not_edited'").fetchall()
    intruder.execute("DROP TRIGGER entries_are_not_edited")
    base = long_log.workspace.number << 40
    places = [5, 16_384, 16_385, 17_000]
    kept = [
        intruder.execute("SELECT id, salt FROM entries WHERE id=?", (base + place,)).fetchall()[0] for place in places
    ]
    intruder.executemany("UPDATE entries SET salt=randomblob(16) WHERE id=?", [(identifier,) for identifier, _ in kept])
    try:
        verdict = long_log.verify(processes=2)
        assert [(one.sequence, one.type) for one in verdict.breaks] == [(p, "details_mismatch") for p in places]
        assert verdict == long_log.verify()
    finally:
        intruder.executemany("UPDATE entries SET salt=? WHERE id=?", [(salt, identifier) for identifier, salt in kept])
        intruder.execute(str(trigger[0]))
        intruder.close()


def test_a_log_that_grows_meanwhile_is_whole(log: Log) -> None:
    """Appending, sealing and indexing while it is verified again and again is never taken for tampering."""
    stop = threading.Event()
    trouble: list[BaseException] = []

    def grow() -> None:
        try:
            for number in itertools.count():
                if stop.is_set():
                    return
                log.append(*[event(session_id=f"s{number % 7}", idempotency_key=f"k{number}")] * 3, event())
                log.store.follow()
        except BaseException as error:
            trouble.append(error)
            raise

    with small_epochs():
        growing = threading.Thread(target=grow)
        growing.start()
        try:
            while log.store.head(log.workspace).seq < 200 and growing.is_alive():
                assert log.verify().breaks == []
        finally:
            stop.set()
            growing.join()
        assert trouble == []
        assert log.verify().valid
        assert log.store.head(log.workspace).seq >= 200


def test_what_is_made_up_is_found_while_the_log_grows(log: Log) -> None:
    """An entry behind the end and an idempotency key that no event carries, with an append at every turn."""
    log.append(event(idempotency_key="k"), event())
    intruder = apsw.Connection(str(log.store.database.path))
    base = log.workspace.number << 40
    intruder.execute(
        f"INSERT INTO entries SELECT {base + 5_000}, record, details, salt, previous_hash, event_hash "
        f"FROM entries WHERE id = {base + 1}"
    )
    intruder.execute(f"INSERT INTO idempotency VALUES ({log.workspace.number}, 'made up', 1)")
    intruder.close()
    verdict = log.verify(progress=lambda _: log.append(event()))
    assert {5_000, 1} <= {one.sequence for one in verdict.breaks}
    assert verdict.last_sequence == verdict.events_checked == log.store.head(log.workspace).seq


def test_a_span_behind_the_end_is_whole(log: Log) -> None:
    """Nothing was created there, and nothing is wrong with that."""
    log.append(event(), event())
    head = log.store.head(log.workspace)
    verdict = log_verify.verify(log.store, log.workspace, head.seq + 1, head.seq, silence=SILENCE)
    assert (verdict.breaks, verdict.events_checked) == ([], 0)


def test_a_made_up_key_is_found_part_by_part(log: Log) -> None:
    """Checked in parts, each part counts the keys that lead into it, and the last one those that lead nowhere."""
    log.append(*[event(idempotency_key=f"k{number}") for number in range(30)])
    intruder = apsw.Connection(str(log.store.database.path))
    intruder.execute(f"INSERT INTO idempotency VALUES ({log.workspace.number}, 'inside', 5)")
    intruder.execute(f"INSERT INTO idempotency VALUES ({log.workspace.number}, 'outside', 500)")
    intruder.close()
    first, second = (
        log_verify.verify(log.store, log.workspace, *part, silence=SILENCE, sessions=False)
        for part in [(1, 15), (16, 30)]
    )
    assert 5 in {one.sequence for one in first.breaks}
    assert 500 in {one.sequence for one in second.breaks}
