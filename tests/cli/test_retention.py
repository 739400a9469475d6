"""`immutable retention` and `immutable archive`: from a policy to a log that is opened again, through a real server."""

import json
import shlex
import time
from pathlib import Path
from typing import Any

import pytest
from tests.logs import event, open_log

from immutable_verify import note
from immutable_verify.log import check_export_folder

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
    deadline = time.monotonic() + 240
    while (verdict := client.get("/verify").json()["data"])["pruned_through"] == 0:
        assert time.monotonic() < deadline, server.logged()
        time.sleep(0.5)
    assert (verdict["valid"], verdict["pruned_through"]) == (True, 16_384)
    assert client.get("/sessions/s5").status_code == 404
    _proves_itself(run, client, old_log, tmp_path / "left")
    (listed,) = read_json("archive", "list", url=server.url, api_key=client.key)["data"]
    assert listed["metadata"]["last"] == 16_384
    name, details = listed["metadata"]["archive"], listed["metadata"]["details"]
    archive, details_file = folder / name, folder / details
    told = run("archive", "verify", archive, details_file).stdout
    assert told.count("events 1 to 16,384") == 1
    assert run("archive", "verify", details, "--at", folder).stdout.startswith(f"✔ {name}")
    old = details_file.read_bytes()
    asked = {"url": server.url, "api_key": server.client("read", "admin", workspace="main").key}
    _erases(run, archive, asked)
    _is_opened_again(run, archive, asked, {"database_url": f"sqlite:///{tmp_path}/old.db"})
    _is_finished(run, archive, details_file, old, asked)


def _erases(run: Any, archive: Path, asked: dict[str, str]) -> None:
    """Through the server, in the archive too, and the log explains what is missing there."""
    erase = ("erase", "--actor", "u7", "--reason", "asked for")
    question = run(*erase, stdin="n\n", code=1, **asked).stderr
    assert "12 events, and of those like them among the 16,384 events in archives for good?" in question
    assert "details of 340 events are erased, 328 of them in archives" in run(*erase, "--yes", **asked).stdout
    told = run("archive", "verify", archive, "--log", **asked).stdout
    assert "328 events were erased on the record (8, 58, 108" in told


def _is_opened_again(run: Any, archive: Path, asked: dict[str, str], opened: dict[str, str]) -> None:
    """As a log for every command, whose missing details the log that it came from explains; it erases in itself alone."""
    before = archive.parent.stat().st_mtime_ns
    assert (
        "328 events are not in the archives" in run("archive", "open", archive, "--to", opened["database_url"]).stdout
    )
    exported = [json.loads(line) for line in run("export", "--session", "s5", **opened).stdout.splitlines()]
    names = [None if n == 57 else f"Name {n}" for n in range(50, 60)]
    assert [event["actor_name"] for event in exported] == names
    assert "details taken away" in run("verify", "--chain-only", code=1, **opened).stdout
    told = run("verify", "--log", asked["url"], api_key=asked["api_key"], **opened).stdout
    assert "is whole" in told
    assert "328 events were erased on the record (8, 58, 108" in told
    erase = ("erase", "--session", "s1638", "--reason", "asked for", "--yes")
    assert "4 events are erased;" in run(*erase, **opened).stdout
    assert archive.parent.stat().st_mtime_ns == before


def _is_finished(run: Any, archive: Path, details: Path, old: bytes, asked: dict[str, str]) -> None:
    """The command that a verification names removes what should be gone; an archive out of reach is named in the end."""
    new = details.read_bytes()
    details.write_bytes(old)  # as an older copy that is put back
    told = run("archive", "verify", archive, "--log", code=1, **asked).stdout
    assert "erased on the record, and still there (8, 58, 108" in told
    mending = next(line for line in told.splitlines() if line.startswith("    immutable erase"))
    run(*shlex.split(mending)[1:], "--yes", **asked)
    assert details.read_bytes() == new
    details.rename(details.with_suffix(".away"))
    failed = run("erase", "--actor", "u7", "--reason", "asked for", "--yes", code=1, **asked).stderr
    assert f"the archive {archive.parent.name}/000000000001-000000016384 (events 1 to 16,384)" in failed


def _proves_itself(run: Any, client: Any, old_log: dict[str, str], folder: Path) -> None:
    """What is left of the log is exported with its proofs, and the verifier accounts for what was pruned."""
    run("export", "--proofs", folder, **old_log)
    (key,) = (note.parse_key(one["verifier_key"], note.LOG) for one in client.get("/signing-keys").json()["data"])
    said = check_export_folder(folder, [key])
    assert any("Events 1 to 16384 were pruned, on the record" in one for one in said.established)
    assert any("Events 16385 to" in one and "are those that" in one for one in said.established)


def test_a_damaged_archive_is_told(run: Any, tmp_path: Path) -> None:
    """A clear word and exit code, whatever the file is."""
    broken = tmp_path / "broken.jsonl.gz"
    broken.write_bytes(b"\x1f\x8b\x08\x00 not really")
    assert "cannot be read" in run("archive", "verify", broken, code=2).stderr
    assert "cannot be read" in run("archive", "verify", tmp_path / "none", code=2).stderr


def test_what_a_policy_needs(run: Any, database: dict[str, str], tmp_path: Path) -> None:
    """A place for the archives that is one, and a number of days."""
    assert (
        "cannot be kept" in run("retention", "set", "--days", "1", "--archive", "gopher://x", code=2, **database).stderr
    )
    run("retention", "set", "--days", "0", "--archive", "x", code=2, **database)
    assert "keeps everything" in run("retention", "run", code=2, **database).stderr
    kept = run("retention", "set", "--days", "1", "--archive", "archives", **database)
    assert f"archives go to {tmp_path / 'archives'}." in kept.stdout, "Another process may run in another folder."
    ran = run("retention", "run", **database).stdout
    assert "0 events archived" in ran
    assert "Nothing is due. Events go 16,384 at a time" in ran
    assert "keeps everything" in run("retention", "off", **database).stdout
