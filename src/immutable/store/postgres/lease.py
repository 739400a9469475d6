"""A lease in the database: at most one process holds it, and loses it with its connection, within seconds of dying."""

import time
from contextlib import suppress

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

    def give_up(self) -> None:
        """Give the lease up, so that whoever asks next has it: a server takes its time to notice that a connection is closed."""
        if self._is_held and self._connection is not None:
            with suppress(*AWAY):
                run(self._connection, "SELECT pg_advisory_unlock(%s::int, %s::int)", (_CLASS, self._number))
        self.release()

    def release(self) -> None:
        """Forget the lease, or that it was lost; the server gives it up once it has noticed. Waits for nobody."""
        connection, self._connection, self._is_held = self._connection, None, False
        if connection is not None:
            connection.close()
