"""Base backup and archived write-ahead log of PostgreSQL, restored to the end and to an earlier point (docs/guide/backup.md)."""

import os
import pwd
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.backup.conftest import Immutable, events_of, expect_no_fork, wait_for_checkpoint
from tests.waiting import until

from benchmarks import postgres

SMALL = {"shared_buffers": "32MB", "max_wal_size": "128MB"}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that PostgreSQL's user may write to, for backups and archive."""
    with tempfile.TemporaryDirectory(prefix="backup-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o777)
        yield Path(name)


@pytest.fixture
def cluster(folder: Path) -> Iterator[postgres.Cluster]:
    """A PostgreSQL that archives its write-ahead log."""
    archive = folder / "archive"
    archive.mkdir()
    archive.chmod(0o777)
    settings = {"archive_mode": "on", "archive_command": f"test ! -f {archive}/%f && cp %p {archive}/%f"}
    with postgres.running(settings=SMALL | settings) as running:
        yield running


def test_all_that_was_acknowledged_is_there_after_a_restore(
    cluster: postgres.Cluster, folder: Path, serve: Callable[..., Any], run: Immutable
) -> None:
    """A backup taken while clients write, and the archive up to the crash: not one event is missing."""
    server = serve(database_url=cluster.dsn)
    client = server.client(workspace="w")
    receipts: list[dict[str, Any]] = []
    done = threading.Event()

    def write() -> None:
        with closing(server.with_key(client.key)) as writer:
            while not done.is_set():
                receipts.append(writer.send(session_id="s").json())

    thread = threading.Thread(target=write)
    thread.start()
    _base_backup(cluster, folder / "base")
    while len(receipts) < 300:
        time.sleep(0.01)
    done.set()
    thread.join()
    _archive_all(cluster, folder)
    with _restored(folder) as url:
        hashes = [entry.event_hash.hex() for entry in events_of(url, "w")]
        assert [hashes[receipt["sequence"] - 1] for receipt in receipts] == [one["event_hash"] for one in receipts]
        run("verify", database_url=url)
        run("import", "-", stdin='{"actor_id": "a", "action": "b"}\n', database_url=url)
        assert len(events_of(url, "w")) == len(hashes) + 1


def test_an_earlier_point_is_told(cluster: postgres.Cluster, folder: Path, run: Immutable) -> None:
    """Whole in itself, but the event that was noted is gone, and later another one is in its place."""
    run("keys", "create", "--workspace", "w", database_url=cluster.dsn)
    event = '{"actor_id": "a", "action": "b", "metadata": {"n": %d}}\n'
    run("import", "-", stdin="".join(event % number for number in range(50)), database_url=cluster.dsn)
    _base_backup(cluster, folder / "base")
    with psycopg.connect(cluster.dsn, autocommit=True) as connection:
        connection.execute("SELECT pg_create_restore_point('before')")
    run("import", "-", stdin=event % 50, database_url=cluster.dsn)
    noted = run("verify", database_url=cluster.dsn).split("--expect ")[1].split()[0]
    _archive_all(cluster, folder)
    with _restored(folder, recovery_target_name="before", recovery_target_action="promote") as url:
        run("verify", database_url=url)
        said = run("verify", "-w", "w", "--expect", noted, code=1, database_url=url)
        assert "ends at event 50, before event 51" in said
        run("import", "-", stdin=event % 51, database_url=url)
        said = run("verify", "-w", "w", "--expect", noted, code=1, database_url=url)
        assert "Event 51 of workspace w is not the one that was noted" in said


def test_an_earlier_point_is_told_by_the_server_itself(
    cluster: postgres.Cluster, folder: Path, serve: Callable[..., Any], tmp_path: Path
) -> None:
    """With nothing noted: the checkpoint kept beside the secret knows more, so the log is halted and not forked."""
    kept = tmp_path / "checkpoints"
    server = serve(database_url=cluster.dsn, checkpoints_folder=kept)
    client = server.client(workspace="w")
    client.post("/events/batch", {"events": [{"actor_id": "a", "action": "b"}] * 3})
    wait_for_checkpoint(client, 3)
    _base_backup(cluster, folder / "base")
    with psycopg.connect(cluster.dsn, autocommit=True) as connection:
        connection.execute("SELECT pg_create_restore_point('before')")
    client.post("/events/batch", {"events": [{"actor_id": "a", "action": "b"}] * 4})
    wait_for_checkpoint(client, 7)
    server.process.terminate()
    server.process.wait(120)
    _archive_all(cluster, folder)
    with _restored(folder, recovery_target_name="before", recovery_target_action="promote") as url:
        restored = serve(database_url=url, checkpoints_folder=kept)
        expect_no_fork(restored, client.key)
        restored.process.terminate()
        restored.process.wait(120)


def _base_backup(cluster: postgres.Cluster, target: Path) -> None:
    command = [
        cluster.binaries / "pg_basebackup",
        "-h",
        cluster.directory,
        "-U",
        "postgres",
        "-D",
        target,
        "-c",
        "fast",
    ]
    subprocess.run(command, check=True, cwd=cluster.directory, capture_output=True, user=cluster.user)


def _archive_all(cluster: postgres.Cluster, folder: Path) -> None:
    """Have the last segment archived, and end the server."""
    with psycopg.connect(cluster.dsn, autocommit=True) as connection:
        row = connection.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone()
        assert row is not None
        # Not when the file is there: it is while it is copied, too.
        is_archived = "SELECT last_archived_wal >= %s FROM pg_stat_archiver"
        until(lambda: connection.execute(is_archived, (row[0],)).fetchone() == (True,))
    assert (folder / "archive" / row[0]).exists()
    cluster.stop()


@contextmanager
def _restored(folder: Path, **recovery: str) -> Iterator[str]:
    """A PostgreSQL on the base backup, which reads the archive as far as it is told; its URL once it takes writes."""
    settings = SMALL | {"restore_command": f"cp {folder}/archive/%f %p"} | recovery
    with ExitStack() as stack:
        name = stack.enter_context(tempfile.TemporaryDirectory(prefix="restored-", ignore_cleanup_errors=True))
        cluster = postgres.Cluster(Path(name), settings)
        shutil.rmtree(cluster.data)
        shutil.copytree(folder / "base", cluster.data)
        (cluster.data / "recovery.signal").touch()
        if cluster.user is not None:
            group = pwd.getpwuid(cluster.user).pw_gid
            for path in (cluster.data, *cluster.data.rglob("*")):
                os.chown(path, cluster.user, group)
        cluster.data.chmod(0o700)
        stack.callback(cluster.stop)
        cluster.start()
        with psycopg.connect(cluster.dsn, autocommit=True) as connection:
            until(lambda: connection.execute("SELECT pg_is_in_recovery()").fetchone() == (False,))
        yield cluster.dsn
