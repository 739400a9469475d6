"""Every machine of a cluster, restored from its own backup to one point that Citus set in all of them (docs/guide/citus.md)."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
from benchmarks.serving import free_port
from tests.backup.conftest import expect_no_fork, wait_for_checkpoint
from tests.citus.conftest import Cluster
from tests.citus.load import writing
from tests.citus.process import Process
from tests.conftest import Serve
from tests.postgres import new_citus_database

_POINT = "before"


def test_an_older_state_of_all_machines_is_told(serve: Serve, tmp_path: Path) -> None:
    """Set while clients write: each log is whole with all that was acknowledged before; the server says that it was set back."""
    cluster, kept = Cluster(new_citus_database()), tmp_path / "checkpoints"
    server = serve(database_url=cluster.url, checkpoints_folder=kept)
    client, *writers = [server.client("ingest", "read", "admin") for _ in range(5)]
    client.post("/events/batch", {"events": [{"actor_id": "a", "action": "b"}] * 3})
    wait_for_checkpoint(client, 3)
    with tempfile.TemporaryDirectory(prefix="citus-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o777)
        with writing(*writers) as load:
            processes = [cluster.process(node) for node in cluster.nodes()]
            for number, process in enumerate(processes):
                process.back_up(folder / str(number))
            load.goes_on(*writers)
            before = [load.count(one, 202) for one in writers]
            cluster.ask("SELECT citus_create_restore_point(%s)", _POINT)
            load.goes_on(*writers)
        client.post("/events/batch", {"events": [{"actor_id": "a", "action": "b"}] * 4})
        wait_for_checkpoint(client, 7)
        server.process.terminate()
        server.process.wait(30)
        with restored(cluster, processes, folder) as url:
            again = serve(database_url=url, checkpoints_folder=kept)
            expect_no_fork(again, client.key)
            for one, acknowledged in zip(writers, before, strict=True):
                reader = again.with_key(one.key)
                assert acknowledged <= reader.length() <= load.count(one, 202)
                breaks = reader.get("/verify").json()["data"]["breaks"]
                assert {one["kind"] for one in breaks} <= {"rolled_back"}, breaks  # where more had been signed


@contextmanager
def restored(cluster: Cluster, processes: list[Process], folder: Path) -> Iterator[str]:
    """The cluster as it was at the point, on other ports of this machine; the URL of its coordinator."""
    places = {process.address: (process.address[0], free_port()) for process in processes}
    with ExitStack() as stack:
        for number, process in enumerate(processes):
            stack.enter_context(process.copy(folder / str(number), places[process.address], _POINT))
        for place in places.values():
            # Elsewhere, so they must learn where the others are before they speak to those that they were copied from.
            with psycopg.connect(cluster.url, host=place[0], port=place[1], autocommit=True) as connection:
                for old, new in places.items():
                    connection.execute(
                        "UPDATE pg_dist_node SET nodename = %s, nodeport = %s WHERE (nodename, nodeport) = (%s, %s)",
                        (*new, *old),
                    )
        coordinator = places[processes[0].address]
        url = psycopg.conninfo.make_conninfo(cluster.url, host=coordinator[0], port=coordinator[1])
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("SELECT recover_prepared_transactions()")
            info = connection.info
            yield f"postgresql://{info.user}@{info.host}:{info.port}/{info.dbname}"
