"""A real server process on a database of its own, and clients of it, for the tests of every folder."""

import json
import logging
import os
import re
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol

import httpx2
import hypothesis
import pytest
import structlog
from tests.postgres import CITUS, new_citus_database, new_database
from tests.waiting import PATIENCE

from immutable.accounts.api_key import create_key
from immutable.model.workspace import Scope
from immutable.store.open import open_catalog, path_of

TROUBLE = ("request_failed", "Traceback", "Exception in ASGI")
"""What a server must never log, whatever it is sent."""

# Without deadlines and complaints that drawing is slow, which a busy machine earns. Every run tries the same examples: whoever
# changes nothing sees nothing new fail. `EXPLORE=1 pytest …` draws others.
hypothesis.settings.register_profile(
    "ours",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    database=None,
    derandomize="EXPLORE" not in os.environ,
)
hypothesis.settings.load_profile("ours")


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """A command that was run inside this process sets up its logging for good: the next test starts with the default."""
    yield
    if structlog.is_configured():
        structlog.reset_defaults()
        root = logging.getLogger()
        root.setLevel(logging.WARNING)
        for handler in [
            one for one in root.handlers if type(one) is logging.StreamHandler
        ]:  # pytest's own are of others
            root.removeHandler(handler)  # it writes to what stderr was in that test


class Client:
    """Speaks to a server with one key."""

    def __init__(self, server: "Server", key: str, workspace: str) -> None:
        self.server, self.key, self.workspace = server, key, workspace
        headers = {"authorization": f"Bearer {key}"} if key else {}
        self.http = httpx2.Client(base_url=server.url + "/api/v1", headers=headers, timeout=PATIENCE)

    def get(self, path: str, **query: Any) -> httpx2.Response:
        """GET; a parameter named like a keyword is written with an underscore: `from_`."""
        return self.http.get(path, params={name.rstrip("_"): value for name, value in query.items()} or None)

    def post(self, path: str, body: Any, **query: Any) -> httpx2.Response:
        """POST `body` as it is where it is bytes, as JSON otherwise."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.http.post(path, params=query, content=content, headers={"content-type": "application/json"})

    def send(self, **fields: Any) -> httpx2.Response:
        """POST one event; actor and action are filled in."""
        return self.post("/events", {"actor_id": "usr_1", "action": "document.viewed", **fields})

    def add(self, **fields: Any) -> dict[str, Any]:
        """Append one event and read it back."""
        receipt = self.send(**fields)
        assert receipt.status_code == 202, receipt.text
        answer = self.get("/events/" + receipt.json()["id"])
        assert answer.status_code == 200, answer.text
        event: dict[str, Any] = answer.json()["data"]
        return event

    def events(self, **query: Any) -> list[dict[str, Any]]:
        """The events of one page."""
        answer = self.get("/events", **query)
        assert answer.status_code == 200, answer.text
        events: list[dict[str, Any]] = answer.json()["data"]
        return events

    def length(self) -> int:
        """How many events the workspace's log has."""
        newest = self.events(limit=1)
        return newest[0]["sequence"] if newest else 0

    def close(self) -> None:
        """Close the connections."""
        self.http.close()


class Server:
    """A running server."""

    def __init__(self, url: str, database_url: str, log: Path, process: "subprocess.Popen[str]") -> None:
        self.url, self.database_url, self.log, self.process = url, database_url, log, process
        self.port = int(url.rsplit(":", 1)[1])
        self.catalog = open_catalog(database_url)
        self._clients = ExitStack()

    @property
    def database(self) -> Path:
        """The file of a server on SQLite."""
        return path_of(self.database_url)

    def client(self, *scopes: Scope, workspace: str = "") -> Client:
        """A client with a new key, of a new workspace unless one is named; scopes are ingest and read unless given."""
        workspace = workspace or f"ws-{uuid.uuid4().hex[:8]}"
        secret, _ = create_key(
            self.catalog, self.catalog.create_workspace(workspace), "test", scopes or ("ingest", "read")
        )
        return self.with_key(secret, workspace)

    def with_key(self, key: str, workspace: str = "") -> Client:
        """A client with this key, or with none."""
        client = Client(self, key, workspace)
        self._clients.callback(client.close)
        return client

    def said(self, lines: int = 2) -> str:
        """The next lines that the server prints on its console, after the one that says where it listens."""
        assert self.process.stdout is not None
        return "".join(self.process.stdout.readline() for _ in range(lines))

    def logged(self) -> str:
        """What the server has logged."""
        return self.log.read_text("utf-8")

    def close(self) -> None:
        """Close all clients."""
        self._clients.close()
        self.catalog.close()


class Serve(Protocol):
    """Starts a server with these settings."""

    def __call__(self, **settings: object) -> Server:
        """The running server."""


@contextmanager
def serving(folder: Path, settings: dict[str, object]) -> Iterator[Server]:
    """A server in `folder`, on SQLite unless a database_url is given; it must never have logged trouble."""
    log = folder / "server.log"
    # Tests send more wrong keys from one address than anybody should.
    usual: dict[str, object] = {
        "database_url": f"sqlite:///{folder / 'log.db'}",
        "failed_authentications_per_minute": 0,
        "secret": "a secret of the tests alone",  # the same for all servers of one database
        "checkpoints_folder": folder / "checkpoints",
        "password_memory_kib": 64,  # so that signing in costs tests nothing
        "password_passes": 1,
    }
    settings = usual | settings
    environment = {name: value for name, value in os.environ.items() if not name.startswith("IMMUTABLE_")}
    environment |= {f"IMMUTABLE_{name.upper()}": str(value) for name, value in settings.items()}
    command = [sys.executable, "-m", "immutable", "serve", "--port", str(settings.get("port", 0))]
    with (
        log.open("w") as stderr,
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=stderr, text=True) as process,
    ):
        try:
            assert process.stdout is not None
            said = re.search(r"http://\S+", process.stdout.readline())
            assert said is not None, log.read_text("utf-8")
            server = Server(said[0], str(settings["database_url"]), log, process)
            yield server
            server.close()
        finally:
            process.terminate()
    assert [line for line in log.read_text("utf-8").splitlines() if any(word in line for word in TROUBLE)] == []
    assert process.returncode in (0, -signal.SIGTERM)  # uvicorn stops in order, then dies of the signal


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Try properties on the engines alone: on PostgreSQL as on Citus, one example of each statement is enough."""
    left = [item for item in items if "as on citus" in item.name and hasattr(getattr(item, "obj", None), "hypothesis")]
    items[:] = [item for item in items if item not in left]
    config.hook.pytest_deselected(items=left)


@pytest.fixture(scope="session", params=["sqlite", "postgres", *(["citus"] if CITUS else [])])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server that tests share, one on each engine; each test works in a workspace of its own."""
    urls = {"postgres": new_database, "citus": new_citus_database}
    settings = {"database_url": urls[request.param]()} if request.param in urls else {}
    with serving(tmp_path_factory.mktemp("server"), settings) as running:
        yield running


@contextmanager
def starting(folder: Path) -> Iterator[Serve]:
    """Starts servers with settings of their own, and stops them at the end."""
    with ExitStack() as running:

        def start(**settings: object) -> Server:
            own = folder / uuid.uuid4().hex[:8]
            own.mkdir()
            return running.enter_context(serving(own, settings))

        yield start


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts servers for one test."""
    with starting(tmp_path) as start:
        yield start


@pytest.fixture(scope="module")
def serve_module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Starts servers for the tests of one module."""
    with starting(tmp_path_factory.mktemp("servers")) as start:
        yield start


@pytest.fixture
def api(server: Server) -> Iterator[Client]:
    """A client of an empty workspace on the shared server. Whatever a test sends, the server logs no trouble."""
    before = server.log.stat().st_size
    yield server.client()
    with server.log.open() as log:
        log.seek(before)
        assert [line for line in log if any(word in line for word in TROUBLE)] == []


@pytest.fixture
def refused(api: Client) -> Callable[[httpx2.Response, int], dict[str, Any]]:
    """Checks that an answer is an error of that status in our JSON, and that nothing was stored."""
    stored = api.length()

    def check(answer: httpx2.Response, status: int) -> dict[str, Any]:
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/json"
        problem: dict[str, Any] = answer.json()
        assert re.fullmatch("[a-z_]+", problem["error"])
        assert re.fullmatch(r"\S.*[.:)}>]", problem["message"], re.DOTALL), problem["message"]
        assert (status == 422) == ("errors" in problem)
        assert api.length() == stored
        return problem

    return check
