"""The anchor store on SQLite: the one appending process anchors; its transactions are short, and beside the appender's."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from immutable.store.anchor_sql import Send, SqlAnchorStore
from immutable.store.sqlite.connection import Database


class SqliteAnchorStore(SqlAnchorStore):
    """Anchors in the log's own file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def hold(self) -> bool:
        """Whether this process appends, which only one does."""
        return self._database.is_locked_for_appending

    def _read(self, sql: str, *values: object) -> list[Any]:
        return self._database.reader().execute(sql, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[Send]:
        connection = self._database.writer()
        try:
            # One statement, which is a transaction by itself.
            yield lambda sql, values: connection.execute(sql, tuple(values)).fetchall()
        finally:
            connection.close()
