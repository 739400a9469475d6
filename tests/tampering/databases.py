"""Databases that somebody with all rights copies, exchanges and edits: a pair of SQLite files, or one in PostgreSQL."""

import itertools
import shutil
from pathlib import Path
from typing import ClassVar, Protocol

import apsw
import psycopg
from tests.postgres import server

_PLACES = (1 << 40) - 1
_numbers = itertools.count(1)


class Database(Protocol):
    """One database, whether it is there yet or not. Nobody has it open while it is copied."""

    url: str

    def copy_to(self, other: "Database") -> None:
        """Make the other one the same as this."""

    def take(self, tables: tuple[str, ...], other: "Database") -> None:
        """Put what these tables of the other one hold in the place of what they hold here."""

    def edit(self, *statements: str) -> None:
        """Run statements without the triggers that guard against our own mistakes, and with an engine's own words.

        `{seq}`: an entry's place; `{junk}`: 32 bytes that are something else; `{junk_hashes}` and `{other_note}`: a tile's hashes
        and a checkpoint's note, edited.
        """


class SqliteFiles:
    """The log's file, and that of its indexes."""

    _WORDS: ClassVar = {
        "seq": f"(id & {_PLACES})",
        "junk": "randomblob(32)",
        "junk_hashes": "randomblob(length(hashes))",
        "other_note": "CAST(replace(CAST(note AS TEXT), 'log', 'gol') AS BLOB)",
    }

    def __init__(self, path: Path) -> None:
        self.path = path
        self.url = f"sqlite:///{path}"

    def copy_to(self, other: Database) -> None:
        """Copy both files."""
        assert isinstance(other, SqliteFiles)
        for suffix in ("", ".index"):
            shutil.copy(f"{self.path}{suffix}", f"{other.path}{suffix}")

    def take(self, tables: tuple[str, ...], other: Database) -> None:
        """By attaching the other file."""
        assert isinstance(other, SqliteFiles)
        moved = [f"DELETE FROM {one}; INSERT INTO {one} SELECT * FROM o.{one}" for one in tables]
        self.edit(f"ATTACH '{other.path}' AS o", *moved)

    def edit(self, *statements: str) -> None:
        """By writing to the file."""
        connection = apsw.Connection(str(self.path))
        connection.execute("PRAGMA foreign_keys=OFF")
        for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type='trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        for sql in statements:
            connection.execute(sql.format(**self._WORDS))
        connection.close()


class PostgresDatabase:
    """One database of the tests' server."""

    _WORDS: ClassVar = {
        "seq": "seq",
        "junk": "sha256('something else')",
        "junk_hashes": "decode(repeat('ab', length(hashes)), 'hex')",
        "other_note": "convert_to(replace(convert_from(note, 'UTF8'), 'log', 'gol'), 'UTF8')",
    }

    def __init__(self, *, is_there: bool) -> None:
        """`is_there`: now, and empty; else once another is copied to it."""
        self.name = f"tampered_{next(_numbers)}"
        self._admin = server().dsn
        self.url = self._admin.replace("/postgres?", f"/{self.name}?")
        if is_there:
            with psycopg.connect(self._admin, autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {self.name}")

    def copy_to(self, other: Database) -> None:
        """Make the other one of this as a template."""
        assert isinstance(other, PostgresDatabase)
        with psycopg.connect(self._admin, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {other.name} WITH (FORCE)")
            copy_database(connection, self.name, other.name)

    def take(self, tables: tuple[str, ...], other: Database) -> None:
        """By copying the rows over."""
        self.edit(*(f"DELETE FROM {one}" for one in tables))
        with self._connect() as mine, psycopg.connect(other.url) as its:
            its.execute("SET search_path = immutable, public")
            for one in tables:
                with (
                    its.cursor().copy(f"COPY {one} TO STDOUT (FORMAT binary)") as out,
                    mine.cursor().copy(f"COPY {one} FROM STDIN (FORMAT binary)") as into,
                ):
                    for piece in out:
                        into.write(piece)

    def edit(self, *statements: str) -> None:
        """As a replica, which no trigger holds back."""
        with self._connect() as connection:
            for sql in statements:
                connection.execute(sql.format(**self._WORDS))

    def _connect(self) -> psycopg.Connection:
        connection = psycopg.connect(self.url)
        connection.execute("SET search_path = immutable, public")
        connection.execute("SET session_replication_role = replica")
        return connection


def copy_database(connection: psycopg.Connection, name: str, to: str) -> None:
    """Make a new database of another one as a template, once all who had that open have left it."""
    leave = "SELECT pg_terminate_backend(pid, 120000) FROM pg_stat_activity WHERE datname = %s"
    assert all(has_left for (has_left,) in connection.execute(leave, (name,)))
    connection.execute(f"CREATE DATABASE {to} TEMPLATE {name} STRATEGY FILE_COPY")


def database(engine: str, path: Path, *, is_there: bool = False) -> Database:
    """A database of this engine; `path`: where the file lies, if it is one."""
    return PostgresDatabase(is_there=is_there) if engine == "postgres" else SqliteFiles(path)
