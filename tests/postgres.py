"""A real PostgreSQL for tests: one server per test process, started when first asked for, and a new database per use.

The newest, and beside it the system's, which is the oldest that we promise to work with (on Debian 12 it is 15).
"""

import atexit
import itertools
import os
from contextlib import ExitStack, closing
from functools import cache
from pathlib import Path

import psycopg

from benchmarks import postgres
from immutable.store.postgres import schema
from immutable.store.postgres.connection import Database
from immutable.store.postgres.distribute import distribute

CITUS = os.environ.get("IMMUTABLE_TEST_CITUS_URL")
"""A database of a Citus cluster's coordinator, which has its workers; the tests of Citus are there where it is given."""
_CITUS_SHARDS = 4

_SMALL = {"fsync": "off", "shared_buffers": "64MB", "max_wal_size": "256MB", "max_connections": "200"}
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


def mark_as_distributed(url: str) -> None:
    """Let stores take the database's tables for Citus' ones, on an engine that has no Citus too."""
    with closing(Database(url)) as database:
        schema.upgrade(database)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("INSERT INTO immutable.meta (name, number) VALUES ('distributed', 1) ON CONFLICT DO NOTHING")


def new_citus_database(*, is_distributed: bool = True, workers_added: int | None = None) -> str:
    """The URL of a new database on the coordinator of the Citus cluster, with our schema distributed over its workers.

    Over so many of them, where that is given; the others have the database and the extension, and can be added.
    """
    assert CITUS is not None, "Set IMMUTABLE_TEST_CITUS_URL."
    name = f"test_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(CITUS, autocommit=True) as connection:
        coordinator, user = (connection.info.host, connection.info.port), connection.info.user
        sql = "SELECT nodename, nodeport FROM pg_dist_node WHERE groupid > 0 ORDER BY 1, 2"
        workers: list[tuple[str, int]] = connection.execute(sql).fetchall()  # type: ignore[assignment]
    for host, port in (coordinator, *workers):
        with psycopg.connect(CITUS, host=host, port=port, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        with psycopg.connect(CITUS, host=host, port=port, dbname=name, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION citus")
    atexit.register(_drop_citus_database, name, (coordinator, *workers))
    url = f"postgresql://{user}@{coordinator[0]}:{coordinator[1]}/{name}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT citus_set_coordinator_host(%s, %s)", coordinator)
        for worker in workers[:workers_added]:
            connection.execute("SELECT citus_add_node(%s, %s)", worker)
    if is_distributed:
        with closing(Database(url)) as database:
            schema.upgrade(database)
            distribute(database, shards=_CITUS_SHARDS, say=lambda _: None)
    return url


def _drop_citus_database(name: str, nodes: tuple[tuple[str, int], ...]) -> None:
    for host, port in nodes:
        with psycopg.connect(CITUS or "", host=host, port=port, autocommit=True) as node:
            node.execute(f"DROP DATABASE {name} WITH (FORCE)")
