"""Connections to the log's file and the index beside it: pragmas, migrations, one reader per thread, the writer's lock.

apsw brings its own SQLite, so the SQLite that we tested is the one that runs (`docs/decisions/0003-apsw.md`).
"""

import fcntl
import os
import threading
from importlib import resources
from pathlib import Path
from typing import IO, Any

import apsw
import apsw.ext

from immutable.errors import StartError

_BUSY_MS = 10_000
_SCHEMA_VERSION = 10
_INDEX_CACHE_KB = 16_000
"""A question about one term looks into every epoch; of 10 million events, so much leads to the pages that it reads."""
_CHECKPOINT_PAGES = 4_000
"""Commits go to the write-ahead log; after so many pages it is folded back into the file."""


class Database:
    """A log file, its index file, and the connections to them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.index_path = path.with_name(path.name + ".index")
        self._local = threading.local()
        self._lock_file: IO[bytes] | None = None
        writer = self._open(path)
        try:
            _migrate(writer, path)
            self.id = self._identity(writer)
        except apsw.ReadOnlyError as error:
            raise StartError(
                f"The database {path} cannot be written: its permissions do not let us, or its header is damaged."
            ) from error
        finally:
            writer.close()
        self._prepare_index()

    def reader(self) -> apsw.Connection:
        """This thread's connection for reading the log; the index is attached as `idx`."""
        connection: apsw.Connection | None = getattr(self._local, "reader", None)
        if connection is None:
            connection = self._open(self.path)
            connection.execute("ATTACH ? AS idx", (str(self.index_path),))
            connection.execute(f"PRAGMA idx.cache_size=-{_INDEX_CACHE_KB}")
            connection.execute("PRAGMA query_only=ON")
            self._local.reader = connection
        return connection

    def close_reader(self) -> None:
        """Let go of this thread's connection: whoever has the file to itself next must not wait for the garbage collector."""
        connection: apsw.Connection | None = self._local.__dict__.pop("reader", None)
        if connection is not None:
            connection.close()

    def writer(self) -> apsw.Connection:
        """A new connection for writing the log: every commit is on disk before it returns."""
        connection = self._open(self.path)
        connection.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}")
        return connection

    def index_writer(self) -> apsw.Connection:
        """A new connection for writing the index, which a crash may set back but not corrupt."""
        connection = self._open(self.index_path)
        connection.execute("PRAGMA synchronous=NORMAL")
        return connection

    def lock_for_appending(self) -> None:
        """Become the one process that appends, until it ends. Raises StartError where another one is."""
        lock = self.path.with_name(self.path.name + ".lock").open("a+b")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            owner = lock.read().decode("ascii", "replace").strip() or "unknown"
            lock.close()
            raise StartError(
                f"Another process (pid {owner}) already serves {self.path}: SQLite takes one appending process. "
                "Stop it, or send your commands to it with --url."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()).encode())
        lock.flush()
        self._lock_file = lock

    @property
    def is_locked_for_appending(self) -> bool:
        """Whether this process is the one that appends."""
        return self._lock_file is not None

    def unlock(self) -> None:
        """Let another process append."""
        if self._lock_file is not None:
            self._lock_file.close()
            self._lock_file = None

    def _open(self, path: Path) -> apsw.Connection:
        try:
            connection = apsw.Connection(str(path), statementcachesize=256)
            connection.set_busy_timeout(_BUSY_MS)
            for pragma in (
                "journal_mode=WAL",
                "synchronous=FULL",
                "foreign_keys=ON",
                "cache_size=-8000",
                "temp_store=MEMORY",
                "trusted_schema=OFF",
                "cell_size_check=ON",
                "secure_delete=ON",
            ):  # fmt: skip - what is erased must not stay in the file's free space
                connection.execute("PRAGMA " + pragma)
        except apsw.CantOpenError as error:
            raise StartError(
                f"The database {path} cannot be opened: does its folder exist, and may we write there?"
            ) from error
        except (apsw.NotADBError, apsw.CorruptError) as error:
            raise StartError(f"The file {path} is not a database of ours: {error}.") from error
        return connection

    def _identity(self, writer: apsw.Connection) -> bytes:
        writer.execute("INSERT OR IGNORE INTO meta VALUES ('database_id', ?)", (os.urandom(16),))
        return bytes(one(writer, "SELECT value FROM meta WHERE name='database_id'"))

    def _prepare_index(self) -> None:
        """Create the index, or throw it away where it is broken or belongs to another log."""
        script = resources.files(__package__).joinpath("index.sql").read_text("utf-8")
        for _ in range(2):
            try:
                connection = self._open(self.index_path)
            except StartError:
                self._drop_index()
                continue
            try:
                connection.execute(script)
                connection.execute("INSERT OR IGNORE INTO meta VALUES ('database_id', ?)", (self.id,))
                if one(connection, "SELECT value FROM meta WHERE name='database_id'") == self.id:
                    return
            except (apsw.CorruptError, apsw.NotADBError, apsw.ReadOnlyError):
                pass  # it is dropped and made again below
            finally:
                connection.close()
            self._drop_index()
        raise StartError(f"The index {self.index_path} cannot be made; delete it and start again.")

    def _drop_index(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(str(self.index_path) + suffix).unlink(missing_ok=True)


def one(connection: apsw.Connection, sql: str, bindings: tuple[Any, ...] = ()) -> Any:
    """The first column of the first row, or None where there is none."""
    row = connection.execute(sql, bindings).fetchone()
    return None if row is None else row[0]


def _migrate(writer: apsw.Connection, path: Path) -> None:
    version = one(writer, "PRAGMA user_version")
    if version > _SCHEMA_VERSION:
        raise StartError(
            f"The database {path} has schema {version}, newer than the {_SCHEMA_VERSION} this version knows: upgrade Immutable."
        )
    folder = resources.files(__package__).joinpath("migrations")
    scripts = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)
    for script in scripts:
        number = int(script.name.split("_")[0])
        writer.execute("BEGIN IMMEDIATE")
        try:
            if one(writer, "PRAGMA user_version") < number:
                writer.execute(script.read_text("utf-8"))
                writer.execute(f"PRAGMA user_version={number}")
        except BaseException:
            writer.execute("ROLLBACK")
            raise
        writer.execute("COMMIT")
