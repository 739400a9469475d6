"""The catalogue's shared statements on PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from immutable.model.act import Act
from immutable.store.postgres.connection import Connection, Database, run
from immutable.store.statements import Send


def sender(connection: Connection) -> Send:
    """Sends statements over this connection."""

    def send(sql: str, *values: Any) -> list[Any]:
        return run(connection, sql.replace("?", "%s"), values)

    return send


class PostgresStatements:
    """Sends statements to one database."""

    def __init__(self, database: Database, change: Callable[..., AbstractContextManager[Connection]]) -> None:
        """`change`: opens a transaction of the catalogue."""
        self._database = database
        self._change = change

    def read(self, sql: str, *values: Any) -> list[Any]:
        """The rows of one statement."""
        return self._database.read(sql.replace("?", "%s"), values)

    @contextmanager
    def change(self, act: Act | None = None, *, counts: bool = True) -> Iterator[Send]:
        """A transaction. Raises Overloaded while the server is away."""
        with self._change(counts=counts, act=act) as connection:
            yield sender(connection)
