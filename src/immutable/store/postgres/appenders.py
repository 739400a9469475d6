"""The connections that append: one, which commits all workspaces together; on Citus several, each for one workspace at a time."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from immutable.store.codec import Codec
from immutable.store.log_store import APPENDS_AT_ONCE
from immutable.store.postgres.append import PostgresAppender
from immutable.store.postgres.connection import Database
from immutable.store.session_cache import MAX_OPEN_SESSIONS


class Appenders:
    """Appenders that one thread at a time uses each; they are made when they are needed, and kept."""

    def __init__(self, database: Database, codec: Codec) -> None:
        self._database = database
        self._codec = codec
        self._changed = threading.Condition()
        self._all: list[PostgresAppender] = []  # guarded by _changed, as is the next
        self._free: list[PostgresAppender] = []

    @contextmanager
    def one(self) -> Iterator[PostgresAppender]:
        """One that nobody else uses until the block ends; waits for it."""
        appender = self._take()
        try:
            yield appender
        finally:
            with self._changed:
                self._free.append(appender)
                self._changed.notify()

    def close(self) -> None:
        """Close all connections."""
        for appender in self._all:
            appender.close()

    def _take(self) -> PostgresAppender:
        with self._changed:
            most = APPENDS_AT_ONCE if self._database.is_distributed else 1
            while not self._free and len(self._all) >= most:
                self._changed.wait()
            if not self._free:
                # Each keeps open sessions of its own, together as many as one alone would.
                self._all.append(PostgresAppender(self._database, self._codec, MAX_OPEN_SESSIONS // most))
                return self._all[-1]
            return self._free.pop()
