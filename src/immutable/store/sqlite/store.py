"""The LogStore on SQLite: hands each verb to the module that does it."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import apsw

from immutable.model.workspace import Workspace
from immutable.store.build_index import IndexBuilder
from immutable.store.codec import Codec, codec_of, shipped_dictionary
from immutable.store.forgetting_store import ForgettingStore
from immutable.store.lookup import EPOCH
from immutable.store.sqlite.anchors import SqliteAnchorStore
from immutable.store.sqlite.append import SqliteAppender
from immutable.store.sqlite.catalog import SqliteCatalog
from immutable.store.sqlite.connection import Database, one
from immutable.store.sqlite.erase import SqliteErasing
from immutable.store.sqlite.index_writer import SqliteIndexWriter
from immutable.store.sqlite.proofs import SqliteProofStore
from immutable.store.sqlite.prune import SqlitePruning, sweep
from immutable.store.sqlite.verification_reader import SqliteVerificationReader
from immutable.telemetry import metrics

_TRACES_MS = 1_000


class SqliteLogStore(ForgettingStore[SqliteAppender]):
    """A log in one file. Reading is open to any process; appending to the one that called `lock_for_appending`."""

    appends_apart = False

    def __init__(self, path: Path, *, builds_index: bool = True) -> None:
        """`builds_index`: seal what is not yet in the lookup index before answering."""
        super().__init__()
        self.url = f"sqlite:///{quote(str(path))}"
        self.database = Database(path)
        self.catalog = SqliteCatalog(self.database)
        self.proofs = SqliteProofStore(self.database)
        self.anchors = SqliteAnchorStore(self.database)
        writer = self.database.writer()
        # Whatever an earlier process left in the write-ahead log goes into the file, synced, before anything is built on it.
        writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.codec = _open_codec(writer)
        writer.close()
        self._appender: SqliteAppender | None = None
        self._appending = threading.Lock()
        self._index_writer = SqliteIndexWriter(self.database.index_writer())
        self._index_lock = threading.Lock()
        self._builder = IndexBuilder(self.index)
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
        with self._appending:
            with self._appender.transaction() as transaction:
                yield transaction
            # Before the next transaction begins: `inserted` is its own then, and not committed.
            for workspace, placed in transaction.inserted:
                self.index.feed(workspace, placed)

    @contextmanager
    def pruning_alone(self) -> Iterator[bool]:
        """It does: one process appends, and one thread of it prunes."""
        self.lock_for_appending()
        yield True

    def overwrite_traces(self) -> None:
        """Fold the write-ahead log into the file and empty it; while somebody reads, the next commits overwrite it."""
        writer = self.database.writer()
        try:
            writer.set_busy_timeout(_TRACES_MS)
            writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            writer.close()

    def follow(self) -> bool:
        """Seal an epoch or index some text; False when there is nothing left to do."""
        with self._index_lock:
            more, lag = self._builder.step(self.reader(), self._index_writer, self.catalog.workspaces())
        metrics.INDEX_LAG.set(lag)
        self.text_lag = lag
        return more

    def close(self) -> None:
        """Close the writing connections and let another process append."""
        self._index_writer.connection.close()
        if self._appender is not None:
            self._appender.close()
            self._appender = None
        self.database.close_reader()
        self.database.unlock()

    def _erases(self, transaction: SqliteAppender) -> SqliteErasing:
        return SqliteErasing(transaction)

    def _prunes(self, transaction: SqliteAppender) -> SqlitePruning:
        return SqlitePruning(transaction)

    def _sweeps(self, transaction: SqliteAppender, workspace: Workspace, through: int, most: int) -> Sequence[int]:
        return sweep(transaction, workspace, through, most)

    def _sweep_index(self, workspace: Workspace, through: int) -> None:
        with self._index_lock:
            self._index_writer.sweep(workspace, through)

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
