"""`immutable export --proofs`: a whole log that proves itself, checked by the verifier that shares no code with the server."""

import random
from pathlib import Path
from typing import Any

import pytest
from tests.backup.conftest import wait_for_checkpoint

from immutable_verify import __main__ as verifier
from immutable_verify import log, note
from immutable_verify.findings import Refused


def test_an_exported_log_proves_itself(
    run: Any, filled: tuple[Any, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The verifier takes the folder as it is, and no byte of it in any other way."""
    server, client = filled
    folder = tmp_path / "whole"
    wait_for_checkpoint(client, client.length())  # which is behind the log, and would cover less, or not be there yet
    said = run("export", "--proofs", folder, database_url=server.database_url).stdout
    assert "immutable-verify export" in said
    listed = client.get("/signing-keys").json()["data"]  # on another way than the export
    keys = [note.parse_key(one["verifier_key"], note.LOG) for one in listed]
    assert verifier.main(["export", str(folder), "--key", listed[0]["verifier_key"]]) == 0
    count = client.length()
    assert "form an unbroken chain" in capsys.readouterr().out
    data, checkpoint = (folder / "events.jsonl").read_bytes(), (folder / "checkpoint").read_bytes()
    assert data.count(b"\n") == count
    assert log.check_export(data, checkpoint, keys).trusted
    lines = data.splitlines(keepends=True)
    few = b"".join(lines[:12])
    assert not log.check_export(few, None, []).trusted
    chosen = random.Random(4)
    for at in sorted(chosen.sample(range(len(few)), 400)):
        changed = few[:at] + bytes([few[at] ^ 1 << chosen.randrange(8)]) + few[at + 1 :]
        with pytest.raises(Refused):
            log.check_export(changed, None, [])
    for at in range(len(checkpoint)):
        with pytest.raises(Refused):
            note.open_checkpoint(checkpoint[:at] + bytes([checkpoint[at] ^ 4]) + checkpoint[at + 1 :], keys, "it")
    with pytest.raises(Refused):
        log.check_export(b"".join(lines[:-1] if count == 1 else lines[:1]), checkpoint, keys)


@pytest.mark.parametrize(
    "more", [("--actor", "ann"), ("--limit", "3"), ("--output", "x"), ("--url", "http://127.0.0.1:1")]
)
def test_only_a_whole_log_proves_itself(
    run: Any, filled: tuple[Any, Any], tmp_path: Path, more: tuple[str, str]
) -> None:
    """A part of it, or one behind a server, is not what the option is for; and a folder that is there is left alone."""
    server, _ = filled
    run("export", "--proofs", tmp_path / "whole", *more, code=2, database_url=server.database_url)
    assert not (tmp_path / "whole").exists()
    run("export", "--proofs", tmp_path, code=2, database_url=server.database_url)
