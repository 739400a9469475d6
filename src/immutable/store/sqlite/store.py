"""The LogStore on SQLite: hands each verb to the module that does it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from immutable.model.event import Head, LogEntry
from immutable.model.filters import EventFilter, EventPage, SessionFilter, SessionPage, SessionPosition
from immutable.model.session import SessionSummary
from immutable.model.workspace import Workspace
from immutable.store.sqlite import text
from immutable.store.sqlite.append import SqliteAppender
from immutable.store.sqlite.catalog import SqliteCatalog
from immutable.store.sqlite.codec import open_codec
from immutable.store.sqlite.connection import Database
from immutable.store.sqlite.entries import find_by_id, read_head, read_range
from immutable.store.sqlite.find import EventFinder
from immutable.store.sqlite.lookup import EPOCH, LookupIndex
from immutable.store.sqlite.sessions import SessionFinder, within
from immutable.telemetry import metrics


class SqliteLogStore:
    """A log in one file. Reading is open to any process; appending to the one that called `lock_for_appending`."""

    def __init__(self, path: Path) -> None:
        self.database = Database(path)
        self.catalog = SqliteCatalog(self.database)
        writer = self.database.writer()
        # Whatever an earlier process left in the write-ahead log goes into the file, synced, before anything is built on it.
        writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.codec = open_codec(writer)
        writer.close()
        self.index = LookupIndex(self.database, self.codec)
        self._events = EventFinder(self.codec, self.index)
        self._sessions = SessionFinder(self.codec, self.index, self._events)
        self._appender: SqliteAppender | None = None
        self._index_writer = self.database.index_writer()
        self._index_lock = threading.Lock()
        self.text_lag = 0
        """Events that the text index did not hold at the last `follow`."""
        self._drop_index_ahead_of_log()
        while self._seal_one():
            pass

    def lock_for_appending(self) -> None:
        """Become the one appending process. Raises StartError where another one is."""
        if self._appender is None:
            self.database.lock_for_appending()
            self._appender = SqliteAppender(self.database, self.codec)

    @contextmanager
    def append(self) -> Iterator[SqliteAppender]:
        """One transaction, durable when the block ends."""
        if self._appender is None:
            self.lock_for_appending()
        assert self._appender is not None  # noqa: S101 - set above
        with self._appender.transaction() as transaction:
            yield transaction
        for workspace, placed in transaction.inserted:
            self.index.feed(workspace, placed)

    def head(self, workspace: Workspace) -> Head:
        """The end of the chain."""
        return read_head(self.database.reader(), workspace)

    def entries(self, workspace: Workspace, first_seq: int, last_seq: int) -> Iterator[LogEntry]:
        """The entries of a range, both ends included, in order."""
        return read_range(self.database.reader(), self.codec, workspace, first_seq, last_seq)

    def entry(self, workspace: Workspace, event_id: str) -> LogEntry | None:
        """One entry by its event's id."""
        reader = self.database.reader()
        return find_by_id(reader, self.codec, workspace, event_id, read_head(reader, workspace).seq)

    def seq_range(self, workspace: Workspace, wanted: EventFilter) -> tuple[int, int]:
        """First and last place of a span of time."""
        return self._events.seq_range(self.database.reader(), workspace, wanted)

    def find(
        self, workspace: Workspace, wanted: EventFilter, *, ascending: bool, after_seq: int | None, limit: int
    ) -> EventPage:
        """A page of matching entries."""
        if wanted.session_id is not None:
            session = self.session(workspace, wanted.session_id)
            if session is not None:
                wanted = within(session, wanted)
        return self._events.find(
            self.database.reader(), workspace, wanted, ascending=ascending, after_seq=after_seq, limit=limit
        )

    def session(self, workspace: Workspace, session_id: str) -> SessionSummary | None:
        """One session's summary."""
        return self._sessions.session(self.database.reader(), workspace, session_id)

    def session_entries(
        self, workspace: Workspace, session: SessionSummary, *, after_seq: int | None, limit: int
    ) -> EventPage:
        """A page of a session's entries in the order of the log."""
        return self._sessions.entries(self.database.reader(), workspace, session, after_seq=after_seq, limit=limit)

    def find_sessions(
        self, workspace: Workspace, wanted: SessionFilter, *, after: SessionPosition | None, limit: int
    ) -> SessionPage:
        """A page of matching sessions, newest first."""
        return self._sessions.find(self.database.reader(), workspace, wanted, after=after, limit=limit)

    def follow(self) -> bool:
        """Seal an epoch or index some text; False when there is nothing left to do."""
        with self._index_lock:
            sealed = self._seal_one()
            lag = 0
            for workspace in self.catalog.workspaces():
                lag += text.index_step(self.database.reader(), self._index_writer, self.codec, workspace)
            metrics.INDEX_LAG.set(lag)
            self.text_lag = lag
            return sealed or lag > 0

    def close(self) -> None:
        """Close the writing connections and let another process append."""
        self._index_writer.close()
        if self._appender is not None:
            self._appender.close()
            self._appender = None
        self.database.unlock()

    def _seal_one(self) -> bool:
        sealed = [self.index.seal(self._index_writer, workspace) for workspace in self.catalog.workspaces()]
        return any(sealed)

    def _drop_index_ahead_of_log(self) -> None:
        """The log may have been restored from an older copy; an index that knows more than it is not its index."""
        rows: list[Any] = self._index_writer.execute(
            "SELECT workspace_number, sealed_epochs, text_seq FROM progress"
        ).fetchall()
        for number, sealed, text_seq in rows:
            head = read_head(self.database.reader(), Workspace(number, "", ""))
            if sealed * EPOCH > head.seq or text_seq > head.seq:
                self._index_writer.execute("DELETE FROM postings WHERE workspace_number=?", (number,))
                self._index_writer.execute("DELETE FROM progress WHERE workspace_number=?", (number,))
                self._index_writer.execute(
                    "DELETE FROM text_index WHERE rowid BETWEEN ? AND ?", (number << 40, (number + 1 << 40) - 1)
                )
