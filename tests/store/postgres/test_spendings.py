"""Buckets that processes share: what two of them take adds up, debts are kept, and full ones are forgotten."""

from contextlib import closing

import psycopg
import pytest
from tests.postgres import new_database

from immutable.model.workspace import Spending
from immutable.store.postgres.store import PostgresLogStore


def test_what_two_processes_take_adds_up():
    """Each hears what is left after both, and a debt stays a debt."""
    url = new_database()
    with closing(PostgresLogStore(url)) as one, closing(PostgresLogStore(url)) as other:
        taken = Spending(1, "events:key", 30, 0.001, 50)
        assert one.catalog.spend([taken]) == {(1, "events:key"): pytest.approx(20, abs=0.1)}
        assert other.catalog.spend([taken]) == {(1, "events:key"): pytest.approx(-10, abs=0.1)}
        levels = one.catalog.spend([Spending(1, "events:key", 0, 0.001, 50), Spending(2, "events:key", 5, 1, 50)])
        assert levels[1, "events:key"] == pytest.approx(-10, abs=0.1)
        assert levels[2, "events:key"] == pytest.approx(45, abs=0.1)


def test_full_buckets_are_forgotten():
    """So the table does not grow with every address that ever sent a wrong key."""
    url = new_database()
    with closing(PostgresLogStore(url)) as store:
        store.catalog.spend([Spending(0, f"failed:{number}", 1, 1_000_000, 10) for number in range(100)])
        store.catalog.spend([Spending(0, "failed:kept", 5, 0.001, 10)])
        store.catalog.forget_spendings()
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT name FROM immutable.spendings").fetchall() == [("failed:kept",)]
