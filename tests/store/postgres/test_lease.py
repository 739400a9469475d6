"""A lease: one holder, and a new one soon after the old one is gone."""

import time
from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest
from tests.logs import Log, event, small_epochs
from tests.postgres import new_database

from immutable.errors import Overloaded
from immutable.store.postgres import lease as lease_module
from immutable.store.postgres.connection import Database
from immutable.store.postgres.lease import Lease
from immutable.store.postgres.store import PostgresLogStore


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask again at once."""
    monkeypatch.setattr(lease_module, "_ASK_SECONDS", 0.0)


@pytest.fixture
def database() -> Iterator[Database]:
    """An empty database."""
    with closing(Database(new_database())) as opened:
        yield opened


def test_only_one_holds_it(database: Database) -> None:
    """The second gets it when the first gives it up; other work has a lease of its own."""
    first, second, other = Lease(database, 1), Lease(database, 1), Lease(database, 2)
    assert first.hold() is not None
    assert second.hold() is None
    assert other.hold() is not None
    assert first.hold() is first.hold()
    first.release()
    _wait_for(second)
    assert first.hold() is None
    for lease in (first, second, other):
        lease.release()


def test_who_is_given_way_to_has_it_at_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the server takes to notice that the connection is closed; and whoever has lost it can give it up too."""
    first, second, third = (Lease(database, 1) for _ in range(3))
    held = first.hold()
    assert held is not None
    with closing(held), monkeypatch.context() as patch:
        patch.setattr(held, "close", lambda: None)
        first.give_up()
        lost = second.hold()
        assert lost is not None
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(%s)", (lost.info.backend_pid,))
    second.give_up()
    _wait_for(third)
    third.release()


def test_it_is_lost_with_its_connection(database: Database) -> None:
    """Who was cut off cannot write with it any more; another takes over."""
    first, second = Lease(database, 1), Lease(database, 1)
    held = first.hold()
    assert held is not None
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(%s)", (held.info.backend_pid,))
    _wait_for(second)
    with pytest.raises(psycopg.OperationalError):
        held.execute("SELECT 1")
    first.release()
    assert first.hold() is None
    second.release()
    first.release()


def test_a_server_that_is_away_is_said(database: Database) -> None:
    """And the lease can be asked for again."""
    lease = Lease(database, 1)
    url, database.url = database.url, "postgresql://someone@127.0.0.1:1/nowhere"
    with pytest.raises(Overloaded):
        lease.hold()
    database.url = url
    assert lease.hold() is not None
    lease.release()


def test_indexes_are_built_by_one_store_and_taken_over_by_another() -> None:
    """Two stores of one database: one seals and indexes, and when it is closed the other goes on."""
    url = new_database()
    with small_epochs():
        first, second = PostgresLogStore(url), PostgresLogStore(url)
        ours, theirs = Log(first, "w"), Log(second, "w")
        ours.append(*[event()] * 20)
        ours.settle()
        progress = first.reader().progress(ours.workspace)
        assert progress is not None
        theirs.append(*[event()] * 20)
        assert not second.follow()
        assert second.reader().progress(ours.workspace) == progress
        first.close()
        while second._lease.hold() is None:  # the server gives it up once it has noticed that the connection is closed
            time.sleep(0.01)
        theirs.settle()
        after = second.reader().progress(ours.workspace)
        assert after is not None
        assert after[0] > progress[0]
        assert after[1] == 40
        assert theirs.verify().breaks == []
        second.close()


def _wait_for(lease: Lease) -> None:
    """Until the server has noticed that the connection of the one before is gone."""
    deadline = time.monotonic() + 60
    while lease.hold() is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
