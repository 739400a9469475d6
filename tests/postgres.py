"""A real PostgreSQL for tests: one server per test process, started when first asked for, and a new database per use."""

import atexit
import itertools
from contextlib import ExitStack
from functools import cache

import psycopg

from benchmarks import postgres

_SMALL = {"fsync": "off", "shared_buffers": "64MB", "max_wal_size": "256MB", "max_connections": "60"}
_numbers = itertools.count(1)


@cache
def server() -> postgres.Cluster:
    """The server of this process."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(postgres.running(settings=_SMALL))


def new_database() -> str:
    """The URL of a new, empty database."""
    cluster = server()
    name = f"test_{next(_numbers)}"
    with psycopg.connect(cluster.dsn, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return cluster.dsn.replace("/postgres?", f"/{name}?")
