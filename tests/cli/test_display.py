"""`immutable workspaces destructive` and `links`, on a database of their own and through a server."""

import json
from typing import Any

import pytest

ACTIONS = "\n".join(
    json.dumps({"actor_id": "lisa", "action": f"plan.{does}"}) for does in ("viewed", "deleted", "cancelled")
)


@pytest.fixture
def variables(run: Any, database: dict[str, str]) -> dict[str, str]:
    """A database with three events."""
    run("import", "-", stdin=ACTIONS, **database)
    return database


def test_destructive_actions_are_shown_and_decided(run: Any, read_json: Any, variables: dict[str, str]) -> None:
    """Looked at first with --dry-run, added to, excepted, taken off and given up."""
    command = ("workspaces", "destructive")
    looked = run(*command, "--add", "plan.cancelled", "--dry-run", **variables).stdout
    assert "2 of 3 actions count as destructive." in looked
    assert "otherwise" in looked
    assert "1 of 3 actions" in run(*command, "--except", "*.deleted", "--add", "plan.cancelled", **variables).stdout
    told = read_json(*command, "--no-default", "--remove", "plan.cancelled", **variables)["data"]
    assert (told["uses_default"], told["patterns"], told["exceptions"]) == (False, [], ["*.deleted"])
    assert "1 of 3 actions" in run(*command, "--reset", **variables).stdout


def test_links_are_shown_and_decided(run: Any, read_json: Any, variables: dict[str, str]) -> None:
    """A template, none at all, and the server's again; a wrong one is refused in words."""
    command = ("workspaces", "links")
    run(*command, "--errors", "https://errors/{request_id}", "--logs", "", **variables)
    told = read_json(*command, log_link="https://logs/{session_id}", **variables)["data"]
    assert told["errors"]["example"] == "https://errors/req_5d20"
    assert (told["logs"]["template"], told["logs"]["default"]) == ("", "https://logs/{session_id}")
    again = run(*command, "--default", "logs", log_link="https://logs/{session_id}", **variables).stdout
    assert "https://logs/sess_a8f3c2d1" in again
    wrong = run(*command, "--trace", "javascript:{trace_id}", code=2, **variables)
    assert "https://" in wrong.stderr
