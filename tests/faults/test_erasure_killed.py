"""A process that is killed while it erases in an archive, between its word in the log and the new file."""

import subprocess
import sys
from pathlib import Path

import pytest
from tests.logs import open_log, small_epochs
from tests.retention.archives import archive, archived, erased, fill, told_places, verdicts, with_details
from tests.waiting import PATIENCE

_ERASE = """
import os, signal, sys
from immutable.model.filters import EventFilter
from immutable.log.system_events import SERVER
from immutable.retention.archive_folder import ArchiveFolder
from immutable.retention.erasure import erase
from immutable.store.sqlite.store import SqliteLogStore
from pathlib import Path
store = SqliteLogStore(Path(sys.argv[1]))
whole = getattr(ArchiveFolder, sys.argv[2])
def killed(*given):
    if sys.argv[3] == "after":
        whole(*given)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(ArchiveFolder, sys.argv[2], killed)
workspace = store.catalog.workspace("test")
erase(store, workspace, EventFilter(actor_id="u1"), by=SERVER, reason="asked for", silence=1_800_000_000)
"""


@pytest.mark.parametrize(("step", "when"), [("replace", "before"), ("keep", "after"), ("replace", "after")])
def test_a_killed_erasure_is_finished_by_the_next(tmp_path: Path, step: str, when: str) -> None:
    """What it said is in the log, the archive is whole, and the next one leaves nothing and says nothing twice."""
    path = tmp_path / "log.db"
    with small_epochs(), open_log(path) as log:
        fill(log, 10)
        archive(log, tmp_path)
    killed = subprocess.run([sys.executable, "-c", _ERASE, str(path), step, when], timeout=PATIENCE, check=False)
    assert killed.returncode == -9
    with small_epochs(), open_log(path) as log:
        assert told_places(log) == [2, 5, 8]
        (verdict,) = verdicts(log, tmp_path)
        assert verdict.still_there == ([] if (step, when) == ("replace", "after") else [(2, 2), (5, 5), (8, 8)])
        assert erased(log, actor_id="u1").receipts == []
        assert with_details(archived(log, tmp_path)) == {"u0": [1, 4, 7], "u2": [3, 6]}
        assert verdicts(log, tmp_path)[0].is_as_recorded
        assert list(tmp_path.rglob("*.new")) == []
        assert log.verify().breaks == []
