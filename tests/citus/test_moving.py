"""Shards move, and workspaces get shards of their own, while somebody appends to them."""

import threading
from pathlib import Path

from tests.citus.conftest import Cluster
from tests.citus.load import wait_for, writing
from tests.conftest import serving
from tests.logs import Log, event
from tests.postgres import new_citus_database

from immutable.errors import Overloaded
from immutable.store.postgres.store import PostgresLogStore


def test_a_workspace_is_isolated_and_moved_while_it_is_written_to(cluster: Cluster, store: PostgresLogStore) -> None:
    """Citus' own commands, as docs/guide/citus.md gives them: every acknowledged event is there, and the log verifies."""
    log, neighbour = Log(store, "large"), Log(store, "small")
    for one in (log, neighbour):
        one.append(*[event(session_id=f"s{number % 3}") for number in range(40)])
    appended, stopping = [40], threading.Event()

    def append() -> None:
        while not stopping.is_set():
            try:
                appended[0] += len(log.append(event(idempotency_key=f"k{appended[0]}")))
            except Overloaded:
                continue

    writer = threading.Thread(target=append)
    writer.start()
    try:
        number, before = log.workspace.number, appended[0]
        ((shard,),) = cluster.ask(
            "SELECT isolate_tenant_to_new_shard('immutable.heads', %s, 'CASCADE', shard_transfer_mode := 'block_writes')",
            number,
        )
        here, there = cluster.worker_of(number), cluster.other_worker(number)
        cluster.ask(
            "SELECT citus_move_shard_placement(%s, %s, %s, %s, %s, shard_transfer_mode := 'force_logical')",
            shard, *here, *there,
        )  # fmt: skip
        after = appended[0]
        while appended[0] < after + 20:
            assert writer.is_alive()
    finally:
        stopping.set()
        writer.join()
    assert cluster.worker_of(number) == there
    assert after > before
    ((first, last),) = cluster.ask("SELECT shardminvalue, shardmaxvalue FROM pg_dist_shard WHERE shardid = %s", shard)
    assert first == last
    log.settle()
    assert len(log.entries()) == appended[0]
    assert log.verify().valid
    assert neighbour.verify().valid


def test_a_worker_is_added_and_given_its_share_while_servers_append(tmp_path: Path) -> None:
    """Clients meet at most 503 with Retry-After, nothing acknowledged is lost, and the new worker has half of the shards."""
    cluster = Cluster(new_citus_database(workers_added=1))
    with serving(tmp_path, {"database_url": cluster.url}) as server:
        clients = [server.client("ingest", "read", "admin") for _ in range(6)]
        with writing(*clients) as load:
            added = cluster.add_worker()
            cluster.ask("SELECT citus_rebalance_start()")
            wait_for(lambda: cluster.ask("SELECT state FROM citus_rebalance_status()") == [("finished",)])
            load.goes_on(*clients)
        moved = [client for client in clients if cluster.place_of(client) == added]
        assert 0 < len(moved) < len(clients)


def test_a_busy_workspace_is_isolated_while_others_write(cluster: Cluster, tmp_path: Path) -> None:
    """It gets a shard of its own; those in its shard wait or are sent back meanwhile, nobody else notices."""
    with serving(tmp_path, {"database_url": cluster.url}) as server:
        clients = [server.client("ingest", "read", "admin") for _ in range(8)]
        busy = clients[0]
        number = cluster.number_of(busy)
        elsewhere = [one for one in clients if cluster.shard_of(one) != cluster.shard_of(busy)]
        assert elsewhere
        with writing(*clients) as load:
            ((shard,),) = cluster.ask(
                "SELECT isolate_tenant_to_new_shard('immutable.heads', %s, 'CASCADE', shard_transfer_mode := 'block_writes')",
                number,
            )
            load.goes_on(*clients)
        ((first, last),) = cluster.ask(
            "SELECT shardminvalue, shardmaxvalue FROM pg_dist_shard WHERE shardid = %s", shard
        )
        assert first == last
        assert [load.count(client, 503) for client in elsewhere] == [0] * len(elsewhere)
