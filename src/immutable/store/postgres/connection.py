"""Connections to PostgreSQL: how they are made, a pool for reading, and what the driver's errors mean to our callers.

Every connection commits by itself unless it says BEGIN, so that nothing stays open by mistake.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import psycopg
from psycopg import errors
from psycopg.types.numeric import Int8BinaryDumper, Int8Dumper
from psycopg_pool import ConnectionPool, PoolTimeout

from immutable.errors import Overloaded, StartError
from immutable.store.postgres import arrays

Connection = psycopg.Connection[tuple[Any, ...]]

SCHEMA = "immutable"
_READERS = 8
_CONNECT_SECONDS = 5
_STATEMENT_MS = 30_000
_IDLE_IN_TRANSACTION_MS = 5_000
"""A process that stops inside a transaction would hold a workspace's head; the server ends it after so long."""

_KEEPALIVE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 20_000}

AWAY = (psycopg.OperationalError, psycopg.InterfaceError, errors.ReadOnlySqlTransaction,
        errors.IdleInTransactionSessionTimeout, errors.InFailedSqlTransaction, PoolTimeout)  # fmt: skip
"""The server is gone, stopping, full, read-only after a failover, or took too long: not a mistake in what was asked."""


DISTRIBUTED = "EXISTS (SELECT FROM meta WHERE name = 'distributed')"
"""Whether `immutable db distribute` was run, as an expression."""


class Read(Protocol):
    """Runs one statement and gives all its rows."""

    def __call__(self, sql: str, values: Sequence[object], *, prepare: bool | None = None) -> list[Any]: ...  # noqa: D102


class Database:
    """One PostgreSQL database, in the schema `immutable` of it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_distributed = False
        """Whether its tables are Citus' (`distribute.py`), as of when it was last asked."""
        self.pool: ConnectionPool[Connection] = ConnectionPool(
            url,
            connection_class=psycopg.Connection[tuple[Any, ...]],
            kwargs=_options(url),
            min_size=1,
            max_size=_READERS,
            timeout=_CONNECT_SECONDS,
            max_idle=60,
            reconnect_timeout=30,
            configure=_configure,
            open=False,
            name="readers",
        )

    def open(self) -> None:
        """Open the pool. Raises StartError where the server does not answer."""
        with starting(self.url):
            self.connect().close()  # whose error says what is wrong; the pool would only say that it took too long
        self.pool.open()

    def connect(self) -> Connection:
        """A connection of its own, for a transaction, a lease or notifications."""
        connection = psycopg.Connection.connect(self.url, **_options(self.url))
        _configure(connection)
        return connection

    def read(self, sql: str, values: Sequence[object], *, prepare: bool | None = None) -> list[Any]:
        """All rows of one statement. Raises Overloaded while the server is away."""
        try:
            return self._read(sql, values, prepare)
        except AWAY:
            # Connections that were idle through a restart are dead without knowing; only reading may be tried again.
            try:
                self.pool.check()
                return self._read(sql, values, prepare)
            except AWAY as error:
                raise away(error) from error

    def _read(self, sql: str, values: Sequence[object], prepare: bool | None) -> list[Any]:
        with self.pool.connection() as connection:
            return run(connection, sql, values, prepare=prepare)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A short transaction. Raises Overloaded while the server is away; it is not known then whether it committed."""
        try:
            connection = self.connect()
            try:
                with connection.transaction():
                    yield connection
            finally:
                connection.close()
        except AWAY as error:
            raise away(error) from error

    def close(self) -> None:
        """Close the pool."""
        self.pool.close()


def run(connection: Connection, sql: str, values: Sequence[object], *, prepare: bool | None = None) -> list[Any]:
    """All rows of one statement, read in binary."""
    return connection.execute(sql, values, prepare=prepare, binary=True).fetchall()


def send(connection: Connection, sql: str, values: Sequence[object] = ()) -> None:
    """One statement whose rows, if any, nobody wants."""
    connection.execute(sql, values)


def away(error: BaseException) -> Overloaded:
    """What a client is told while the server is away."""
    why = str(error).strip().splitlines()
    return Overloaded(f"PostgreSQL cannot answer now ({why[0] if why else type(error).__name__}). Try again.", 2)


@contextmanager
def starting(url: str) -> Iterator[None]:
    """Raises StartError where the server is away."""
    try:
        yield
    except (psycopg.Error, PoolTimeout) as error:
        raise StartError(f"PostgreSQL at {without_password(url)} cannot be used: {str(error).strip()}") from error


def without_password(url: str) -> str:
    """The URL as it may be shown."""
    try:
        parts = psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        return "the URL given (it cannot be read)"
    host, port, name = parts.get("host", "localhost"), parts.get("port", "5432"), parts.get("dbname", "")
    return f"postgresql://{host}:{port}/{name}"


def _options(url: str) -> dict[str, Any]:
    try:
        own = psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        raise StartError(f"The database URL cannot be read: {str(error).strip()}.") from error
    options = (
        f"-c search_path={SCHEMA},public -c statement_timeout={_STATEMENT_MS} "
        f"-c idle_in_transaction_session_timeout={_IDLE_IN_TRANSACTION_MS} -c timezone=UTC {own.get('options') or ''}"
    )
    return {
        "autocommit": True,
        "connect_timeout": own.get("connect_timeout") or _CONNECT_SECONDS,
        "application_name": own.get("application_name") or "immutable",
        "options": options,
        **_KEEPALIVE,
    }


def _configure(connection: Connection) -> None:
    # One type for every integer, so that a statement is prepared once and not once for each size of number.
    connection.adapters.register_dumper(int, Int8Dumper)
    connection.adapters.register_dumper(int, Int8BinaryDumper)
    arrays.register(connection.adapters)
