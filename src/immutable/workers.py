"""`immutable serve --workers N`: several serving processes on one port, started, watched and stopped by this one.

Each listens on the same address (SO_REUSEPORT), and the kernel shares the connections out. They share nothing but the
database, so the death of one costs the requests it had; it is started again. One whose event loop stands still is killed first.
"""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from types import FrameType

import structlog

from immutable.errors import StartError
from immutable.server import listen, owner_welcome
from immutable.settings import Settings
from immutable.store.open import is_postgres, open_catalog, shown
from immutable.telemetry import logs
from immutable.telemetry.worker_metrics import FOLDER, NUMBER, beat_file

_STOP_SECONDS = 40
_FIRST_REST, _LONGEST_REST = 0.5, 30.0
"""Seconds to wait before a worker that died is started again; doubled while it dies soon."""
_LIVED_SECONDS = 60.0
_LOOK_SECONDS = 0.1
_SILENT_LOOKS = 200
"""Looks in a row without a beat after which a worker hangs; not seconds, because a machine that sleeps looks at nobody."""

_log = structlog.get_logger(__name__)


def run_workers(settings: Settings, count: int, config: str | None) -> None:
    """Serve with `count` processes until SIGINT or SIGTERM. Raises StartError."""
    if not is_postgres(settings.database_url):
        raise StartError(
            "SQLite takes one appending process. For --workers, use PostgreSQL: "
            "IMMUTABLE_DATABASE_URL=postgresql://user:password@host/database."
        )
    logs.configure(settings.log_level)
    reserved = listen(settings.host, settings.port, shared=True)  # keeps the port, and takes no connection
    port = reserved.getsockname()[1]
    with reserved, tempfile.TemporaryDirectory(prefix="immutable-metrics-") as folder:
        command = [
            sys.executable,
            "-m",
            "immutable",
            "serve",
            "--host",
            settings.host,
            "--port",
            str(port),
            "--shared-port",
        ]
        if config:
            command += ["--config", config]
        workers = [_Worker(number, command, folder) for number in range(count)]
        stopping = threading.Event()

        def stop(_: int, __: FrameType | None) -> None:
            stopping.set()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        try:
            for worker in workers:
                worker.start()
            url = _url(settings.host, port)
            with closing(open_catalog(settings.database_url)) as catalog:
                welcome = owner_welcome(catalog, settings.public_url or url)
            print(  # noqa: T201 - the console
                f"Immutable listens on {url} ({count} workers, database: {shown(settings.database_url)}){welcome}",
                flush=True,
            )
            while not stopping.wait(_LOOK_SECONDS):
                for worker in workers:
                    worker.keep_alive()
        finally:
            _stop(workers)


def end_with_parent() -> None:
    """Stop this worker, politely, when the process that started it is gone."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()


class _Worker:
    """One serving process, and how to start it again."""

    def __init__(self, number: int, command: list[str], folder: str) -> None:
        self._command = command
        self._environment = {**os.environ, NUMBER: str(number), FOLDER: folder}
        self._number = number
        self._beat_file = beat_file(folder, str(number))
        self._last_beat: int | None = None
        self._silent_looks = 0
        self._rest = _FIRST_REST
        self._started_at = 0.0
        self._start_at: float | None = None
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start, and wait until it listens. Raises StartError where it does not."""
        self._spawn()
        assert self.process is not None  # noqa: S101 - just set
        assert self.process.stdout is not None  # noqa: S101 - a pipe
        if not self.process.stdout.readline():
            self.process.wait()
            raise StartError(f"Worker {self._number} did not start; its own message says why.")

    def keep_alive(self) -> None:
        """Start it again where it died, after a rest."""
        if self._start_at is not None:
            if time.monotonic() >= self._start_at:
                self._start_at = None
                self._spawn()
        elif self.process is not None and self.process.poll() is not None:
            lived = time.monotonic() - self._started_at
            self._rest = _FIRST_REST if lived > _LIVED_SECONDS else min(self._rest * 2, _LONGEST_REST)
            _log.error("worker_died", worker=self._number, exit_code=self.process.returncode, restarts_in=self._rest)
            self._start_at = time.monotonic() + self._rest
        elif self.process is not None and self._is_hung():
            _log.error("worker_hung", worker=self._number, pid=self.process.pid)
            self.process.kill()

    def _is_hung(self) -> bool:
        """Whether its event loop has turned before, and now does not."""
        try:
            beat = self._beat_file.stat().st_mtime_ns
        except FileNotFoundError:  # it is still starting
            return False
        self._silent_looks = self._silent_looks + 1 if beat == self._last_beat else 0
        self._last_beat = beat
        return self._silent_looks >= _SILENT_LOOKS

    def _spawn(self) -> None:
        self._started_at = time.monotonic()
        self._beat_file.unlink(missing_ok=True)
        self._last_beat, self._silent_looks = None, 0
        self.process = subprocess.Popen(  # noqa: S603 - our own program
            self._command, env=self._environment, stdout=subprocess.PIPE, text=True, start_new_session=True
        )


def _stop(workers: list[_Worker]) -> None:
    """Let all finish what they accepted; whoever takes too long is killed."""
    processes = [worker.process for worker in workers if worker.process is not None]
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + _STOP_SECONDS
    for process in processes:
        try:
            process.wait(max(deadline - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _url(host: str, port: int) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"
