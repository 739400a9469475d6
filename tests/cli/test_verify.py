"""`immutable verify`."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import pytest

EVENTS = "".join(f'{{"actor_id":"a","action":"x.n{number}","session_id":"s{number % 7}"}}\n' for number in range(300))


def _tamper(database: Path | str, sql: str) -> None:
    connection = apsw.Connection(str(database))
    connection.set_busy_timeout(120_000)  # the server's keys are marked as used from time to time
    connection.execute("DROP TRIGGER entries_are_not_edited; DROP TRIGGER entries_are_not_deleted")
    connection.execute(sql)
    connection.close()


def _file(variables: dict[str, str]) -> str:
    return variables["database_url"].removeprefix("sqlite:///")


def test_a_whole_log_is_said_to_be_whole(run: Any, log: Any) -> None:
    """One sentence with the events, the time and the head's hash; exit code 0."""
    newest = log.client.events(limit=1)[0]
    printed = run("verify", **log.variables).stdout
    assert re.match(rf"✔ The log.* is whole: {newest['sequence']} events in \d+\.\d\d s, ", printed)
    assert f"Head: event {newest['sequence']}, hash {newest['integrity']['event_hash']}" in printed
    assert "not compared" not in printed


@pytest.mark.parametrize(
    ("sql", "sequence", "kind"),
    [
        ("UPDATE entries SET event_hash = zeroblob(32) WHERE id & 0xffffffff = 42", 42, "hash_mismatch"),
        ("UPDATE entries SET details = NULL, salt = NULL WHERE id & 0xffffffff = 42", 42, "details_mismatch"),
        ("DELETE FROM entries WHERE id & 0xffffffff = 41", 42, "chain_break"),
        ("DELETE FROM entries WHERE id & 0xffffffff > 290", 300, "chain_break"),
    ],
)
def test_a_broken_log_is_told_with_its_first_break(
    run: Any, read_json: Callable[..., Any], database: dict[str, str], sql: str, sequence: int, kind: str
) -> None:
    """Whoever alters the file is found: exit code 1, and the event, its place and what is wrong with it."""
    run("import", "-", stdin=EVENTS, **database)
    _tamper(_file(database), sql)
    printed = run("verify", code=1, **database).stdout
    assert "altered or damaged" in printed
    assert re.search(rf"event {sequence}  {kind}", printed)
    (report,) = read_json("verify", code=1, **database)["data"]
    assert (sequence, kind) in {(one["sequence"], one["type"]) for one in report["breaks"]}
    assert not report["valid"]


def test_a_server_tells_a_broken_log_too(run: Any, serve: Callable[..., Any]) -> None:
    """The break is found through the API as well, with the same exit code."""
    server = serve()
    client = server.client(workspace="main")
    variables = {"url": server.url, "api_key": client.key}
    run("import", "-", stdin=EVENTS, **variables)
    run("verify", **variables)
    event = client.events(order="asc", limit=42)[-1]
    _tamper(server.database, "UPDATE entries SET event_hash = zeroblob(32) WHERE id & 0xffffffff = 42")
    printed = run("verify", code=1, **variables).stdout
    assert re.search(rf"event 42  hash_mismatch  {event['id']}", printed)


def test_every_workspace_is_verified_unless_one_is_named(run: Any, database: dict[str, str]) -> None:
    """A break in one workspace is found without naming it, and does not make another's log bad."""
    run("keys", "create", "--workspace", "other", **database)
    for workspace in ("main", "other"):
        run("import", "-", "--workspace", workspace, stdin=EVENTS, **database)
    _tamper(_file(database), "UPDATE entries SET event_hash = zeroblob(32) WHERE id = (2 << 40) + 42")
    printed = run("verify", code=1, **database).stdout
    assert "✔ The log of workspace main is whole" in printed
    assert "✖ The log of workspace other was altered" in printed
    run("verify", "--workspace", "main", **database)
    run("verify", "--workspace", "other", code=1, **database)


def test_chain_only_leaves_the_indexes_out(run: Any, database: dict[str, str]) -> None:
    """A lost idempotency key breaks no hash: only the full verification tells it."""
    run("import", "-", stdin=EVENTS, **database)
    _tamper(_file(database), "DELETE FROM idempotency WHERE seq = 42")
    assert "summaries of sessions were not compared" in run("verify", "--chain-only", **database).stdout
    assert "index_mismatch" in run("verify", code=1, **database).stdout


def test_an_empty_log_is_whole(run: Any, database: dict[str, str]) -> None:
    """A workspace without events verifies."""
    assert "is whole: 0 events" in run("verify", **database).stdout
