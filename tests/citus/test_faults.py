"""A worker that is killed takes its workspaces with it, and nobody else's."""

from pathlib import Path

from tests.citus.conftest import Cluster
from tests.citus.load import writing
from tests.conftest import serving


def test_others_go_on_and_nothing_acknowledged_is_lost(cluster: Cluster, tmp_path: Path) -> None:
    """503 with Retry-After for the workspaces of the killed one only; all is there when it is back, and verifies."""
    with serving(tmp_path, {"database_url": cluster.url}) as server:
        clients = [server.client("ingest", "read", "admin") for _ in range(12)]
        places = {client.workspace: cluster.place_of(client) for client in clients}
        worker = places[clients[0].workspace]
        hit = [client for client in clients if places[client.workspace] == worker]
        spared = [client for client in clients if places[client.workspace] != worker]
        assert spared
        with writing(*clients) as load:
            for _ in range(2):  # it may happen again
                with cluster.process(worker).killed():
                    load.refused(*hit)
                    load.goes_on(*spared)
                load.goes_on(*clients)
        assert [load.count(client, 503) for client in spared] == [0] * len(spared)
