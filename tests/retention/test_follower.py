"""The follower that prunes by itself: with several processes, and where something goes wrong."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.logs import SILENCE, Log, event, small_epochs
from tests.postgres import new_database

from immutable.errors import Conflict
from immutable.log.system_events import SERVER
from immutable.model.retention import Retention
from immutable.retention import follower
from immutable.retention.archive_folder import ArchiveFolder
from immutable.retention.follower import RetentionFollower
from immutable.retention.prune import prune_epoch
from immutable.store.postgres.store import PostgresLogStore
from immutable.telemetry import metrics


@pytest.fixture
def two() -> Iterator[tuple[Log, Log]]:
    """One log on PostgreSQL, open in two stores; the first holds the lease on building indexes."""
    with ExitStack() as stack:
        stack.enter_context(small_epochs())
        url = new_database()
        logs = []
        for _ in range(2):
            store = PostgresLogStore(url)
            stack.callback(store.close)
            logs.append(Log(store))
        first, second = logs
        first.append(*[event(actor_name="Lisa", metadata={"n": n}) for n in range(20)])
        first.settle()
        yield first, second


def _texts(log: Log) -> int:
    rows = log.store.database.read("SELECT count(*) FROM event_texts WHERE seq <= 8", ())
    return int(rows[0][0])


def test_who_may_write_the_indexes_sweeps_what_another_process_pruned(two: tuple[Log, Log], tmp_path: Path) -> None:
    """The texts of what was pruned do not stay behind, whichever process pruned it."""
    holder, other = two
    archives = str(tmp_path / "archives")
    prune_epoch(other.store, other.workspace, ArchiveFolder(archives), by=SERVER, silence=SILENCE)
    assert _texts(holder) == 8
    holder.store.catalog.set_retention(holder.workspace, Retention(36_500, archives))
    assert not RetentionFollower(holder.store, SILENCE).step()
    assert _texts(holder) == 0
    assert holder.verify().breaks == []


def test_one_process_at_a_time_archives(two: tuple[Log, Log], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one leaves it at that: it would write the first one's archive over, and that is no failure."""
    one, other = two
    folder = ArchiveFolder(str(tmp_path))
    one.store.catalog.set_retention(one.workspace, Retention(1, str(tmp_path)))
    monkeypatch.setattr(follower, "due", lambda *_: 16)
    monkeypatch.setattr(type(one.store.proofs), "checkpoints", lambda *_, **__: [_Newest()])
    failures = metrics.PRUNING_FAILURES._value.get()
    with one.store.pruning_alone() as is_alone:
        assert is_alone
        assert not RetentionFollower(other.store, SILENCE).step()
        with pytest.raises(Conflict, match="Another process archives"):
            prune_epoch(other.store, other.workspace, folder, by=SERVER, silence=SILENCE)
    assert metrics.PRUNING_FAILURES._value.get() == failures
    assert RetentionFollower(other.store, SILENCE).step()
    with pytest.raises(Conflict, match="pruned the same"):  # what it knows to be due is gone already
        prune_epoch(one.store, one.workspace, folder, by=SERVER, silence=SILENCE, through=8)


def test_a_failure_is_told_and_nothing_is_lost(log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Archives that cannot be kept stop the pruning, not the server."""
    log.append(*[event() for _ in range(20)])
    log.settle()
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    log.store.catalog.set_retention(log.workspace, Retention(1, str(blocked)))
    monkeypatch.setattr(follower, "due", lambda *_: 8)
    monkeypatch.setattr(type(log.store.proofs), "checkpoints", lambda *_, **__: [_Newest()])
    assert not RetentionFollower(log.store, SILENCE).step()
    assert [entry.seq for entry in log.entries()] == list(range(1, 21))


class _Newest:
    size, note = 20, b"note"
