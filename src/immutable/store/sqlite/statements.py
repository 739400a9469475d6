"""The catalogue's shared statements on SQLite: read on this thread's connection, changed in short transactions."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import apsw

from immutable.errors import Overloaded
from immutable.model.act import Act
from immutable.store.sqlite.connection import Database
from immutable.store.statements import Send


def sender(connection: apsw.Connection) -> Send:
    """Sends statements over this connection."""

    def send(sql: str, *values: Any) -> list[Any]:
        return connection.execute(sql, values).fetchall()

    return send


class SqliteStatements:
    """Sends statements to one file."""

    def __init__(self, database: Database, change: Callable[..., AbstractContextManager[apsw.Connection]]) -> None:
        """`change`: opens a transaction of the catalogue."""
        self._database = database
        self._change = change

    def read(self, sql: str, *values: Any) -> list[Any]:
        """The rows of one statement."""
        return self._database.reader().execute(sql, values).fetchall()

    @contextmanager
    def change(self, act: Act | None = None, *, counts: bool = True) -> Iterator[Send]:
        """A transaction. Raises Overloaded where the disk is full or fails."""
        try:
            with self._change(counts=counts, act=act) as connection:
                yield sender(connection)
        except (apsw.FullError, apsw.IOError, apsw.BusyError) as error:
            raise Overloaded(f"The database cannot be written now ({error}). Try again.", 2) from error
