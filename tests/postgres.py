"""A real PostgreSQL for tests: one server per test process, started when first asked for, and a new database per use.

The newest, and beside it the system's, which is the oldest that we promise to work with (on Debian 12 it is 15).
"""

import atexit
import itertools
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import psycopg

from benchmarks import postgres

_SMALL = {"fsync": "off", "shared_buffers": "64MB", "max_wal_size": "256MB", "max_connections": "60"}
_numbers = itertools.count(1)


@cache
def server(*, of_system: bool = False) -> postgres.Cluster:
    """The server of this process: the newest, or the system's PostgreSQL."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(postgres.running(settings=_SMALL, binaries=_of_system() if of_system else None))


def _of_system() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    assert found, "These tests need the system's PostgreSQL: `make test` installs it, or: apt-get install postgresql"
    return found[0].parent


def new_database(*, of_system: bool = False) -> str:
    """The URL of a new, empty database."""
    cluster = server(of_system=of_system)
    name = f"test_{next(_numbers)}"
    with psycopg.connect(cluster.dsn, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return cluster.dsn.replace("/postgres?", f"/{name}?")
