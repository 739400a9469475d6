"""What only a Citus cluster can show. These tests are collected where IMMUTABLE_TEST_CITUS_URL names one (CONTRIBUTING.md)."""

from collections.abc import Iterator
from contextlib import ExitStack

import psycopg
import pytest
from tests.citus.process import Address, Process
from tests.conftest import Client
from tests.logs import small_epochs
from tests.postgres import CITUS, new_citus_database

from immutable.store.postgres.store import PostgresLogStore

collect_ignore_glob = [] if CITUS else ["test_*.py"]


class Cluster:
    """A database of ours that is spread over the workers."""

    def __init__(self, url: str) -> None:
        self.url = url

    def ask(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        """The rows of a statement on the coordinator."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(sql, values).fetchall()

    def worker_of(self, number: int) -> Address:
        """Where a workspace's rows are."""
        sql = (
            "SELECT nodename, nodeport FROM citus_shards "
            "WHERE shardid = get_shard_id_for_distribution_column('immutable.heads', %s)"
        )
        ((host, port),) = self.ask(sql, number)
        return str(host), int(str(port))

    def place_of(self, client: Client) -> Address:
        """Where the rows of a client's workspace are."""
        return self.worker_of(self.number_of(client))

    def shard_of(self, client: Client) -> object:
        """The shard that a client's workspace is in."""
        sql = "SELECT get_shard_id_for_distribution_column('immutable.heads', %s)"
        return self.ask(sql, self.number_of(client))[0][0]

    def number_of(self, client: Client) -> int:
        """The number of a client's workspace."""
        ((number,),) = self.ask("SELECT number FROM immutable.workspaces WHERE name = %s", client.workspace)
        return int(str(number))

    def other_worker(self, number: int) -> Address:
        """A worker where they are not."""
        here = self.worker_of(number)
        return next(node for node in self.nodes()[1:] if node != here)

    def add_worker(self) -> Address:
        """Add the first worker that is prepared and is not part of the cluster yet."""
        added = next(node for node in Cluster(CITUS or "").nodes() if node not in self.nodes())
        self.ask("SELECT citus_add_node(%s, %s)", *added)
        return added

    def connect(self, worker: Address) -> psycopg.Connection[tuple[object, ...]]:
        """A connection to a worker itself, that may do there what Citus lets nobody do by mistake."""
        options = "-c citus.enable_manual_changes_to_shards=on -c citus.override_table_visibility=off"
        return psycopg.connect(self.url, host=worker[0], port=worker[1], options=options, autocommit=True)

    def process(self, node: Address) -> Process:
        """The PostgreSQL of a node."""
        return Process(self.url, node)

    def nodes(self) -> list[Address]:
        """All nodes, the coordinator first."""
        rows = self.ask("SELECT nodename, nodeport FROM pg_dist_node ORDER BY groupid")
        return [(str(host), int(str(port))) for host, port in rows]


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    """An empty log, distributed."""
    return Cluster(new_citus_database())


@pytest.fixture(scope="module")
def store(cluster: Cluster) -> Iterator[PostgresLogStore]:
    """A store of it."""
    with ExitStack() as stack:
        stack.enter_context(small_epochs())
        opened = PostgresLogStore(cluster.url)
        stack.callback(opened.close)
        yield opened
