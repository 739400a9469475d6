"""Server processes on a free loopback port: started, waited for, stopped."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 120
STOP_SECONDS = 20


@dataclass(frozen=True)
class Served:
    """A server that listens: `base_url` without a slash at the end, and its process id."""

    base_url: str
    pid: int


def free_port() -> int:
    """A TCP port that nothing on the loopback interface listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def process(command: Sequence[str], port: int, env: Mapping[str, str] | None = None) -> Iterator[Served]:
    """Run `command`, which must serve HTTP on `port`, from the repository's root; `env` is added to ours.

    Raises:
        RuntimeError: it ended, or did not answer within `START_SECONDS`.
    """
    server = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **(env or {})})
    try:
        base_url = f"http://127.0.0.1:{port}"
        _wait_for(base_url, server)
        yield Served(base_url, server.pid)
    finally:
        stop(server, signal.SIGTERM)


@contextmanager
def uvicorn(app: str, env: Mapping[str, str] | None = None) -> Iterator[Served]:
    """Run the ASGI application `module:name` as a service usually does: uvloop, httptools, no access log."""
    port = free_port()
    options = f"--host 127.0.0.1 --port {port} --loop uvloop --http httptools --no-access-log --log-level warning"
    with process([sys.executable, "-m", "uvicorn", app, *options.split()], port, env) as served:
        yield served


def stop(server: subprocess.Popen[bytes], polite: signal.Signals, seconds: float = STOP_SECONDS) -> None:
    """Ask a process to end, and kill it after so many seconds."""
    if server.poll() is None:
        server.send_signal(polite)
        try:
            server.wait(seconds)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait_for(base_url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"the server ended at its start with exit code {server.returncode}")
        try:
            with urlopen(f"{base_url}/healthz", timeout=2):
                return
        except HTTPError:
            return  # any answer will do
        except (URLError, OSError):
            time.sleep(0.05)
    raise RuntimeError(f"nothing answered on {base_url} within {START_SECONDS} s")
