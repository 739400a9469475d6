"""The index beside the log: lost, damaged, foreign or ahead of the log, it is made again and answers are right."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.logs import Log, event, open_log, small_epochs

from immutable.store import lookup
from immutable.store.sqlite.store import SqliteLogStore

Damage = Callable[[Path], None]


@pytest.fixture(autouse=True)
def epoch() -> Iterator[int]:
    """Epochs of eight events."""
    with small_epochs() as size:
        yield size


def fill(log: Log, count: int, name: str = "word") -> None:
    """Append events that can be found by actor and text."""
    log.append(*[event(actor_id=f"u{number % 3}", actor_name=f"{name} {number % 2}") for number in range(count)])


def check_answers(log: Log, count: int, name: str = "word") -> None:
    """Every way of finding must give what `fill` appended."""
    assert log.found(actor_id="u1") == [seq for seq in range(1, count + 1) if (seq - 1) % 3 == 1]
    assert log.found(search=f"{name} 1") == list(range(2, count + 1, 2))
    assert log.verify().breaks == []


def delete(path: Path) -> None:
    """No index."""
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


def overwrite(path: Path) -> None:
    """No database at all."""
    delete(path)
    path.write_bytes(b"this is no database" * 1_000)


def truncate(path: Path) -> None:
    """A database without its end."""
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def break_schema(path: Path) -> None:
    """A database whose first page is damaged."""
    content = bytearray(path.read_bytes())
    content[100:600] = bytes(500)
    path.write_bytes(content)


def empty(path: Path) -> None:
    """A file without content, as a crash leaves one that was just made."""
    delete(path)
    path.touch()


def exchange(path: Path) -> None:
    """The index of another log."""
    other = path.parent / "other.db"
    with open_log(other) as log:
        fill(log, 30, "other")
        log.settle()
    delete(path)
    shutil.copy(f"{other}.index", path)


@pytest.mark.parametrize("damage", [delete, overwrite, truncate, break_schema, empty, exchange])
def test_an_index_that_does_not_fit_is_made_again(tmp_path: Path, damage: Damage) -> None:
    """Whatever became of the index file, the log opens, answers rightly at once, and rebuilds it."""
    path = tmp_path / "log.db"
    with open_log(path) as log:
        fill(log, 20)
        log.settle()
        check_answers(log, 20)
    damage(tmp_path / "log.db.index")
    with open_log(path) as log:
        check_answers(log, 20)
        log.settle()
        check_answers(log, 20)


@pytest.mark.parametrize("lost", [3, 20], ids=["text ahead", "epochs ahead"])
def test_an_index_ahead_of_a_restored_log_is_made_again(tmp_path: Path, lost: int) -> None:
    """A log that is restored from an older copy, and goes on differently, finds nothing of what is gone."""
    path, copy = tmp_path / "log.db", tmp_path / "copy.db"
    with open_log(path) as log:
        fill(log, 10, "kept")
        log.settle()
    shutil.copy(path, copy)
    with open_log(path) as log:
        fill(log, lost, "lost")
        log.settle()
        assert log.found(search="lost 1") != []
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    shutil.copy(copy, path)
    with open_log(path) as log:
        assert log.found(search="lost") == []
        check_answers(log, 10, "kept")
        log.append(*[event(actor_id="new", actor_name="new")] * 20)
        log.settle()
        assert log.found(search="lost") == []
        assert log.found(search="new") == list(range(11, 31))
        assert log.found(actor_id="new") == list(range(11, 31))
        assert log.found(search="kept 1") == [2, 4, 6, 8, 10]
        assert log.verify().breaks == []


def test_an_index_behind_the_log_catches_up(tmp_path: Path) -> None:
    """An older index is of the same log, and is only brought on."""
    path, index = tmp_path / "log.db", tmp_path / "log.db.index"
    with open_log(path) as log:
        fill(log, 12)
        log.settle()
    shutil.copy(index, tmp_path / "older.index")
    with open_log(path) as log:
        fill(log, 12)
        log.settle()
    delete(index)
    shutil.copy(tmp_path / "older.index", index)
    with open_log(path) as log:
        check_answers(log, 24)
        log.settle()
        check_answers(log, 24)


def test_opening_seals_what_is_full(tmp_path: Path) -> None:
    """Epochs that filled up before a restart are in the file when the log is open, whoever asks."""
    path = tmp_path / "log.db"
    with open_log(path) as log:
        fill(log, 20)
    with open_log(path) as log:
        rows = log.store.database.reader().execute("SELECT DISTINCT epoch FROM idx.postings ORDER BY epoch").fetchall()
        assert rows == [(0,), (1,)]
        check_answers(log, 20)


def test_a_second_process_reads_while_the_first_appends(tmp_path: Path) -> None:
    """Another store on the same file sees what was committed, also what the other one sealed in the meantime."""
    with open_log(tmp_path / "log.db") as log:
        fill(log, 6)
        reading = SqliteLogStore(tmp_path / "log.db")
        beside = Log(reading)
        for count in (6, 12, 18, 24):
            check_answers(beside, count)
            fill(log, 6)
            log.settle()
        reading.close()


def test_workspaces_forgotten_in_memory_are_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only some workspaces' newest events are in memory; asked about the others, the log is read."""
    monkeypatch.setattr(lookup, "_MAX_TAILS", 2)
    with open_log(tmp_path / "log.db") as first:
        logs = [first, *(Log(first.store, f"w{number}") for number in range(4))]
        for _ in range(3):
            for log in logs:
                fill(log, 6)
            first.settle()
        for log in logs:
            check_answers(log, 18)


def test_the_index_belongs_to_one_database(tmp_path: Path) -> None:
    """Log and index carry the same random mark, made with the log."""
    with open_log(tmp_path / "log.db"), open_log(tmp_path / "other.db"):
        pass
    marks = []
    for name in ("log.db", "log.db.index", "other.db", "other.db.index"):
        with closing(sqlite3.connect(tmp_path / name)) as connection:
            marks += connection.execute("SELECT value FROM meta WHERE name='database_id'").fetchone()
    assert marks[0] == marks[1] != marks[2] == marks[3]
