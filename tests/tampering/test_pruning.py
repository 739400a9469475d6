"""A beginning that goes missing unlawfully: without a pruning on the record, or with another one than happened."""

from pathlib import Path

import apsw
import pytest
from tests.logs import SILENCE, event, open_log, small_epochs

from immutable.integrity.verify import Break
from immutable.log.system_events import SERVER
from immutable.retention.archive_folder import ArchiveFolder
from immutable.retention.prune import prune_epoch


def _breaks(folder: Path, *statements: str, prunes: bool) -> list[Break]:
    """What verification finds in a log of twenty events, of which it lawfully pruned eight or none, after these statements."""
    path = folder / "log.db"
    with small_epochs(), open_log(path) as log:
        log.append(*[event(actor_id=f"u{number}") for number in range(20)])
        log.settle()
        if prunes:
            archives = ArchiveFolder(str(folder / "archives"))
            prune_epoch(log.store, log.workspace, archives, by=SERVER, silence=SILENCE)
        assert log.verify().valid
        connection = apsw.Connection(str(path))
        for statement in statements:
            connection.execute(statement)
        connection.close()
        return log.verify().breaks


_CUT = (
    "INSERT INTO pruned SELECT 1, id & 0xff, event_hash, 0 FROM entries WHERE id & 0xff = 8",
    "DELETE FROM entries WHERE id & 0xff <= 8",
)


def test_a_beginning_that_nobody_pruned_is_missed(tmp_path: Path) -> None:
    """A row that says so is not enough: the log itself has to say it."""
    breaks = _breaks(tmp_path, *_CUT, prunes=False)
    assert "chain_break" in {one.type for one in breaks}
    assert any("the last pruning on the record does not say so" in one.message for one in breaks)


@pytest.mark.parametrize(
    "change",
    ["DELETE FROM pruned", "UPDATE pruned SET seq = 12", "UPDATE pruned SET event_hash = zeroblob(32)"],
)
def test_another_beginning_than_was_pruned_is_told(tmp_path: Path, change: str) -> None:
    """Neither the place nor the hash where the log begins can be changed."""
    assert "chain_break" in {one.type for one in _breaks(tmp_path, change, prunes=True)}


def test_nothing_else_can_be_deleted(tmp_path: Path) -> None:
    """The engine refuses what was not pruned."""
    with pytest.raises(apsw.ConstraintError, match="immutable"):
        _breaks(tmp_path, "DELETE FROM entries WHERE id & 0xff = 9", prunes=True)
