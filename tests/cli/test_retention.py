"""`immutable retention` and `immutable archive`: from a policy to a log that is opened again, through a real server."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from tests.logs import event, open_log

_EVENTS = 17_000


@pytest.fixture
def old_log(tmp_path: Path) -> dict[str, str]:
    """A database whose events are half a year old, in sessions of ten."""
    path = tmp_path / "log.db"
    with open_log(path, "main") as log:
        for start in range(0, _EVENTS, 1_000):
            numbers = range(start, start + 1_000)
            log.append(
                *[event(actor_id=f"u{n % 50}", actor_name=f"Name {n}", session_id=f"s{n // 10}") for n in numbers]
            )
    return {"database_url": f"sqlite:///{path}"}


def test_from_a_policy_to_a_log_that_is_opened_again(
    run: Any, serve: Any, read_json: Any, old_log: dict[str, str], tmp_path: Path
) -> None:
    """The server archives and prunes what is due, the log verifies, and the archive is a log for every command."""
    folder = tmp_path / "archives"
    run("retention", "set", "--days", "30", "--archive", folder, **old_log)
    assert "30 days" in run("retention", "show", **old_log).stdout
    server = serve(**old_log)
    client = server.client("read", workspace="main")
    deadline = time.monotonic() + 120
    while (verdict := client.get("/verify").json()["data"])["pruned_through"] == 0:
        assert time.monotonic() < deadline, server.logged()
        time.sleep(0.5)
    assert (verdict["valid"], verdict["pruned_through"]) == (True, 16_384)
    assert client.get("/sessions/s5").status_code == 404
    (listed,) = read_json("archive", "list", url=server.url, api_key=client.key)["data"]
    assert listed["metadata"]["last"] == 16_384
    archive = folder / listed["metadata"]["archive"]
    told = run("archive", "verify", archive).stdout
    assert "events 1 to 16,384" in told
    name = listed["metadata"]["archive"]
    assert run("archive", "verify", name, "--at", folder).stdout.startswith(f"✔ {name}")
    opened = {"database_url": f"sqlite:///{tmp_path}/old.db"}
    run("archive", "open", archive, "--to", opened["database_url"])
    exported = run("export", "--session", "s5", **opened).stdout.splitlines()
    assert [json.loads(line)["actor_name"] for line in exported] == [f"Name {n}" for n in range(50, 60)]
    assert "is whole" in run("verify", **opened).stdout


def test_a_damaged_archive_is_told(run: Any, tmp_path: Path) -> None:
    """A clear word and exit code, whatever the file is."""
    broken = tmp_path / "broken.jsonl.gz"
    broken.write_bytes(b"\x1f\x8b\x08\x00 not really")
    assert "cannot be read" in run("archive", "verify", broken, code=2).stderr
    assert "cannot be read" in run("archive", "verify", tmp_path / "none", code=2).stderr


def test_what_a_policy_needs(run: Any, database: dict[str, str]) -> None:
    """A place for the archives that is one, and a number of days."""
    assert (
        "cannot be kept" in run("retention", "set", "--days", "1", "--archive", "gopher://x", code=2, **database).stderr
    )
    run("retention", "set", "--days", "0", "--archive", "x", code=2, **database)
    assert "keeps everything" in run("retention", "run", code=2, **database).stderr
    run("retention", "set", "--days", "1", "--archive", "archives", **database)
    assert "0 events archived" in run("retention", "run", **database).stdout
    assert "keeps everything" in run("retention", "off", **database).stdout
