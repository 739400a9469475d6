"""What only a Citus cluster can show. These tests are collected where IMMUTABLE_TEST_CITUS_URL names one (CONTRIBUTING.md)."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest
from tests.logs import small_epochs
from tests.postgres import CITUS, new_citus_database

from immutable.store.postgres.store import PostgresLogStore

collect_ignore_glob = [] if CITUS else ["test_*.py"]

Address = tuple[str, int]


class Cluster:
    """A database of ours that is spread over the workers, and the workers' processes, which are on this machine."""

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

    def other_worker(self, number: int) -> Address:
        """A worker where they are not."""
        here = self.worker_of(number)
        rows = self.ask("SELECT nodename, nodeport FROM pg_dist_node WHERE groupid > 0")
        nodes = [(str(host), int(str(port))) for host, port in rows]
        return next(node for node in nodes if node != here)

    def connect(self, worker: Address) -> psycopg.Connection[tuple[object, ...]]:
        """A connection to a worker itself, that may do there what Citus lets nobody do by mistake."""
        options = "-c citus.enable_manual_changes_to_shards=on -c citus.override_table_visibility=off"
        return psycopg.connect(self.url, host=worker[0], port=worker[1], options=options, autocommit=True)

    @contextmanager
    def killed(self, worker: Address) -> Iterator[None]:
        """A worker is gone (kill -9); it is started again in the end, as it was."""
        with self.connect(worker) as connection:
            (text,) = connection.execute("SELECT pg_read_file('postmaster.pid')").fetchall()[0]
        pid = int(str(text).split()[0])
        command = Path(f"/proc/{pid}/cmdline").read_bytes().decode().rstrip("\0").split("\0")
        owner, folder = Path(f"/proc/{pid}").stat(), Path(f"/proc/{pid}/cwd").readlink()
        os.kill(pid, signal.SIGKILL)
        try:
            yield
        finally:
            # Until the last process of the killed one has gone, its shared memory is in use.
            while not self._answers(worker):
                # It outlives the tests, as their cluster did before.
                subprocess.run(
                    ["setsid", "--fork", *command], check=True, cwd=folder, user=owner.st_uid, group=owner.st_gid,
                    extra_groups=[], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                )  # fmt: skip
                time.sleep(0.5)

    def _answers(self, worker: Address) -> bool:
        try:
            self.connect(worker).close()
        except psycopg.OperationalError:
            return False
        return True


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
