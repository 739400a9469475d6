"""What Citus costs where it brings nothing: the same server over plain PostgreSQL and over a cluster, on one machine, in turns.

python -m benchmarks.citus --plain URL --citus URL [--seconds 8] [--rounds 3]

Both databases are new: one of plain PostgreSQL, and one of a cluster's coordinator after `immutable db upgrade` and
`db distribute`. It shows no scaling: nodes on the same processors and disk share them.
"""

import argparse
import statistics
import time
from itertools import chain

import httpx2
from rich.console import Console

from benchmarks import feed, load, ours, table
from benchmarks.ingest import median_row
from benchmarks.load import LoadResult

_WORKSPACES = 20
_SESSIONS = 50
_TIMELINES = 400


def main() -> None:
    """Measure both, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plain", required=True)
    parser.add_argument("--citus", required=True)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    urls = {"PostgreSQL": options.plain, "Citus": options.citus}
    batches: dict[str, list[LoadResult]] = {name: [] for name in urls}
    singles: dict[str, list[LoadResult]] = {name: [] for name in urls}
    timelines: dict[str, list[float]] = {name: [] for name in urls}
    for _ in range(options.rounds):
        for name, url in urls.items():
            with ours.running(url) as server:
                batches[name].append(
                    load.run_batches(server.base_url, server.key, connections=8, seconds=options.seconds)
                )
                singles[name].append(_singles(server, url, options.seconds))
                timelines[name] += timeline_ms(server)
    console = Console()
    for title, results in (
        ("Batches of 100, 8 connections", batches),
        (f"Single events, 64 connections, {_WORKSPACES} workspaces", singles),
    ):
        rows = [median_row(name, runs) for name, runs in results.items()]
        console.print(table.comparison(title, rows, against=["PostgreSQL"]))
    for name, times in timelines.items():
        cuts = statistics.quantiles(times, n=100)
        console.print(f"timeline of 20 events over {name}: p50 {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms")


def _singles(server: ours.Running, url: str, seconds: float) -> LoadResult:
    keys = [ours.new_key(url, f"workspace {number}") for number in range(_WORKSPACES)]
    feeds = [feed.singles(server.base_url, key, pool=1_000, seed=number) for number, key in enumerate(keys)]
    requests = chain.from_iterable(zip(*feeds, strict=True))
    return load.drive(server.base_url, requests, connections=64, seconds=seconds, events_per_request=1)


def timeline_ms(server: ours.Running) -> list[float]:
    """How long timelines of sessions took, asked one after the other."""
    headers = {"authorization": f"Bearer {server.key}"}
    with httpx2.Client(base_url=server.base_url + "/api/v1", headers=headers, timeout=60) as client:
        for session in range(_SESSIONS):
            events = [{"actor_id": "a", "action": "document.viewed", "session_id": f"s{session}"}] * 20
            client.post("/events/batch", json={"events": events}).raise_for_status()
        took = []
        for number in range(_TIMELINES):
            began = time.perf_counter()
            client.get(f"/sessions/s{number % _SESSIONS}").raise_for_status()
            took.append((time.perf_counter() - began) * 1000)
    return took


if __name__ == "__main__":
    main()
