"""The LogStore on PostgreSQL: hands each verb to the module that does it."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from immutable import clock
from immutable.model.workspace import Workspace
from immutable.store.build_index import IndexBuilder
from immutable.store.codec import Codec, codec_of
from immutable.store.forgetting_store import ForgettingStore
from immutable.store.postgres import schema
from immutable.store.postgres.anchors import PostgresAnchorStore
from immutable.store.postgres.append import PostgresAppender
from immutable.store.postgres.appenders import Appenders
from immutable.store.postgres.catalog import PostgresCatalog
from immutable.store.postgres.connection import AWAY, Database, away, run, send
from immutable.store.postgres.erase import PostgresErasing
from immutable.store.postgres.index_writer import PostgresIndexWriter
from immutable.store.postgres.lease import Lease
from immutable.store.postgres.periods import drop_pruned, make_ahead
from immutable.store.postgres.proofs import PostgresProofStore
from immutable.store.postgres.prune import PostgresPruning, sweep
from immutable.store.postgres.verification_reader import PostgresVerificationReader
from immutable.telemetry import metrics

_INDEXES = 1
"""The lease of whoever builds the indexes."""
_TREES = 2
"""The lease of whoever integrates events into the trees and signs."""
_ANCHORS = 3
"""The lease of whoever has checkpoints anchored."""
_ARCHIVES = 4
"""The lease of whoever archives and prunes, for as long as that takes."""
_AHEAD_US = 3_600_000_000
"""How often the holder of the indexes' lease makes coming months and drops pruned ones."""


class PostgresLogStore(ForgettingStore[PostgresAppender]):
    """A log in one database. Any number of processes append and read."""

    def __init__(self, url: str) -> None:
        """Open the database, and make the schema where there is none. Raises StartError."""
        super().__init__()
        self.url = url
        self.database = Database(url)
        self.database.open()
        try:
            schema.prepare(self.database)
            self.codec = self._open_codec()
        except BaseException:
            self.database.close()
            raise
        self.catalog = PostgresCatalog(self.database)
        self._tree_lease = Lease(self.database, _TREES)
        self.proofs = PostgresProofStore(self.database, self._tree_lease)
        self._anchor_lease = Lease(self.database, _ANCHORS)
        self.anchors = PostgresAnchorStore(self.database, self._anchor_lease)
        self.text_lag = 0
        self._appenders = Appenders(self.database, self.codec)
        self._lease = Lease(self.database, _INDEXES)
        self._ahead_at = 0
        self._index_lock = threading.Lock()
        self._builder = IndexBuilder(self.index)

    @property
    def appends_apart(self) -> bool:
        """On Citus: a commit on one machine then needs no second phase, and no workspace fails with another."""
        return self.database.is_distributed

    def reader(self) -> PostgresVerificationReader:
        """Reads over the pool."""
        return PostgresVerificationReader(self.database.read, self.codec)

    @contextmanager
    def snapshot(self) -> Iterator[PostgresVerificationReader]:
        """Reads over one connection that all see the same moment."""
        try:
            with self.database.connect() as connection:
                send(connection, "SET statement_timeout = 0")
                # Sessions are checked between its statements, which may take long.
                send(connection, "SET idle_in_transaction_session_timeout = 0")
                send(connection, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                yield PostgresVerificationReader(partial(run, connection), self.codec)
        except AWAY as error:
            raise away(error) from error

    def lock_for_appending(self) -> None:
        """Nothing to do: each transaction locks the heads that it moves."""

    @contextmanager
    def append(self) -> Iterator[PostgresAppender]:
        """One transaction, durable when the block ends."""
        with self._appenders.one() as appender:
            with appender.transaction() as transaction:
                yield transaction
            # Before the next one has the appender: `inserted` is its own then, and not committed.
            for workspace, placed in transaction.inserted:
                self.index.feed(workspace, placed)

    @contextmanager
    def pruning_alone(self) -> Iterator[bool]:
        """Whether this process has the lease until the block ends."""
        lease = Lease(self.database, _ARCHIVES)
        try:
            yield lease.hold() is not None
        finally:
            lease.give_up()  # the next epoch is archived under a lease of its own, at once

    def overwrite_traces(self) -> None:
        """Nothing to do: old versions of rows go with vacuum, archived write-ahead logs and backups by their own rules."""

    def follow(self) -> bool:
        """Seal an epoch or index some text where this process holds the lease; False when there is nothing left to do."""
        with self._index_lock:
            connection = self._lease.hold()
            if connection is None:
                self.index.drop_sealed(self.reader())
                return False
            try:
                # Over the lease's connection, also reading: who has lost it must not find work to do.
                reader = PostgresVerificationReader(partial(run, connection), self.codec)
                writer = PostgresIndexWriter(connection)
                if clock.now() >= self._ahead_at:
                    self._ahead_at = clock.now() + _AHEAD_US
                    make_ahead(connection, clock.now())
                    drop_pruned(connection, clock.now())
                more, lag = self._builder.step(reader, writer, self._workspaces())
            except AWAY as error:
                self._lease.release()
                raise away(error) from error
        metrics.INDEX_LAG.set(lag)
        self.text_lag = lag
        return more

    def close(self) -> None:
        """Give up the lease, and close all connections."""
        self._lease.release()
        self._tree_lease.release()
        self._anchor_lease.release()
        self._appenders.close()
        self.catalog.close()  # and the database with it

    def _erases(self, transaction: PostgresAppender) -> PostgresErasing:
        return PostgresErasing(transaction)

    def _prunes(self, transaction: PostgresAppender) -> PostgresPruning:
        return PostgresPruning(transaction)

    def _sweeps(self, transaction: PostgresAppender, workspace: Workspace, through: int, most: int) -> Sequence[int]:
        return sweep(transaction, workspace, through, most)

    def _sweep_index(self, workspace: Workspace, through: int) -> None:
        with self._index_lock:
            connection = self._lease.hold()
            if connection is not None:  # otherwise whoever holds the lease does it
                PostgresIndexWriter(connection).sweep(workspace, through)

    def _workspaces(self) -> list[Workspace]:
        return self.catalog.workspaces()

    def _open_codec(self) -> Codec:
        rows = self.database.read("SELECT bytes FROM meta WHERE name='zstd_dictionary'", ())
        return codec_of(rows[0][0] if rows else None)
