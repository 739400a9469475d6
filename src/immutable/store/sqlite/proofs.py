"""The proof store on SQLite: the one appending process integrates; its transactions are short, and beside the appender's."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from immutable.model.workspace import Workspace
from immutable.store.proof_sql import Send, SqlProofStore
from immutable.store.sqlite.connection import Database
from immutable.store.sqlite.entries import row_id


class SqliteProofStore(SqlProofStore):
    """Tiles, checkpoints and keys in the log's own file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def hold(self) -> bool:
        """Whether this process appends, which only one does."""
        return self._database.is_locked_for_appending

    def event_hashes(self, workspace: Workspace, first_seq: int, last_seq: int) -> list[bytes]:
        """The hashes of a range of events, both ends included."""
        sql = "SELECT event_hash FROM entries WHERE id BETWEEN ? AND ? ORDER BY id"
        rows = self._read(sql, row_id(workspace, max(first_seq, 1)), row_id(workspace, last_seq))
        return [row[0] for row in rows]

    def previous_hashes(self, workspace: Workspace, seq: int) -> list[bytes]:
        """The hash that an event names as the one before it."""
        return [row[0] for row in self._read("SELECT previous_hash FROM entries WHERE id=?", row_id(workspace, seq))]

    def _read(self, sql: str, *values: object) -> list[Any]:
        return self._database.reader().execute(sql, values).fetchall()

    @contextmanager
    def _transaction(self, *, of_holder: bool = False) -> Iterator[Send]:  # noqa: ARG002 - its lock ends with the process
        connection = self._database.writer()
        try:
            with _committed(connection):
                yield lambda sql, values: connection.execute(sql, tuple(values)).fetchall()
        finally:
            connection.close()


@contextmanager
def _committed(connection: Any) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
