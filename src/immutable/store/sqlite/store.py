"""The LogStore on SQLite: hands each verb to the module that does it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import apsw

from immutable.model.event import Head, LogEntry
from immutable.model.filters import EventFilter, EventPage, SessionFilter, SessionPage, SessionPosition
from immutable.model.session import SessionSummary
from immutable.model.workspace import Workspace
from immutable.store.build_index import build_step
from immutable.store.codec import Codec, codec_of, shipped_dictionary
from immutable.store.find import EventFinder, find_by_id
from immutable.store.find_sessions import SessionFinder, within
from immutable.store.lookup import EPOCH, LookupIndex
from immutable.store.sqlite.append import SqliteAppender
from immutable.store.sqlite.catalog import SqliteCatalog
from immutable.store.sqlite.connection import Database, one
from immutable.store.sqlite.index_writer import SqliteIndexWriter
from immutable.store.sqlite.verification_reader import SqliteVerificationReader
from immutable.telemetry import metrics


class SqliteLogStore:
    """A log in one file. Reading is open to any process; appending to the one that called `lock_for_appending`."""

    is_shared = False
    """Whether several processes may append."""

    def __init__(self, path: Path, *, builds_index: bool = True) -> None:
        """`builds_index`: seal what is not yet in the lookup index before answering."""
        self.url = f"sqlite:///{quote(str(path))}"
        self.database = Database(path)
        self.catalog = SqliteCatalog(self.database)
        writer = self.database.writer()
        # Whatever an earlier process left in the write-ahead log goes into the file, synced, before anything is built on it.
        writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.codec = _open_codec(writer)
        writer.close()
        self.index = LookupIndex()
        self._events = EventFinder(self.index)
        self._sessions = SessionFinder(self.index, self._events)
        self._appender: SqliteAppender | None = None
        self._index_writer = SqliteIndexWriter(self.database.index_writer())
        self._index_lock = threading.Lock()
        self.text_lag = 0
        """Events that the text index did not hold at the last `follow`."""
        if not builds_index:
            return
        self._drop_index_ahead_of_log()
        while any(self.index.seal(self.reader(), self._index_writer, one) for one in self.catalog.workspaces()):
            pass

    def reader(self) -> SqliteVerificationReader:
        """Reads over this thread's connection."""
        return SqliteVerificationReader(self.database.reader(), self.codec)

    @contextmanager
    def snapshot(self) -> Iterator[SqliteVerificationReader]:
        """Reads over this thread's connection that all see the same moment. The index stands still only as it may."""
        reader = self.reader()
        reader.connection.execute("BEGIN")
        try:
            yield reader
        finally:
            reader.connection.execute("ROLLBACK")  # which does not mind what is half read

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
        return self.reader().head(workspace)

    def entries(self, workspace: Workspace, first_seq: int, last_seq: int) -> Iterator[LogEntry]:
        """The entries of a range, both ends included, in order."""
        return self.reader().range(workspace, first_seq, last_seq)

    def entry(self, workspace: Workspace, event_id: str) -> LogEntry | None:
        """One entry by its event's id."""
        return find_by_id(self.reader(), workspace, event_id)

    def seq_range(self, workspace: Workspace, wanted: EventFilter) -> tuple[int, int]:
        """First and last place of a span of time."""
        return self._events.seq_range(self.reader(), workspace, wanted)

    def find(
        self, workspace: Workspace, wanted: EventFilter, *, ascending: bool, after_seq: int | None, limit: int
    ) -> EventPage:
        """A page of matching entries."""
        reader = self.reader()
        if wanted.session_id is not None:
            session = self._sessions.session(reader, workspace, wanted.session_id)
            if session is not None:
                wanted = within(session, wanted)
        return self._events.find(reader, workspace, wanted, ascending=ascending, after_seq=after_seq, limit=limit)

    def session(self, workspace: Workspace, session_id: str) -> SessionSummary | None:
        """One session's summary."""
        return self._sessions.session(self.reader(), workspace, session_id)

    def session_entries(
        self, workspace: Workspace, session: SessionSummary, *, after_seq: int | None, limit: int
    ) -> EventPage:
        """A page of a session's entries in the order of the log."""
        return self._sessions.entries(self.reader(), workspace, session, after_seq=after_seq, limit=limit)

    def find_sessions(
        self, workspace: Workspace, wanted: SessionFilter, *, after: SessionPosition | None, limit: int
    ) -> SessionPage:
        """A page of matching sessions, newest first."""
        return self._sessions.find(self.reader(), workspace, wanted, after=after, limit=limit)

    def follow(self) -> bool:
        """Seal an epoch or index some text; False when there is nothing left to do."""
        with self._index_lock:
            more, lag = build_step(self.index, self.reader(), self._index_writer, self.catalog.workspaces())
        metrics.INDEX_LAG.set(lag)
        self.text_lag = lag
        return more

    def close(self) -> None:
        """Close the writing connections and let another process append."""
        self._index_writer.connection.close()
        if self._appender is not None:
            self._appender.close()
            self._appender = None
        self.database.unlock()

    def _drop_index_ahead_of_log(self) -> None:
        """The log may have been restored from an older copy; an index that knows more than it is not its index."""
        rows: list[Any] = self._index_writer.connection.execute(
            "SELECT workspace_number, sealed_epochs, text_seq FROM progress"
        ).fetchall()
        for number, sealed, text_seq in rows:
            workspace = Workspace(number, "", "")
            head = self.head(workspace)
            if sealed * EPOCH > head.seq or text_seq > head.seq:
                self._index_writer.drop(workspace)


def _open_codec(writer: apsw.Connection) -> Codec:
    writer.execute("INSERT OR IGNORE INTO meta VALUES ('zstd_dictionary', ?)", (shipped_dictionary(),))
    return codec_of(one(writer, "SELECT value FROM meta WHERE name='zstd_dictionary'"))
