"""Opens the store that a URL names: the only place that picks an engine."""

from pathlib import Path
from urllib.parse import unquote

import apsw

from immutable.errors import StartError
from immutable.store.catalog import Catalog
from immutable.store.postgres.connection import without_password
from immutable.store.postgres.store import PostgresLogStore
from immutable.store.pruning import PruningStore
from immutable.store.sqlite.catalog import SqliteCatalog
from immutable.store.sqlite.connection import Database
from immutable.store.sqlite.store import SqliteLogStore


def open_store(url: str, *, builds_index: bool = True) -> PruningStore:
    """Open (and create, where it is new) the store that a URL names. Raises StartError.

    `sqlite:///relative.db`, `sqlite:////absolute.db` or `postgresql://user:password@host:port/database`.
    `builds_index` False: only to read a stretch, beside the process that does more.
    """
    if is_postgres(url):
        return PostgresLogStore(url)
    path = path_of(url)
    try:
        return SqliteLogStore(path, builds_index=builds_index)
    except (apsw.CorruptError, apsw.SQLError, UnicodeDecodeError) as error:
        raise StartError(
            f"The database {path} or its index is damaged: {error}. Delete {path}.index, which is made again from the log; "
            "if that does not help, restore the database from a copy."
        ) from error


def open_catalog(url: str) -> Catalog:
    """Open only the catalogue, for the caller to close: workspaces and keys. Raises StartError."""
    return PostgresLogStore(url).catalog if is_postgres(url) else SqliteCatalog(Database(path_of(url)))


def is_postgres(url: str) -> bool:
    """Whether the URL names a PostgreSQL database."""
    return url.startswith(("postgresql://", "postgres://"))


def shown(url: str) -> str:
    """The URL without its secrets, for people to read."""
    return without_password(url) if is_postgres(url) else url


def path_of(url: str) -> Path:
    """The file that a database URL names, whether it is there or not. Raises StartError."""
    scheme, separator, path = url.partition("://")
    if scheme != "sqlite" or not separator or not path.startswith("/") or len(path) < 2:
        raise StartError(
            f"The database URL {url.rsplit('@', maxsplit=1)[-1]!r} is not understood: use sqlite:///immutable.db or "
            "postgresql://user:password@host/database."
        )
    return Path(unquote(path[1:]))
