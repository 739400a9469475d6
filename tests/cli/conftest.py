"""Runs the real command, against a server and directly on its database, both filled with the demo's ticket."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from immutable import demo
from immutable.demo.places import write_mmdb

Finished = subprocess.CompletedProcess[str]


class Run(Protocol):
    """Runs `immutable` with these arguments."""

    def __call__(self, *arguments: str | Path, stdin: str | None = None, code: int = 0, **variables: str) -> Finished:
        """What it printed; it must have ended with `code`. `variables`: without their IMMUTABLE_."""


class Log:
    """A log to read, and how: the settings that lead the command to it."""

    def __init__(self, server: Any, client: Any, variables: dict[str, str]) -> None:
        self.server, self.client, self.variables = server, client, variables


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """The command, in an empty folder and with no settings but those given."""

    def command(*arguments: str | Path, stdin: str | None = None, code: int = 0, **variables: str) -> Finished:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("IMMUTABLE_")}
        environment |= {f"IMMUTABLE_{name.upper()}": value for name, value in variables.items()}
        finished = subprocess.run(
            [sys.executable, "-W", "error", "-m", "immutable", *map(str, arguments)],
            env=environment, cwd=tmp_path, input=stdin, capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip
        assert finished.returncode == code, finished.stdout + finished.stderr
        assert "Traceback" not in finished.stderr
        return finished

    return command


@pytest.fixture(scope="module")
def filled(serve_module: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    """A server with the ticket among 400 other events, and a few of a stranger who writes to deceive."""
    places = tmp_path_factory.mktemp("places") / "places.mmdb"
    write_mmdb(places)
    server = serve_module(geo_mmdb=places)
    client = server.client(workspace="ticket")
    events = [*demo.events(400), *_hostile()]
    for start in range(0, len(events), 100):
        assert client.post("/events/batch", {"events": events[start : start + 100]}).status_code == 202
    return server, client


def _hostile() -> Iterator[dict[str, Any]]:
    for second, name in enumerate(("\x1b[2Jgone", "[red]not red[/]", "\u202eevil", "two\nlines")):
        yield {
            "actor_id": "stranger", "actor_name": name, "action": "document.viewed", "session_id": "sess/hostile 1",
            "resource": {"type": "document", "id": "doc_h", "name": name}, "metadata": {name: name},
            "occurred_at": f"2026-01-02T03:04:0{second}Z",
        }  # fmt: skip


@pytest.fixture(params=["server", "database"])
def log(request: pytest.FixtureRequest, filled: tuple[Any, Any]) -> Log:
    """The filled log, asked through the server, and read directly while the server runs on it."""
    server, client = filled
    if request.param == "server":
        return Log(server, client, {"url": server.url, "api_key": client.key})
    return Log(server, client, {"database_url": server.database_url})


@pytest.fixture
def database(run: Run, tmp_path: Path) -> dict[str, str]:
    """An empty database with the workspace `main`, and no server: the settings that lead to it."""
    variables = {"database_url": f"sqlite:///{tmp_path}/log.db"}
    run("keys", "create", "--workspace", "main", **variables)
    return variables


@pytest.fixture
def read_json(run: Run) -> Callable[..., Any]:
    """Runs a command with --json and reads what it prints."""
    return lambda *arguments, **variables: json.loads(run(*arguments, "--json", **variables).stdout)
