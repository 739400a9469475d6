"""A role that owns its schema and nothing else: what docs/guide/citus.md grants it is enough."""

from contextlib import closing
from pathlib import Path

import psycopg
from tests.citus.conftest import Cluster
from tests.conftest import serving
from tests.postgres import new_citus_database

from immutable.store.postgres import schema
from immutable.store.postgres.connection import Database
from immutable.store.postgres.distribute import distribute

_ROLE = "immutable_of_tests"


def test_no_superuser_is_needed(tmp_path: Path) -> None:
    """It makes the schema, distributes it, serves, makes months and takes up what a later version adds."""
    cluster = Cluster(new_citus_database(is_distributed=False))
    with psycopg.connect(cluster.url, autocommit=True) as connection:
        database_name = connection.info.dbname
        if not connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (_ROLE,)).fetchall():
            connection.execute(f"CREATE ROLE {_ROLE} LOGIN")
        connection.execute(f"GRANT CREATE ON DATABASE {database_name} TO {_ROLE}")
    url = cluster.url.replace("//postgres@", f"//{_ROLE}@")
    with closing(Database(url)) as database:
        schema.upgrade(database)
        distribute(database, shards=4, say=lambda _: None)
        with serving(tmp_path, {"database_url": url}) as server:
            client = server.client("ingest", "read", "admin")
            client.add(session_id="s")
            assert client.get("/verify").json()["data"]["valid"]
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("SELECT immutable.make_period(203001)")
                connection.execute("CREATE TABLE immutable.later (workspace_number INTEGER PRIMARY KEY, text TEXT)")
            assert distribute(database, shards=4, say=lambda _: None) == ["later"]
            assert client.send().status_code == 202
    assert cluster.ask("SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = %s", _ROLE) == [
        (False, False, False)
    ]
