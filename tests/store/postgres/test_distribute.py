"""Distributing, as far as it shows without Citus; the rest is in tests/citus."""

from contextlib import closing

import psycopg
import pytest
from tests.postgres import new_database

from immutable.errors import StartError
from immutable.store.postgres.connection import Database
from immutable.store.postgres.distribute import LOCAL, distribute
from immutable.store.postgres.store import PostgresLogStore


def test_a_database_without_citus_is_told_how_to_get_it() -> None:
    """And is left as it was: its tables are no less local than before."""
    url = new_database()
    with closing(PostgresLogStore(url)) as store:
        with closing(Database(url)) as database, pytest.raises(StartError, match="shared_preload_libraries = 'citus'"):
            distribute(database, shards=32, say=print)
        assert not store.appends_apart


def test_every_table_can_be_distributed_or_is_named_as_local() -> None:
    """Each begins its key with the workspace's number, of one type, without which Citus could not lay them side by side."""
    url = new_database()
    PostgresLogStore(url).close()
    sql = """
        SELECT c.relname, a.attname, a.atttypid::regtype::text FROM pg_class c
        LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
        LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
        WHERE c.relnamespace = 'immutable'::regnamespace AND c.relkind IN ('r', 'p')
    """
    with psycopg.connect(url) as connection:
        keys = {name: (first, kind) for name, first, kind in connection.execute(sql)}
    assert set(LOCAL) <= set(keys)
    others = {name: key for name, key in keys.items() if name not in LOCAL and key != ("workspace_number", "integer")}
    assert others == {}
