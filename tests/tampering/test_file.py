"""The file itself, damaged byte by byte: verification comes to a verdict, and never calls other events whole."""

import random
import shutil
from pathlib import Path

import apsw
import pytest
from tests.logs import Log, open_log

from immutable.errors import StartError
from immutable.model.event import LogEntry
from immutable.model.session import SessionSummary
from immutable.store.open import open_store
from immutable.store.pruning import PruningStore

FLIPS = 150
_WRITE_VERSION = 18
"""Where the header says how the file may be written; by which SQLite takes it for one that is only to be read."""


@pytest.mark.parametrize("name", ["log.db", "log.db.index"])
def test_any_byte_of_the_file_changed_is_found_or_changes_nothing(
    original: tuple[Path, list[str]], tmp_path: Path, name: str
) -> None:
    """Bytes all over the file: it does not open as ours, or has no such log, or a break is found, or every event is as it was."""
    path, _ = original
    with open_log(path) as log:
        entries, sessions = log.entries(), log.sessions()
    content = (path.parent / name).read_bytes()
    places = [place for place, byte in enumerate(content) if byte]  # most of the rest is free
    source = random.Random(4821)
    found = 0
    for _ in range(FLIPS):
        shutil.copy(path, tmp_path / "log.db")
        shutil.copy(f"{path}.index", tmp_path / "log.db.index")
        at = source.choice(places)
        damaged = bytearray(content)
        damaged[at] ^= source.randrange(1, 256)
        (tmp_path / name).write_bytes(damaged)
        try:
            store = open_store(f"sqlite:///{tmp_path}/log.db")
        except StartError:
            found += 1
        else:
            found += not _is_whole(store, entries, sessions, at)
            store.database.reader().close()
            store.close()
        for leftover in tmp_path.glob("log.db*"):
            leftover.unlink()
    assert found > FLIPS / 20


def _is_whole(store: PruningStore, entries: list[LogEntry], sessions: list[SessionSummary], at: int) -> bool:
    """Whether the log is there, and is said to be whole; then it is what it was."""
    try:
        if store.catalog.workspace("test") is None:
            return False  # its name, or the index on names, is what was changed; nobody is shown another log for it
    except apsw.Error:
        return False  # the table of workspaces cannot be read, and SQLite says so
    log = Log(store)
    is_whole = log.verify().valid
    if is_whole:
        assert log.entries() == entries, at
        assert log.sessions() == sessions, at
    return is_whole


@pytest.mark.parametrize("name", ["log.db", "log.db.index"])
def test_a_header_that_lets_nobody_write_is_told_or_made_again(
    original: tuple[Path, list[str]], tmp_path: Path, name: str
) -> None:
    """A log whose file says that it is only to be read does not open; an index is made anew."""
    path, _ = original
    shutil.copy(path, tmp_path / "log.db")
    shutil.copy(f"{path}.index", tmp_path / "log.db.index")
    damaged = bytearray((tmp_path / name).read_bytes())
    damaged[_WRITE_VERSION] ^= 0xFF
    (tmp_path / name).write_bytes(damaged)
    if name == "log.db":
        with pytest.raises(StartError, match="cannot be written"):
            open_store(f"sqlite:///{tmp_path}/log.db")
    else:
        with open_log(tmp_path / "log.db") as log:
            assert log.verify().breaks == []
