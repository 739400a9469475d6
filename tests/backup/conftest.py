"""The command line as an operator uses it, and logs to copy."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

import pytest
from tests.waiting import until

from immutable.model.event import LogEntry
from immutable.store.open import open_store


class Immutable(Protocol):
    """Runs `immutable` with these arguments."""

    def __call__(self, *arguments: str, database_url: str, stdin: str | None = None, code: int = 0) -> str:
        """What it printed; it must have ended with `code`."""


@pytest.fixture
def run(tmp_path: Path) -> Immutable:
    """The command, with no settings but the database."""

    def command(*arguments: str, database_url: str, stdin: str | None = None, code: int = 0) -> str:
        finished = subprocess.run(
            [sys.executable, "-m", "immutable", *arguments], env={"IMMUTABLE_DATABASE_URL": database_url}, cwd=tmp_path,
            input=stdin, capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip
        assert finished.returncode == code, finished.stdout + finished.stderr
        return finished.stdout + finished.stderr

    return command


@pytest.fixture
def database(run: Immutable, tmp_path: Path) -> str:
    """A SQLite log of 200 events."""
    url = f"sqlite:///{tmp_path}/log.db"
    run("keys", "create", "--workspace", "w", database_url=url)
    events = "".join(
        f'{{"actor_id": "a{number % 9}", "action": "b", "metadata": {{"n": {number}}}}}\n' for number in range(200)
    )
    run("import", "-", stdin=events, database_url=url)
    return url


def wait_for_checkpoint(client: Any, size: int) -> None:
    """Until a log of so many events is signed."""
    until(lambda: client.get(f"/checkpoints/{size}").status_code == 200)


def expect_no_fork(server: Any, key: str) -> None:
    """The server tells by itself that the log was set back; it takes events, and signs none, however many come."""
    client = server.with_key(key)
    until(lambda: "checkpoints_halted" in client.http.get(f"{server.url}/readyz").json())
    signed = client.get("/checkpoints").json()["data"]
    assert [one["size"] for one in signed] == [3]
    assert client.post("/events/batch", {"events": [{"actor_id": "b", "action": "c"}] * 20}).status_code == 202
    beside = server.client()
    for size in (
        1,
        2,
    ):  # another log is signed, and again: between the two, this one's turn has been, and came to nothing
        beside.send()
        wait_for_checkpoint(beside, size)
    assert client.get("/checkpoints").json()["data"] == signed
    assert "was set back" in client.get("/checkpoints/latest").json()["halted"]
    assert "checkpoints_halted" in server.logged()


def events_of(url: str, workspace: str) -> list[LogEntry]:
    """All entries of a workspace."""
    with closing(open_store(url, builds_index=False)) as store:
        found = store.catalog.workspace(workspace)
        assert found is not None
        return list(store.entries(found, 1, store.head(found).seq))
