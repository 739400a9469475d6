"""What is read ahead is looked up by an index, also where the statement was planned while the tables were empty."""

from contextlib import closing

import pytest
from tests.postgres import new_database

from immutable.store.postgres import read_ahead
from immutable.store.postgres.connection import Connection
from immutable.store.postgres.store import PostgresLogStore


@pytest.fixture(scope="module")
def connection():
    """To a new database, which plans statements once for any values, as it does for those sent often."""
    with closing(PostgresLogStore(new_database())) as store, store.database.connect() as opened:
        opened.execute("SET plan_cache_mode = force_generic_plan")
        yield opened


@pytest.mark.parametrize("name", ["_PLACES", "_SESSIONS", "_INFERRED"])
def test_no_table_is_read_whole(connection: Connection, name: str) -> None:
    """A plan is kept until the tables are analyzed, and they grow fast meanwhile."""
    sql = getattr(read_ahead, name).replace("unnest(%s, %s)", "unnest($1::integer[], $2::text[])")
    connection.execute(f"PREPARE {name} AS {sql}", prepare=False)
    plan = [line for (line,) in connection.execute(f"EXPLAIN EXECUTE {name}('{{1,2}}', '{{a,b}}')", prepare=False)]
    assert any("Index Scan" in line for line in plan)
    assert not [line for line in plan if "Seq Scan" in line], plan
