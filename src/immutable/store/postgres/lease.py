"""A lease in the database: at most one process holds it, and loses it with its connection, within seconds of dying."""

import time

from immutable.store.postgres.connection import AWAY, Connection, Database, away, run

_CLASS = 0x696D6D75
"""The first half of every lease's advisory lock: "immu"."""
_ASK_SECONDS = 1.0


class Lease:
    """One kind of work that only one process may do at a time. Not for several threads."""

    def __init__(self, database: Database, number: int) -> None:
        self._database = database
        self._number = number
        self._connection: Connection | None = None
        self._is_held = False
        self._asked_at = 0.0

    def hold(self) -> Connection | None:
        """The connection that holds the lease, or None where another process has it. Raises Overloaded.

        What is written over this connection is written by the holder: when the lease is lost, so is the connection.
        """
        if self._is_held:
            return self._connection
        now = time.monotonic()
        if now - self._asked_at < _ASK_SECONDS:
            return None
        self._asked_at = now
        try:
            if self._connection is None:
                self._connection = self._database.connect()
            sql = "SELECT pg_try_advisory_lock(%s::int, %s::int)"
            ((self._is_held,),) = run(self._connection, sql, (_CLASS, self._number))
        except AWAY as error:
            self.release()
            raise away(error) from error
        return self._connection if self._is_held else None

    def release(self) -> None:
        """Give the lease up, or forget that it was lost."""
        connection, self._connection, self._is_held = self._connection, None, False
        if connection is not None:
            connection.close()
