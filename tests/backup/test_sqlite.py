"""immutable backup: a whole copy of one moment, whatever goes on meanwhile; and what tells that an older one was restored."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
import pytest
from tests.backup.conftest import Immutable, events_of, expect_no_fork, wait_for_checkpoint


def test_it_holds_all_that_was_acknowledged_before(serve: Callable[..., Any], run: Immutable, tmp_path: Path) -> None:
    """Taken again and again while clients write; each copy is a log of its own that verifies, in one file."""
    server = serve()
    client = server.client(workspace="w")
    done = threading.Event()

    def write() -> None:
        with closing(server.with_key(client.key)) as writer:
            while not done.wait(0.05):  # or the slower a backup is, the more there is to back up
                writer.post("/events/batch", {"events": [{"actor_id": "a", "action": "b", "session_id": "s"}] * 100})

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for number in range(4):
            receipt = client.send().json()
            copy = tmp_path / f"copy {number}.db"
            printed = run("backup", str(copy), database_url=server.database_url)
            assert "is whole" in printed
            assert [path.name for path in tmp_path.iterdir() if path.name.startswith((f"copy {number}", ".copy"))] == [
                copy.name
            ]
            entries = events_of(f"sqlite:///{copy}", "w")
            assert len(entries) >= receipt["sequence"]
            assert entries[receipt["sequence"] - 1].event_hash.hex() == receipt["event_hash"]
    finally:
        done.set()
        thread.join()
    last = tmp_path / "copy 3.db"
    restored = serve(database_url=f"sqlite:///{last}")
    again = restored.with_key(client.key)
    assert again.send().json()["sequence"] == len(entries) + 1
    run("verify", database_url=restored.database_url)


def test_what_was_killed_is_no_backup(run: Immutable, database: str, tmp_path: Path) -> None:
    """Whatever the moment, there is a whole copy of that name or none."""
    command = [sys.executable, "-m", "immutable", "backup"]
    for number, delay in enumerate((0.0, 0.02, 0.05, 0.1, 0.2)):
        copy = tmp_path / f"copy{number}.db"
        with subprocess.Popen(
            [*command, copy], env={"IMMUTABLE_DATABASE_URL": database}, stdout=subprocess.DEVNULL
        ) as process:
            while not list(tmp_path.glob(f".{copy.name}.*")) and process.poll() is None:  # it has begun then
                time.sleep(0.001)
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
        if copy.exists():
            run("verify", database_url=f"sqlite:///{copy}")


def test_nothing_is_replaced(run: Immutable, database: str, tmp_path: Path) -> None:
    """A name that is taken is refused, as are a folder that is not there, a missing log and PostgreSQL."""
    copy = tmp_path / "copy.db"
    copy.write_text("precious")
    assert "there already" in run("backup", str(copy), code=2, database_url=database)
    assert copy.read_text() == "precious"
    assert "cannot be written" in run("backup", str(tmp_path / "no" / "copy.db"), code=2, database_url=database)
    assert "no database" in run("backup", "x.db", code=2, database_url=f"sqlite:///{tmp_path}/none.db")
    assert "pg_basebackup" in run("backup", "x.db", code=2, database_url="postgresql://db/immutable")


def test_a_broken_log_is_copied_and_told(run: Immutable, database: str, tmp_path: Path) -> None:
    """Evidence of tampering is worth keeping too."""
    with closing(apsw.Connection(database.removeprefix("sqlite:///"))) as connection:
        connection.execute("DROP TRIGGER entries_are_not_edited")
        connection.execute("UPDATE entries SET salt = zeroblob(16) WHERE id & 0xffffffff = 7")
    copy = tmp_path / "copy.db"
    assert "event 7" in run("backup", str(copy), code=1, database_url=database)
    assert len(events_of(f"sqlite:///{copy}", "w")) == 200


def test_an_older_copy_in_the_logs_place_is_told(run: Immutable, database: str, tmp_path: Path) -> None:
    """By the event that was noted elsewhere: gone at first, and another one when the log has gone on from there."""
    copy = tmp_path / "copy.db"
    run("backup", str(copy), database_url=database)
    run("import", "-", stdin='{"actor_id": "late", "action": "b"}\n', database_url=database)
    noted = run("verify", database_url=database).split("--expect ")[1].split()[0]
    assert noted.startswith("201:")
    run("verify", "-w", "w", "--expect", noted, database_url=database)
    restored = f"sqlite:///{copy}"
    said = run("verify", "-w", "w", "--expect", noted, code=1, database_url=restored)
    assert "ends at event 200, before event 201" in said
    run("import", "-", stdin='{"actor_id": "other", "action": "b"}\n', database_url=restored)
    said = run("verify", "-w", "w", "--expect", noted, code=1, database_url=restored)
    assert "Event 201 of workspace w is not the one that was noted" in said


def test_an_older_copy_is_told_by_the_server_itself(serve: Callable[..., Any], run: Immutable, tmp_path: Path) -> None:
    """With nothing noted: the checkpoint kept beside the secret knows more, so the log is halted and not forked."""
    folder = tmp_path / "checkpoints"
    server = serve(checkpoints_folder=folder)
    client = server.client(workspace="w")
    client.post("/events/batch", {"events": [{"actor_id": "a", "action": "b"}] * 3})
    wait_for_checkpoint(client, 3)
    copy = tmp_path / "copy.db"
    run("backup", str(copy), database_url=server.database_url)
    client.post("/events/batch", {"events": [{"actor_id": "a", "action": "b"}] * 4})
    wait_for_checkpoint(client, 7)
    server.process.terminate()
    server.process.wait(120)
    for path in server.database.parent.glob(server.database.name + "*"):
        path.unlink()
    copy.rename(server.database)
    expect_no_fork(serve(database_url=server.database_url, checkpoints_folder=folder), client.key)


@pytest.mark.parametrize("expect", ["", "1", "1:", "1:zz", ":" + "0" * 64, "-1:" + "0" * 64, "9" * 30 + ":" + "0" * 64])
def test_what_expect_takes(run: Immutable, database: str, expect: str) -> None:
    """Anything but a sequence and a hash is refused with the form that it has."""
    assert "the sequence, a colon" in run("verify", "-w", "w", f"--expect={expect}", code=2, database_url=database)
