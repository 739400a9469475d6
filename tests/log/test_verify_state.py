"""A verification that was interrupted goes on where it was, and comes to the same result."""

from pathlib import Path

import apsw
import pytest
from tests.logs import Log, event, small_epochs

from immutable.errors import StartError
from immutable.log.verify import Verdict
from immutable.log.verify_state import ResumeFile


class Interrupted(Exception):
    """Somebody pressed a key."""


def _interrupted(log: Log, file: Path, after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Verify, and stop after so many stretches."""
    monkeypatch.setattr("immutable.log.verify._REMEMBER_SECONDS", -1)
    left = [after]

    def progress(_: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Interrupted

    with pytest.raises(Interrupted):
        log.verify(progress=progress, resume=ResumeFile(file))


def _resumed(log: Log, file: Path) -> tuple[Verdict, list[int]]:
    told: list[int] = []
    return log.verify(progress=told.append, resume=ResumeFile(file)), told


def _fill(log: Log) -> None:
    log.append(*[event(idempotency_key=f"k{number}") for number in range(40)])


def test_it_goes_on_where_it_was(log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was checked is not checked again, what was found stays found, and the file is gone at the end."""
    file = tmp_path / "state"
    with small_epochs():
        _fill(log)
        intruder = apsw.Connection(str(log.store.database.path))
        intruder.execute(
            "DROP TRIGGER entries_are_not_edited; UPDATE entries SET salt = randomblob(16) WHERE id & 255 = 3"
        )
        intruder.close()
        _interrupted(log, file, 3, monkeypatch)
        verdict, told = _resumed(log, file)
    assert told[0] == 24
    assert sum(told) == verdict.events_checked == 40
    assert [one.sequence for one in verdict.breaks] == [3]
    assert not file.exists()


def test_it_begins_anew_where_the_log_is_another(log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the event that it came to is not there any more as it was, nothing that was checked counts."""
    file = tmp_path / "state"
    with small_epochs():
        _fill(log)
        _interrupted(log, file, 3, monkeypatch)
        intruder = apsw.Connection(str(log.store.database.path))
        intruder.execute("DROP TRIGGER entries_are_not_edited")
        intruder.execute("UPDATE entries SET event_hash = randomblob(32) WHERE id & 255 = 24")
        intruder.close()
        verdict, told = _resumed(log, file)
    assert (told[0], verdict.valid) == (8, False)


def test_another_file_is_refused(tmp_path: Path) -> None:
    """Nobody's other file is written over."""
    file = tmp_path / "notes.txt"
    file.write_text("mine")
    with pytest.raises(StartError):
        ResumeFile(file)
    assert file.read_text() == "mine"
