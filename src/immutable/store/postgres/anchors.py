"""The anchor store on PostgreSQL: whoever holds the lease anchors; anybody may ask for an anchor."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from immutable.store.anchor_sql import Send, SqlAnchorStore
from immutable.store.postgres.connection import Database, run
from immutable.store.postgres.lease import Lease


class PostgresAnchorStore(SqlAnchorStore):
    """Anchors of one database."""

    def __init__(self, database: Database, lease: Lease) -> None:
        self._database = database
        self._lease = lease

    def hold(self) -> bool:
        """Whether this process is the one that anchors, now."""
        return self._lease.hold() is not None

    def _read(self, sql: str, *values: object) -> list[Any]:
        return self._database.read(sql.replace("?", "%s"), values)

    @contextmanager
    def _transaction(self) -> Iterator[Send]:
        with self._database.transaction() as connection:
            yield lambda sql, values: run(connection, sql.replace("?", "%s"), values)
