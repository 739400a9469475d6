"""The command line as an operator uses it, and logs to copy."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Protocol

import pytest

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
            input=stdin, capture_output=True, text=True, timeout=60, check=False,
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


def events_of(url: str, workspace: str) -> list[LogEntry]:
    """All entries of a workspace."""
    with closing(open_store(url, builds_index=False)) as store:
        found = store.catalog.workspace(workspace)
        assert found is not None
        return list(store.entries(found, 1, store.head(found).seq))
