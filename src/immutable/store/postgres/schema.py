"""The schema: made where there is none, brought up by `immutable db upgrade`, refused where it is newer than we are."""

import time
from importlib import resources
from importlib.resources.abc import Traversable

import psycopg

from immutable import clock
from immutable.errors import StartError
from immutable.store.codec import shipped_dictionary
from immutable.store.postgres.connection import (
    DISTRIBUTED,
    SCHEMA,
    Connection,
    Database,
    run,
    send,
    starting,
    without_password,
)
from immutable.store.postgres.periods import make_ahead

VERSION = 12
_LOCK = 7_306_366
"""The advisory lock of whoever changes the schema."""
_LOCK_MS = 1_000
"""How long a step waits for a table, because everybody who comes after it waits too."""
_ATTEMPTS = 60
_PAUSE_SECONDS = 1.0


def prepare(database: Database) -> None:
    """Make the schema where there is none. Raises StartError where it is older or newer than this version's."""
    with starting(database.url), database.connect() as connection:
        _check_server(connection, database.url)
        found = version_of(connection)
        if found is None:
            # All or nothing: a process killed on the way leaves no half of a schema, and no other one sees it half made.
            with connection.transaction():
                lock(connection)
                _apply(connection)
                make_ahead(connection, clock.now())
            found = version_of(connection)
        if found is not None and found < VERSION:
            raise StartError(
                f"The schema at {without_password(database.url)} is of version {found}; this version needs {VERSION}. "
                "Run: immutable db upgrade"
            )
        _refuse_newer(found, database.url)
        ((database.is_distributed,),) = run(connection, f"SELECT {DISTRIBUTED}", ())


def upgrade(database: Database) -> tuple[int, int]:
    """Bring the schema to this version; the versions before and after. Servers may go on meanwhile."""
    with starting(database.url), database.connect() as connection:
        _check_server(connection, database.url)
        before = version_of(connection) or 0
        _refuse_newer(before, database.url)
        _apply(connection)
        make_ahead(connection, clock.now())
        return before, VERSION


def version_of(connection: Connection) -> int | None:
    """The version of the schema; None where there is none."""
    # Not to_regclass, which may not see what another session made while this one waited for the lock.
    sql = "SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = 'immutable' AND tablename = 'schema_version'"
    if connection.execute(sql).fetchone() is None:
        return None
    row = connection.execute("SELECT version FROM immutable.schema_version").fetchone()
    return None if row is None else row[0]


def lock(connection: Connection) -> None:
    """Let nobody else change the schema until the transaction ends."""
    send(connection, "SELECT pg_advisory_xact_lock(%s)", (_LOCK,))


def _refuse_newer(found: int | None, url: str) -> None:
    if found is not None and found > VERSION:
        raise StartError(
            f"The schema at {without_password(url)} is of version {found}, newer than the {VERSION} this version knows: "
            "upgrade Immutable."
        )


def _check_server(connection: Connection, url: str) -> None:
    if connection.info.server_version < 150_000:
        raise StartError(f"PostgreSQL at {without_password(url)} is too old: 15 or newer is needed.")
    if connection.info.parameter_status("server_encoding") != "UTF8":
        raise StartError(f"The database at {without_password(url)} must be in UTF8: createdb --encoding=UTF8.")


def _apply(connection: Connection) -> None:
    """Run what is missing, each step in a transaction of its own; two processes at once do it once.

    A step that does not get its tables soon gives way to those who use them, and is tried again.
    """
    try:
        for script in scripts():
            for left in reversed(range(_ATTEMPTS)):
                try:
                    _step(connection, script)
                    break
                except psycopg.errors.LockNotAvailable:
                    if not left:
                        raise
                    time.sleep(_PAUSE_SECONDS)
    except psycopg.errors.InsufficientPrivilege as error:
        raise StartError(
            f"The schema cannot be made: {str(error).strip()}. The role needs CREATE on the database: "
            "GRANT CREATE ON DATABASE ... TO ..."
        ) from error


def scripts() -> list[Traversable]:
    """The steps from nothing to this version, in order; each one's name begins with the version it makes."""
    folder = resources.files(__package__).joinpath("migrations")
    return sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)


def _step(connection: Connection, script: Traversable) -> None:
    number = int(script.name.split("_")[0])
    with connection.transaction():
        lock(connection)
        if (version_of(connection) or 0) >= number:
            return
        send(connection, "SET LOCAL statement_timeout = 0")
        send(connection, f"SET LOCAL lock_timeout = {_LOCK_MS}")
        if number == 1:
            _begin(connection)
        connection.execute(script.read_text("utf-8"))
        send(connection, "UPDATE immutable.schema_version SET version = %s", (number,))
        if number == 1:
            send(connection, "INSERT INTO meta (name, bytes) VALUES ('zstd_dictionary', %s)", (shipped_dictionary(),))


def _begin(connection: Connection) -> None:
    send(connection, f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    # Both are trusted extensions: whoever owns the database may create them.
    for extension in ("pg_trgm", "btree_gin"):
        send(connection, f"CREATE EXTENSION IF NOT EXISTS {extension}")
    send(connection, f"CREATE TABLE {SCHEMA}.schema_version (version INTEGER NOT NULL)")
    send(connection, f"INSERT INTO {SCHEMA}.schema_version VALUES (0)")
