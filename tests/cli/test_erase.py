"""`immutable erase` and `immutable hold`, on a database of their own and through a server."""

import json
from typing import Any

import pytest

EVENTS = "\n".join(
    json.dumps({"actor_id": actor, "actor_name": actor.title(), "action": "document.viewed", "session_id": f"s{n}"})
    for n, actor in enumerate(["lisa", "tom", "lisa"])
)


@pytest.fixture
def variables(run: Any, database: dict[str, str]) -> dict[str, str]:
    """A database with three events."""
    run("import", "-", stdin=EVENTS, **database)
    return database


def names(read_json: Any, variables: dict[str, str], run: Any) -> list[str | None]:
    """The actors' names in the order of the log, without the server's own events."""
    lines = run("export", **variables).stdout.splitlines()
    return [event["actor_name"] for event in map(json.loads, lines) if not event["action"].startswith("immutable.")]


def test_details_are_erased_and_the_log_stays_whole(run: Any, read_json: Any, variables: dict[str, str]) -> None:
    """It says how many events it was, and verification how many are erased."""
    done = run("erase", "--actor", "lisa", "--reason", "asked for", "--yes", **variables)
    assert done.stdout == "The details of 2 events are erased; the log says so.\n"
    assert names(read_json, variables, run) == [None, "Tom", None]
    assert "The details of 2 events were erased on the record (1, 3)." in run("verify", **variables).stdout
    assert "details erased" in run("timeline", "s0", **variables).stdout
    assert "details erased" not in run("timeline", "s1", **variables).stdout


def test_it_asks_before_it_erases(run: Any, read_json: Any, variables: dict[str, str]) -> None:
    """Anything but yes leaves all as it was."""
    asked = run("erase", "--actor", "lisa", "--reason", "asked for", stdin="n\n", code=1, **variables)
    assert "Erase the details of 2 events for good?" in asked.stderr
    assert names(read_json, variables, run) == ["Lisa", "Tom", "Lisa"]


def test_it_says_what_stays_and_asks_nothing_where_nothing_would_go(run: Any, variables: dict[str, str]) -> None:
    """What a hold keeps is told before; where no event that is meant has details to lose, nothing is asked or done."""
    erase = ("erase", "--reason", "asked for", "--actor")
    assert "Nothing to erase: no such event has details." in run(*erase, "Lisa", **variables).stderr
    run("hold", "place", "--session", "s0", "--reason", "case 7", **variables)
    asked = run(*erase, "lisa", stdin="y\n", **variables)
    assert "Erase the details of 1 event for good? Kept as they are: 1 event under a hold." in asked.stderr
    again = run(*erase, "lisa", **variables)
    assert "Nothing to erase: 1 event under a hold, 1 event erased before." in again.stderr
    assert "No details were erased." in run(*erase, "lisa", "--yes", **variables).stdout


def test_events_under_a_hold_are_passed_over(run: Any, read_json: Any, variables: dict[str, str]) -> None:
    """A hold is placed, listed, respected and released."""
    placed = read_json("hold", "place", "--session", "s0", "--reason", "case 7", **variables)["data"]
    done = run("erase", "--actor", "lisa", "--reason", "asked for", "--yes", **variables).stdout
    assert "The details of 1 event are erased" in done
    assert "1 event under a hold kept" in done
    assert "session_id s0" in run("hold", "list", **variables).stdout
    nobody = run("hold", "place", "--actor", "Lisa", "--reason", "case 8", **variables)
    assert "No event has this actor's id yet" in nobody.stderr
    run("hold", "release", placed["id"], "--reason", "settled", **variables)
    again = run("hold", "release", placed["id"], "--reason", "settled", code=2, **variables)
    assert "was released already" in again.stderr
    run("erase", "--actor", "lisa", "--reason", "asked for", "--yes", **variables)
    assert names(read_json, variables, run) == [None, "Tom", None]


def test_a_condition_is_asked_for(run: Any, variables: dict[str, str]) -> None:
    """Nobody erases everything by leaving something out."""
    assert "Say which events" in run("erase", "--reason", "r", "--yes", code=2, **variables).stderr


def test_through_a_server(run: Any, serve: Any) -> None:
    """The server erases for a key with the scope admin, and refuses others; beside it nobody writes to its file."""
    server = serve()
    client = server.client("ingest", "read", "admin", workspace="main")
    client.send(actor_id="lisa", actor_name="Lisa")
    erase = ("erase", "--actor", "lisa", "--reason", "asked for", "--yes")
    reader = server.client("read", workspace="main")
    assert "scope 'admin'" in run(*erase, url=server.url, api_key=reader.key, code=2).stderr
    assert "already serves" in run(*erase, database_url=server.database_url, code=2).stderr
    run(*erase, url=server.url, api_key=client.key)
    assert client.events(actor_id="lisa")[0]["actor_name"] is None


def test_an_export_is_imported_without_what_the_server_said(run: Any, variables: dict[str, str], tmp_path: Any) -> None:
    """What was done to one log is not said in another; everything else is taken."""
    run("erase", "--actor", "tom", "--reason", "asked for", "--yes", **variables)
    run("export", "--output", "events.jsonl", **variables)
    other = {"database_url": f"sqlite:///{tmp_path}/other.db"}
    run("keys", "create", "--workspace", "other", **other)
    run("import", "events.jsonl", **other)
    actions = [json.loads(line)["action"] for line in run("export", **other).stdout.splitlines()]
    assert actions == ["document.viewed"] * 3
