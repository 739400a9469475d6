"""A small real HTTP server on the loopback that records what it is sent and answers as a test says; and our server itself."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from getimmutable import ImmutableClient, RetryPolicy

Act = Callable[["Handler", "Received"], None]
QUICK = RetryPolicy(retries=3, first_delay_seconds=0.01, longest_delay_seconds=0.05, total_seconds=50.0)
PATIENCE_SECONDS = 60.0
"""How long a test waits for what has to happen: longer than any pause of a busy machine, and over as soon as it happened."""


def wait_for(happened: Callable[[], object]) -> None:
    """Wait until it happened. Fails if it does not."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < until, "what was waited for did not happen"
        time.sleep(0.01)


@dataclass(frozen=True)
class Received:
    """One request as it came in. `connection` counts from 1."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any
    connection: int


class Handler(BaseHTTPRequestHandler):
    """Reads a request, then lets the script decide."""

    protocol_version = "HTTP/1.1"
    timeout = 300
    disable_nagle_algorithm = True
    server: "_Server"

    def setup(self) -> None:
        """A connection was opened."""
        super().setup()
        self.number = self.server.scripted.opened(self)

    def do_GET(self) -> None:
        """Any request."""
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        received = Received(
            self.command,
            url.path,
            dict(parse_qsl(url.query)),
            {name.lower(): value for name, value in self.headers.items()},
            json.loads(content) if content else None,
            self.number,
        )
        self.server.scripted.next_act(received)(self, received)

    do_POST = do_GET  # noqa: N815 - the name http.server looks for

    def answer(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        """Answer whole."""
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    scripted: "ScriptedServer"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is part of the tests."""


@dataclass
class ScriptedServer:
    """Answers as scripted, first come first served; past the script, as the API does. `stored` is what it kept."""

    url: str = ""
    requests: list[Received] = field(default_factory=list)
    stored: dict[str, dict[str, Any]] = field(default_factory=dict)
    connections: int = 0
    _script: list[Act] = field(default_factory=list)
    _open: list[Handler] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _held: list[threading.Event] = field(default_factory=list)

    def reply(self, status: int, body: object = None, *, raw: bytes | None = None, **headers: str) -> None:
        """Answer this. Header names are written with underscores."""
        content = raw if raw is not None else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._script.append(lambda handler, _: handler.answer(status, content, named))

    def store_then_drop(self) -> None:
        """Keep the events, and close the connection without a word."""

        def act(handler: Handler, received: Received) -> None:
            self._respond(received)
            handler.close_connection = True

        self._script.append(act)

    def store_then_break_off(self) -> None:
        """Keep the events, and close the connection in the middle of the answer."""

        def act(handler: Handler, received: Received) -> None:
            content = json.dumps(self._respond(received)).encode()
            handler.send_response(202)
            handler.send_header("Content-Length", str(len(content)))
            handler.end_headers()
            handler.wfile.write(content[: len(content) // 2])
            handler.close_connection = True

        self._script.append(act)

    def store_then_hold(self) -> threading.Event:
        """Keep the events, and answer when the event that this returns is set: the test says when, whatever the time."""
        answers = self.hold()

        def act(handler: Handler, received: Received) -> None:
            content = json.dumps(self._respond(received)).encode()
            answers.wait()
            handler.answer(202, content, {})

        self._script.append(act)
        return answers

    def hold(self) -> threading.Event:
        """What an act may wait for; it is set when the test ends, at the latest."""
        self._held.append(threading.Event())
        return self._held[-1]

    def do(self, act: Callable[[], object]) -> None:
        """Do something, then answer as the API does."""

        def acting(handler: Handler, received: Received) -> None:
            act()
            self._default(handler, received)

        self._script.append(acting)

    def opened(self, handler: Handler) -> int:
        """Count a connection."""
        with self._lock:
            self.connections += 1
            self._open.append(handler)
            return self.connections

    def next_act(self, received: Received) -> Act:
        """What to do with this request."""
        with self._lock:
            self.requests.append(received)
            return self._script.pop(0) if self._script else self._default

    def release(self) -> None:
        """End all hanging, and all connections."""
        for held in self._held:
            held.set()
        for handler in self._open:
            handler.connection.close()

    def _default(self, handler: Handler, received: Received) -> None:
        content = json.dumps(self._respond(received)).encode()
        handler.answer(202 if received.method == "POST" else 200, content, {})

    def _respond(self, received: Received) -> object:
        with self._lock:
            if received.path == "/api/v1/events/batch":
                return {"events": [self._receipt(event) for event in received.body["events"]]}
            if received.path == "/api/v1/events" and received.method == "POST":
                return self._receipt(received.body)
            return {"data": [], "pagination": {"has_more": False, "next_cursor": None, "total": 0}}

    def _receipt(self, event: dict[str, Any]) -> dict[str, Any]:
        if event["action"] == "invalid":
            return {"id": None, "status": "rejected", "error": "validation_failed", "message": "no", "errors": {}}
        key = event.get("idempotency_key") or f"none {len(self.stored)}"
        status = "duplicate" if key in self.stored else "queued"
        self.stored.setdefault(key, event)
        return {"id": f"evt_{key}", "status": status}


@pytest.fixture(name="wait_for")
def _wait_for() -> Callable[[Callable[[], object]], None]:
    """Waits until something has happened."""
    return wait_for


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """The server, listening."""
    http = _Server(("127.0.0.1", 0), Handler)
    http.scripted = scripted = ScriptedServer(url=f"http://127.0.0.1:{http.server_address[1]}")
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield scripted
    http.shutdown()
    thread.join()
    scripted.release()
    http.server_close()


@pytest.fixture
def connect(server: ScriptedServer) -> Iterator[Callable[..., ImmutableClient]]:
    """Makes clients of the server that retry quickly; closes them afterwards."""
    clients: list[ImmutableClient] = []

    def make(**options: Any) -> ImmutableClient:
        client = ImmutableClient("imk_test", server.url, **{"timeout": PATIENCE_SECONDS, "retry": QUICK, **options})
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def client(connect: Callable[..., ImmutableClient]) -> ImmutableClient:
    """A client of the server."""
    return connect()


class RealServer:
    """`immutable serve` on one port and one database, however often it is started."""

    def __init__(self, directory: Path) -> None:
        # Bound and never listening, it keeps the port from everybody who asks for any free one; the server may bind it.
        self._held = socket.socket()
        self._held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._held.bind(("127.0.0.1", 0))
        self.port = self._held.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = directory / "serve.log"
        self.environment = {**os.environ, "IMMUTABLE_DATABASE_URL": f"sqlite:///{directory / 'immutable.db'}"}
        self.process: subprocess.Popen[bytes] | None = None

    def run(self, *arguments: str) -> list[str]:
        """The command line of the server's program."""
        return [sys.executable, "-m", "immutable", *arguments]

    def start(self) -> None:
        """Start it, on what it stored before."""
        with self.log.open("ab") as output:
            command = self.run("serve", "--port", str(self.port))
            self.process = subprocess.Popen(command, env=self.environment, stdout=output, stderr=subprocess.STDOUT)
        until = time.monotonic() + 2 * PATIENCE_SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            with socket.socket() as attempt:
                if attempt.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        pytest.fail(f"the server did not start:\n{self.log.read_text()}")

    def kill(self) -> None:
        """End it as a crash does."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(PATIENCE_SECONDS)
            self.process = None

    def close(self) -> None:
        """End it for good, and give its port back."""
        self.kill()
        self._held.close()

    def key(self, workspace: str = "mine", *scopes: str) -> str:
        """A key of a log of its."""
        command = self.run("keys", "create", "--workspace", workspace, *(f"--scope={scope}" for scope in scopes))
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def real_server(tmp_path: Path) -> Iterator[RealServer]:
    """The server itself, running."""
    pytest.importorskip("immutable", reason="the server is not installed here")
    server = RealServer(tmp_path)
    server.start()
    yield server
    server.close()


@pytest.fixture(scope="session")
def audit_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    """The server itself, running for all tests that leave it in peace; each has a log of its own in it."""
    server = RealServer(tmp_path_factory.mktemp("audit"))
    server.start()
    yield server
    server.close()
