"""`immutable db distribute`: an empty log and one that holds events, again, and what was added since."""

import threading
from contextlib import closing

import psycopg
import pytest
from psycopg import errors
from tests.citus.conftest import Cluster
from tests.logs import Log, event
from tests.postgres import new_citus_database

from immutable.errors import Overloaded, StartError
from immutable.store.postgres.connection import Database
from immutable.store.postgres.distribute import LOCAL, distribute
from immutable.store.postgres.store import PostgresLogStore

_REFUSED = errors.ObjectNotInPrerequisiteState


def run(url: str) -> tuple[list[str], list[str]]:
    """What was distributed, and what was said meanwhile."""
    said: list[str] = []
    with closing(Database(url)) as database:
        return distribute(database, shards=4, say=said.append), said


def test_a_log_is_moved_whole_while_a_server_appends() -> None:
    """No acknowledged event is lost, nothing stays on the coordinator, and the store notices without a restart."""
    cluster = Cluster(new_citus_database(is_distributed=False))
    with closing(PostgresLogStore(cluster.url)) as store:
        logs = [Log(store, f"workspace {number}") for number in range(4)]
        for log in logs:
            log.append(*[event(session_id=f"s{number % 3}", idempotency_key=f"k{number}") for number in range(50)])
            log.settle()
        acknowledged, stopping = [0], threading.Event()

        def append() -> None:
            while not stopping.is_set():
                try:
                    acknowledged[0] += len(logs[0].append(event()))
                except Overloaded:
                    continue

        writer = threading.Thread(target=append)
        writer.start()
        distributed, said = run(cluster.url)
        already = acknowledged[0]
        while acknowledged[0] < already + 20:
            pass
        stopping.set()
        writer.join()
        assert store.appends_apart
        assert any(line.startswith("entries: ") for line in said)
        assert len(logs[0].entries()) >= 50 + acknowledged[0]
        assert [len(log.entries()) for log in logs[1:]] == [50, 50, 50]
        assert logs[1].append(event(idempotency_key="k7"))[0].is_duplicate
        assert [log.verify().valid for log in logs] == [True] * 4
    ((left,),) = cluster.ask("SELECT sum(pg_relation_size(logicalrelid)) FROM pg_dist_partition")
    assert left == 0
    groups = cluster.ask("SELECT DISTINCT colocationid FROM pg_dist_partition")
    assert len(groups) == 1
    tables = cluster.ask(
        "SELECT relname FROM pg_class WHERE relnamespace = 'immutable'::regnamespace AND relkind IN ('r', 'p') "
        "AND oid NOT IN (SELECT logicalrelid FROM pg_dist_partition)"
    )
    assert {name for (name,) in tables} == set(LOCAL)
    assert "heads" in distributed


def test_again_it_distributes_what_was_added_only(cluster: Cluster) -> None:
    """A table that a later version brings, and nothing when there is none."""
    assert run(cluster.url) == ([], [])
    with psycopg.connect(cluster.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE immutable.later (workspace_number INTEGER PRIMARY KEY, text TEXT)")
    try:
        assert run(cluster.url) == (["later"], [])
    finally:
        with psycopg.connect(cluster.url, autocommit=True) as connection:
            connection.execute("DROP TABLE immutable.later")


def test_shards_refuse_change(cluster: Cluster, store: PostgresLogStore) -> None:
    """Whoever is on a worker meets the same triggers there, on months that were made since too."""
    log = Log(store, "refused")
    log.append(event())
    log.now = 1_893_456_000_000_000  # 2030: a month that nobody made ahead
    log.append(event())
    entries = "SELECT shard_name FROM citus_shards WHERE table_name::text = %s AND (nodename, nodeport) = (%s, %s)"
    worker = cluster.worker_of(log.workspace.number)
    with cluster.connect(worker) as connection:
        for table in ("immutable.entries", "immutable.entries_203001"):
            shards = cluster.ask(entries, table, *worker)
            assert shards
            for (shard,) in shards:
                for change in (f"UPDATE {shard} SET record = 'x'", f"DELETE FROM {shard}"):
                    if connection.execute(f"SELECT 1 FROM {shard}").fetchall():  # type: ignore[call-overload]
                        with pytest.raises(_REFUSED):
                            connection.execute(change)  # type: ignore[call-overload]
                with pytest.raises(_REFUSED):
                    connection.execute(f"TRUNCATE {shard}")  # type: ignore[call-overload]
    assert len(log.entries()) == 2
    with psycopg.connect(cluster.url, autocommit=True) as connection, pytest.raises(_REFUSED):
        connection.execute(
            "UPDATE immutable.entries SET period = 203002 WHERE workspace_number = %s", (log.workspace.number,)
        )


def test_a_worker_is_not_the_place(cluster: Cluster) -> None:
    """It is told which node is."""
    host, port = cluster.worker_of(1)
    with psycopg.connect(cluster.url) as connection:
        name, user = connection.info.dbname, connection.info.user
    with pytest.raises(StartError, match="coordinator"):
        run(f"postgresql://{user}@{host}:{port}/{name}")
