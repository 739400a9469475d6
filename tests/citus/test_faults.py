"""A worker that is killed takes its workspaces with it, and nobody else's."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from tests.citus.conftest import Cluster
from tests.conftest import Client, serving


def _settled(client: Client, results: list[tuple[int, str]], stopping: threading.Event) -> None:
    """Send events one after the other, each by its key until it is acknowledged; note every answer."""
    number = 0
    while not stopping.is_set():
        answer = client.send(idempotency_key=f"event {number}")
        results.append((answer.status_code, answer.headers.get("retry-after", "")))
        if answer.status_code == 202:
            number += 1
        else:
            time.sleep(0.05)


def _count(results: list[tuple[int, str]], status: int) -> int:
    return sum(1 for code, _ in results if code == status)


def test_others_go_on_and_nothing_acknowledged_is_lost(cluster: Cluster, tmp_path: Path) -> None:
    """503 with Retry-After for the workspaces of the killed one only; all is there when it is back, and verifies."""
    with serving(tmp_path, {"database_url": cluster.url}) as server:
        clients = [server.client("ingest", "read", "admin") for _ in range(12)]
        numbers = dict(cluster.ask("SELECT name, number FROM immutable.workspaces"))
        places = [(client, cluster.worker_of(int(str(numbers[client.workspace])))) for client in clients]
        hit, worker = places[0]
        spared = next(client for client, place in places if place != worker)
        answers: dict[str, list[tuple[int, str]]] = {hit.workspace: [], spared.workspace: []}
        stopping = threading.Event()
        threads = [
            threading.Thread(target=_settled, args=(client, answers[client.workspace], stopping))
            for client in (hit, spared)
        ]
        for thread in threads:
            thread.start()
        _wait(lambda: all(_count(one, 202) > 20 for one in answers.values()))
        with cluster.killed(worker):
            _wait(lambda: _count(answers[hit.workspace], 503) > 3)
            before = _count(answers[spared.workspace], 202)
            _wait(lambda: _count(answers[spared.workspace], 202) > before + 20)
        before = _count(answers[hit.workspace], 202)
        _wait(lambda: _count(answers[hit.workspace], 202) > before + 20)
        stopping.set()
        for thread in threads:
            thread.join()
        for client in (hit, spared):
            results = answers[client.workspace]
            assert {code for code, _ in results} <= {202, 503}
            assert all(after for code, after in results if code == 503)
            assert client.length() == _count(results, 202)  # each once, whatever was sent again
            verdict = client.get("/verify").json()["data"]
            assert verdict["valid"], verdict
        assert _count(answers[spared.workspace], 503) == 0


def _wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not until():
        assert time.monotonic() < deadline, "It did not come about."
        time.sleep(0.05)
