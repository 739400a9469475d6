"""Every engine, each with small epochs, so that a few events already cross what is cut, sealed and kept apart."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from tests.logs import Log, small_epochs
from tests.postgres import CITUS, mark_as_distributed, new_citus_database, new_database
from tests.store.statements import across_shards, taken

from immutable.store.catalog import Catalog
from immutable.store.log_store import LogStore
from immutable.store.postgres.store import PostgresLogStore
from immutable.store.sqlite.store import SqliteLogStore

ENGINES = ["sqlite", "postgres", "system's postgres", "as on citus", *(["citus"] if CITUS else [])]
"""`as on citus`: PostgreSQL, sent the statements that Citus is sent."""


@pytest.fixture(scope="module", params=ENGINES)
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LogStore]:
    """A store of the engine, shared by the tests of a module.

    On Citus, or as if on it, every statement that the module sent is held to one shard afterwards.
    """
    with ExitStack() as stack:
        stack.enter_context(small_epochs())
        if request.param == "sqlite":
            opened: LogStore = SqliteLogStore(tmp_path_factory.mktemp("store") / "log.db")
            stack.callback(opened.close)
            yield opened
            return
        url = new_citus_database() if request.param == "citus" else new_database(of_system="system" in request.param)
        if "citus" in request.param:
            mark_as_distributed(url)
            sent = stack.enter_context(taken())
        store = PostgresLogStore(url)
        stack.callback(store.close)
        yield store
        if "citus" in request.param:
            assert across_shards(store.database, sent) == []


@pytest.fixture
def catalog(store: LogStore) -> Catalog:
    """The engine's catalogue."""
    return store.catalog


NewLog = Callable[[], Log]


@pytest.fixture(scope="module")
def new_log(store: LogStore) -> NewLog:
    """Makes logs, each of a workspace of its own."""
    numbers = itertools.count(1)
    return lambda: Log(store, f"workspace {next(numbers)}")


@pytest.fixture
def log(new_log: NewLog) -> Log:
    """An empty log."""
    return new_log()
