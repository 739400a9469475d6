"""The real server is killed for a while under load, and started again: nothing is lost, nothing is stored twice.

IMMUTABLE_OUTAGE_SECONDS is how long it is away (60 for the real thing), at least until the queue is full.
"""

import os
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from getimmutable import ImmutableClient, QueueFullError, QueueSettings, RetryPolicy

QUICK = RetryPolicy(retries=10_000, first_delay_seconds=0.05, longest_delay_seconds=0.2, total_seconds=300.0)
BLOCK_SECONDS = 0.2
AWAY_SECONDS = float(os.environ.get("IMMUTABLE_OUTAGE_SECONDS", "1"))
MAX_EVENTS = 300


class Load:
    """Threads of an application that track and note what was taken, and how often a call was refused."""

    def __init__(self, track: Callable[[dict[str, Any]], None], waiting: Callable[[], int]) -> None:
        self.taken: list[str] = []
        self.refused = 0
        self.most_waiting = 0
        self._track, self._waiting = track, waiting
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(number,)) for number in range(3)]
        for thread in self._threads:
            thread.start()

    def _work(self, number: int) -> None:
        made = 0
        while not self._stop.wait(0.005):
            made += 1
            name = f"{number}-{made}"
            try:
                self._track({"actor_id": "user_1", "action": "load.made", "resource_id": name})
                self.taken.append(name)
            except QueueFullError:
                self.refused += 1
            self.most_waiting = max(self.most_waiting, self._waiting())

    def end(self) -> None:
        """Stop tracking."""
        self._stop.set()
        for thread in self._threads:
            thread.join()


def _stored(key: str, server: Any) -> list[str]:
    with ImmutableClient(key, server.url, timeout=60.0) as reader:
        return [event["resource_id"] or "" for event in reader.iter_events(action="load.made", order="asc")]


def test_a_server_that_is_killed_for_a_while_costs_no_event(real_server: Any, tmp_path: Path, wait_for: Any) -> None:
    """What the queue took is stored once, memory is bounded, and no call waits until the server is back."""
    given_up: list[Any] = []
    key = real_server.key()
    client = ImmutableClient(
        key,
        real_server.url,
        timeout=30.0,
        spool_dir=tmp_path / "spool",
        on_give_up=lambda events, _: given_up.extend(events),
    )
    queue = client.queue(settings=QueueSettings(max_events=MAX_EVENTS, block_seconds=BLOCK_SECONDS, retry=QUICK))
    load = Load(queue.track, lambda: queue.counts.waiting)
    wait_for(lambda: queue.counts.sent > 100)
    real_server.kill()
    time.sleep(AWAY_SECONDS)
    wait_for(lambda: load.refused >= 3)  # calls that gave up while nobody was there
    real_server.start()
    sent = queue.counts.sent
    wait_for(lambda: queue.counts.sent > sent + MAX_EVENTS)
    load.end()
    assert queue.flush(120.0)
    assert load.most_waiting <= MAX_EVENTS
    stored = _stored(key, real_server)
    assert len(stored) == len(set(stored))
    assert sorted(stored) == sorted(load.taken)
    assert given_up == []
    assert client.stats.sent == len(stored)
    client.close()


def test_what_a_process_could_not_deliver_the_next_one_does(real_server: Any, tmp_path: Path, wait_for: Any) -> None:
    """Its spool is replayed at the start, each event once, and the numbers show no gap."""
    key, spool = real_server.key(), tmp_path / "spool"

    def connect() -> ImmutableClient:
        return ImmutableClient(key, real_server.url, timeout=30.0, producer="web-3", spool_dir=spool)

    with connect() as client:
        queue = client.queue(settings=QueueSettings(exit_seconds=0.5, retry=QUICK))
        queue.track({"actor_id": "u", "action": "load.made", "resource_id": "before"})
        assert queue.flush(60.0)
        real_server.kill()
        for number in range(250):
            queue.track({"actor_id": "u", "action": "load.made", "resource_id": str(number)})
    assert client.stats.spooled == 250
    assert all(re.fullmatch(r"\d+-\w+\.jsonl", file.name) for file in spool.iterdir())
    real_server.start()
    with connect() as client:
        wait_for(lambda: not any(spool.iterdir()))
    assert _stored(key, real_server) == ["before", *map(str, range(250))]
