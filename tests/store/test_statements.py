"""The reading of plans that holds statements to one workspace finds those that are not."""

from collections.abc import Iterator

import pytest
from tests.postgres import new_database
from tests.store.statements import across_shards

from immutable.store.postgres.store import PostgresLogStore


@pytest.fixture(scope="module")
def store() -> Iterator[PostgresLogStore]:
    """A store on PostgreSQL."""
    opened = PostgresLogStore(new_database())
    yield opened
    opened.close()


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT record FROM entries WHERE seq = 1",
        "SELECT record FROM entries WHERE workspace_number IN (1, 2)",
        "SELECT 1 FROM heads h JOIN pruned p ON p.workspace_number = h.workspace_number",
        "SELECT (SELECT max(seq) FROM pruned) FROM heads WHERE workspace_number = 1",
        "UPDATE heads SET seq = 1 WHERE seq = 0",
        "DELETE FROM sessions WHERE number = 1",
        "INSERT INTO heads SELECT * FROM unnest('{1,2}'::int[], '{1,2}'::bigint[], '{a,b}'::bytea[], '{0,0}'::bigint[])",
        "INSERT INTO heads VALUES (1, 1, '', 0), (2, 1, '', 0)",
    ],
)
def test_a_statement_that_reaches_several_workspaces_is_found(store: PostgresLogStore, sql: str) -> None:
    """However it does."""
    assert across_shards(store.database, {sql: ()}) == [sql]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT record FROM entries WHERE workspace_number = 1 AND seq = 1",
        "SELECT h.seq, p.seq FROM heads h LEFT JOIN pruned p USING (workspace_number) WHERE h.workspace_number = 1",
        "DELETE FROM sessions WHERE workspace_number = 1 AND number = 1",
        "INSERT INTO heads VALUES (1, unnest('{1}'::bigint[]), 'a', 0)",
        "SELECT name FROM workspaces",
    ],
)
def test_a_statement_within_one_workspace_is_let_be(store: PostgresLogStore, sql: str) -> None:
    """So are those of tables that stay on the coordinator."""
    assert across_shards(store.database, {sql: ()}) == []
