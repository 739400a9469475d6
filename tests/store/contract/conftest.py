"""Every engine, each with small epochs, so that a few events already cross what is cut, sealed and kept apart."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from tests.logs import Log, small_epochs
from tests.postgres import new_database

from immutable.store.catalog import Catalog
from immutable.store.log_store import LogStore
from immutable.store.postgres.store import PostgresLogStore
from immutable.store.sqlite.store import SqliteLogStore

ENGINES = ["sqlite", "postgres", "system's postgres"]


@pytest.fixture(scope="module", params=ENGINES)
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LogStore]:
    """A store of the engine, shared by the tests of a module."""
    with ExitStack() as stack:
        stack.enter_context(small_epochs())
        opened: LogStore
        if request.param == "sqlite":
            opened = SqliteLogStore(tmp_path_factory.mktemp("store") / "log.db")
        else:
            opened = PostgresLogStore(new_database(of_system=request.param != "postgres"))
        stack.callback(opened.close)
        yield opened


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
