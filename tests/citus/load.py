"""Clients that write through a server while something happens to the cluster, and what must hold of it afterwards."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from tests.conftest import Client

_WAIT_SECONDS = 120


class Load:
    """What each client was answered: the status, and Retry-After."""

    def __init__(self, clients: Sequence[Client]) -> None:
        self.clients = clients
        self.answers: dict[str, list[tuple[int, str]]] = {client.workspace: [] for client in clients}
        self.stopping = threading.Event()

    def count(self, client: Client, status: int) -> int:
        """How many answers of a status a client has had."""
        return sum(1 for code, _ in self.answers[client.workspace] if code == status)

    def goes_on(self, *clients: Client) -> None:
        """Wait until twenty more events of each of them are acknowledged."""
        self._answered(clients, 202, 20)

    def refused(self, *clients: Client) -> None:
        """Wait until each of them has been sent back a few times more."""
        self._answered(clients, 503, 3)

    def _answered(self, clients: Sequence[Client], status: int, times: int) -> None:
        before = [self.count(client, status) for client in clients]
        wait_for(lambda: all(self.count(one, status) >= n + times for one, n in zip(clients, before, strict=True)))

    def send(self, client: Client) -> None:
        """Send events one after the other, each by its key until it is acknowledged; note every answer."""
        number = 0
        while not self.stopping.is_set():
            answer = client.send(idempotency_key=f"event {number}", session_id=f"s{number % 5}")
            self.answers[client.workspace].append((answer.status_code, answer.headers.get("retry-after", "")))
            if answer.status_code == 202:
                number += 1
            else:
                time.sleep(0.05)

    def check(self) -> None:
        """Nothing but 202, and 503 with Retry-After; each acknowledged event is there once, and the logs verify."""
        for client in self.clients:
            answers = self.answers[client.workspace]
            assert {code for code, _ in answers} <= {202, 503}
            assert all(after for code, after in answers if code == 503)
            assert client.length() == self.count(client, 202)  # each once, whatever was sent again
            verdict = client.get("/verify").json()["data"]
            assert verdict["valid"], verdict


@contextmanager
def writing(*clients: Client) -> Iterator[Load]:
    """Let each client write until the block ends, then check what came of it. It begins once each has written."""
    load = Load(clients)
    threads = [threading.Thread(target=load.send, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    try:
        load.goes_on(*clients)
        yield load
    finally:
        load.stopping.set()
        for thread in threads:
            thread.join()
    load.check()


def wait_for(until: Callable[[], bool]) -> None:
    """Wait for what must come about."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while not until():
        assert time.monotonic() < deadline, "It did not come about."
        time.sleep(0.05)
