"""The proof store on PostgreSQL: whoever holds the lease integrates, over the lease's own connection."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from immutable.errors import Overloaded
from immutable.model.workspace import Workspace
from immutable.store.postgres.connection import AWAY, Connection, Database, away, run
from immutable.store.postgres.lease import Lease
from immutable.store.postgres.periods import IN_PERIODS
from immutable.store.proof_sql import Send, SqlProofStore


class PostgresProofStore(SqlProofStore):
    """Tiles, checkpoints and keys of one database."""

    def __init__(self, database: Database, lease: Lease) -> None:
        self._database = database
        self._lease = lease

    def hold(self) -> bool:
        """Whether this process is the one that integrates, now."""
        return self._lease.hold() is not None

    def event_hashes(self, workspace: Workspace, first_seq: int, last_seq: int) -> list[bytes]:
        """The hashes of a range of events, both ends included."""
        number = workspace.number
        sql = (
            f"SELECT event_hash FROM entries WHERE workspace_number=%s AND seq BETWEEN %s AND %s AND {IN_PERIODS} "
            "ORDER BY seq"
        )
        return [row[0] for row in self._read(sql, number, first_seq, last_seq, number, first_seq, number, last_seq)]

    def previous_hashes(self, workspace: Workspace, seq: int) -> list[bytes]:
        """The hash that an event names as the one before it."""
        number = workspace.number
        sql = f"SELECT previous_hash FROM entries WHERE workspace_number=%s AND seq=%s AND {IN_PERIODS}"
        return [row[0] for row in self._read(sql, number, seq, number, seq, number, seq)]

    def _read(self, sql: str, *values: object) -> list[Any]:
        return self._database.read(sql.replace("?", "%s"), values)

    @contextmanager
    def _transaction(self, *, of_holder: bool = False) -> Iterator[Send]:
        if not of_holder:
            with self._database.transaction() as connection:
                yield _sender(connection)
            return
        held = self._lease.hold()
        if held is None:
            raise Overloaded("Another process integrates now.")
        try:
            with held.transaction():
                yield _sender(held)
        except AWAY as error:
            self._lease.release()
            raise away(error) from error


def _sender(connection: Connection) -> Send:
    return lambda sql, values: run(connection, sql.replace("?", "%s"), values)
