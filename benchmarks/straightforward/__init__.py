"""The comparison: an audit log server of the usual kind, FastAPI and pydantic over PostgreSQL.

What a good engineer writes first: per request one transaction under the workspace's advisory lock, one insert per
event, a SHA-256 chain over sorted JSON, durable when answered. server.py is the API, store.py the SQL, wire.py the
types.
"""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from benchmarks import serving


@dataclass(frozen=True)
class Running:
    """The server, listening: where, as which process, and an API key of its one workspace."""

    base_url: str
    pid: int
    key: str


@contextmanager
def running(dsn: str) -> Iterator[Running]:
    """Make the tables and a key in the empty database `dsn`, and serve it from one process.

    Raises:
        psycopg.Error: the database cannot be reached, or has the tables already.
        RuntimeError: the server did not start.
    """
    key = "imk_" + secrets.token_urlsafe(32)
    with psycopg.connect(dsn) as connection:
        connection.execute(Path(__file__).with_name("schema.sql").read_bytes())
        connection.execute("INSERT INTO workspaces (name) VALUES ('bench')")
        connection.execute(
            "INSERT INTO api_keys (key_hash, workspace_id) SELECT %s, id FROM workspaces",
            [hashlib.sha256(key.encode()).digest()],
        )
    with serving.uvicorn("benchmarks.straightforward.server:app", {"STRAIGHTFORWARD_DSN": dsn}) as served:
        yield Running(served.base_url, served.pid, key)
