"""What the tree costs: ingest with it and without it in one run, and how long proofs take at a million events.

python -m benchmarks.proofs [--seconds 8] [--events 1000000]
"""

import argparse
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import httpx2

from immutable.checkpoints.proofs import prove_consistency, prove_inclusion
from immutable.integrity.merkle import leaf_hash
from immutable.integrity.tiles import Tree, extend
from immutable.store.open import open_store
from immutable.store.proof_store import StoredCheckpoint, StoredTile
from immutable.store.proof_tiles import tile_reader

_BATCH = json.dumps({"events": [{"actor_id": f"a{n}", "action": "document.viewed"} for n in range(100)]}).encode()
_NEVER = 86_400
"""Seconds between checkpoints that leave the tree alone for a whole run."""


def ingest(seconds: float, interval: float) -> float:
    """Events a second that a server on a new SQLite log takes in batches of 100 from two clients."""
    with tempfile.TemporaryDirectory() as folder:
        settings = {"DATABASE_URL": f"sqlite:///{folder}/log.db", "CHECKPOINT_INTERVAL_SECONDS": str(interval)}
        environment = {**os.environ, **{f"IMMUTABLE_{name}": value for name, value in settings.items()}}
        immutable = [sys.executable, "-m", "immutable"]
        create = [*immutable, "keys", "create", "--workspace", "w"]
        key = subprocess.run(create, env=environment, check=True, capture_output=True, text=True).stdout.strip()
        serve = [*immutable, "serve", "--port", "0"]
        with subprocess.Popen(serve, env=environment, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            said = re.search(r"http://\S+", process.stdout.readline())
            assert said is not None
            try:
                return _send(said[0] + "/api/v1/events/batch", key, seconds)
            finally:
                process.terminate()


def _send(url: str, key: str, seconds: float) -> float:
    counts = [0, 0]
    until = time.monotonic() + seconds

    def send(number: int) -> None:
        headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
        with httpx2.Client(headers=headers, timeout=30) as client:
            while time.monotonic() < until:
                counts[number] += 100 * (client.post(url, content=_BATCH).status_code == 202)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


def proofs(events: int, samples: int = 2_000) -> dict[str, float]:
    """Milliseconds (p50, p99) of proofs in a tree of so many leaves on SQLite, tiles read from the database each time.

    Also of the thread's processor time alone, which other processes on the machine do not lengthen.
    """
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'log.db'}")
        store.lock_for_appending()
        workspace, trees = store.catalog.create_workspace("w"), store.proofs
        read, size, step = tile_reader(trees, workspace), 0, 65_536
        while size < events:
            last = min(size + step, events)
            tiles = extend(read, size, [leaf_hash(number.to_bytes(32, "big")) for number in range(size, last)])
            trees.integrate(
                workspace, (size, last), [StoredTile(t.level, t.index, hashes) for t, hashes in tiles], None
            )
            size = last
        checkpoint = StoredCheckpoint(events, "o", Tree(read, events).root(), b"", 1)
        trees.integrate(workspace, (events, events), [], checkpoint)
        taken: dict[str, float] = {}
        for name in ("inclusion", "consistency"):
            times, busy = [], []
            for _ in range(samples):
                place = random.randint(1, events)
                started, began = time.perf_counter(), time.thread_time()
                if name == "inclusion":
                    prove_inclusion(store, workspace, place, None)
                else:
                    prove_consistency(trees, workspace, (place, events))
                times.append((time.perf_counter() - started) * 1_000)
                busy.append((time.thread_time() - began) * 1_000)
            for what, some in ((name, sorted(times)), (f"{name}, processor time", sorted(busy))):
                taken |= {f"{what} p50": statistics.median(some), f"{what} p99": some[int(samples * 0.99)]}
        store.close()
        return taken


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--events", type=int, default=1_000_000)
    options = parser.parse_args()
    without, having = [], []
    for _ in range(3):  # in turns, so that what else the machine does hits both
        without.append(ingest(options.seconds, _NEVER))
        having.append(ingest(options.seconds, 1))
    print("events a second without the tree:", [round(one) for one in without])
    print("events a second with it:         ", [round(one) for one in having])
    print(f"median with / without: {statistics.median(having) / statistics.median(without):.3f}")
    for name, milliseconds in proofs(options.events).items():
        print(f"{name}: {milliseconds:.2f} ms at {options.events:,} events")


if __name__ == "__main__":
    main()
