"""The file itself, damaged byte by byte: verification comes to a verdict, and never calls other events whole."""

import random
import shutil
from pathlib import Path

import pytest
from tests.logs import Log, open_log

from immutable.errors import StartError
from immutable.store.open import open_store

FLIPS = 150


@pytest.mark.parametrize("name", ["log.db", "log.db.index"])
def test_any_byte_of_the_file_changed_is_found_or_changes_nothing(
    original: tuple[Path, list[str]], tmp_path: Path, name: str
) -> None:
    """Bytes all over the file: either it does not open as ours, or a break is found, or every event is as it was."""
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
            log = Log(store)
            verdict = log.verify()
            if verdict.valid:
                assert log.entries() == entries, at
                assert log.sessions() == sessions, at
            found += not verdict.valid
            store.database.reader().close()
            store.close()
        for leftover in tmp_path.glob("log.db*"):
            leftover.unlink()
    assert found > FLIPS / 20
