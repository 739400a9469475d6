"""kill -9 at any moment of a load of concurrent writers: what was acknowledged is there, once, and the chain holds."""

import http.client
import os
import random
import signal
import threading

import pytest
from tests.faults.conftest import Ledger, Writer, each, running

KILLS = 25
WRITERS = 6


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a_hundred_kills(ledger: Ledger, seed: int) -> None:
    """Four times 25 kills: nothing acknowledged is lost or doubled, and every retry finds its first event."""
    rng = random.Random(seed)
    unanswered: list[dict[str, object]] = []
    for number in range(KILLS):
        with running(ledger) as (url, process):
            retry = Writer(url, ledger, f"retry-{number}")
            for event in unanswered:
                assert retry.send([event]) == 202
            retry.close()
            writers = [Writer(url, ledger, f"s{seed}-k{number}-w{writer}") for writer in range(WRITERS)]
            killed = threading.Event()

            def work(writer: Writer, size: int = 1, killed: threading.Event = killed) -> None:
                try:
                    while not killed.is_set():
                        writer.send([writer.event() for _ in range(size)])
                        size = 25 if size == 1 else 1
                except (OSError, http.client.HTTPException):
                    pass  # the server is dead

            threads = each(writers, work)
            killed.wait(rng.uniform(0.0, 0.4))
            os.killpg(process.pid, signal.SIGKILL)
            killed.set()
            for thread in threads:
                thread.join()
            process.wait()
            for writer in writers:
                writer.close()
            unanswered = [event for writer in writers for event in writer.unanswered]
    stored = ledger.check()
    assert stored >= len(ledger.acknowledged) > KILLS
