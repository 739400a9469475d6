"""The demo's own server: a fresh database in `.demo/`, and `immutable serve` on it as a process of its own."""

import fcntl
import os
import re
import shutil
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from immutable.accounts.api_key import create_key
from immutable.errors import StartError
from immutable.settings import PREFIX, Settings
from immutable.store.open import open_catalog

FOLDER = Path(".demo")
WORKSPACE = "demo"
_STOP_SECONDS = 40


class DemoServer:
    """A server on a fresh database, for as long as the context lasts. `url` and `key` are for its users."""

    def __init__(self, port: int | None, folder: Path = FOLDER) -> None:
        """Prepare the database; `port` None takes the default one, or a free one where that is taken. Raises StartError."""
        from immutable.demo.places import write_mmdb

        self._folder = folder.absolute()
        self._port = _free_port() if port is None else port
        self.database = folder / "immutable.db"
        self.log = folder / "server.log"
        _empty(folder)
        places = self._folder / "places.mmdb"
        write_mmdb(places)
        url = f"sqlite:///{quote(str(self._folder / 'immutable.db'))}"
        self.settings = Settings(database_url=url, geo_mmdb=str(places))
        with closing(open_catalog(url)) as catalog:
            self.key, _ = create_key(catalog, catalog.create_workspace(WORKSPACE), "demo", ("ingest", "read"))
        self.url = ""

    def __enter__(self) -> Self:
        """Start the server, and wait until it listens. Raises StartError with the server's own words."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        environment[f"{PREFIX}DATABASE_URL"] = self.settings.database_url
        environment[f"{PREFIX}GEO_MMDB"] = self.settings.geo_mmdb
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-m", "immutable", "serve", "--port", str(self._port)],
                env=environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,  # Ctrl-C reaches us alone; we stop it when we are done
            )
        assert self._process.stdout is not None  # noqa: S101 - asked for above
        found = re.search(r"http://\S+", self._process.stdout.readline())
        if found is None:
            self._process.wait()
            words = self.log.read_text("utf-8", "replace").strip().splitlines()
            raise StartError((words[-1] if words else "The server did not start.").removeprefix("immutable: "))
        self.url = found.group()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop the server; what it accepted is on disk."""
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def wait(self) -> None:
        """Wait until the server ends by itself. Raises StartError then: it should not."""
        self._process.wait()
        raise StartError(f"The server has ended; {self.log} says why.")


def _empty(folder: Path) -> None:
    """Make the folder, and remove what an earlier demo left in it. Raises StartError where one is running there."""
    try:
        folder.mkdir(exist_ok=True)
        lock = folder / "immutable.db.lock"
        if lock.exists():
            with lock.open("rb") as held:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for old in (*folder.glob("immutable.db*"), folder / "places.mmdb", folder / "server.log"):
            if old.is_dir():
                shutil.rmtree(old)
            else:
                old.unlink(missing_ok=True)
    except BlockingIOError:
        raise StartError(f"A demo is running in {folder.absolute()} already; stop it first.") from None
    except OSError as error:
        raise StartError(f"The folder {folder.absolute()} cannot be used: {error.strerror}.") from error


def _free_port() -> int:
    default = Settings().port
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((Settings().host, default))
        except OSError:
            return 0
        return default
