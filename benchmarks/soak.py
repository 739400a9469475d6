"""An hour at 80% of the ceiling on PostgreSQL: do rate, latency, memory, connections and tables stay as they are?

All connections are kept waiting for their turn, so a latency here is 64 divided by the rate, or more: see that it stays flat.
Run it with `python -m benchmarks.soak`, or for less than an hour with `--minutes 5`.
"""

import time
from collections.abc import Iterator
from typing import Annotated

import psutil
import psycopg
import typer
from rich.console import Console

from benchmarks import feed, load, ours, postgres, table

CONNECTIONS, WORKERS = 64, 2
SLICES = 12


def main(
    minutes: Annotated[float, typer.Option(help="How long.")] = 60.0,
    share: Annotated[float, typer.Option(help="Of the rate measured at the start.")] = 0.8,
) -> None:
    """Measure the ceiling, then send at a share of it, and print twelve slices of the time."""
    console = Console()
    with postgres.running() as database, ours.running(database.dsn, workers=WORKERS) as server:
        first = load.run_singles(server.base_url, server.key, connections=CONNECTIONS, seconds=min(20, minutes * 60))
        ceiling, rate = first.events_per_second, first.events_per_second * share
        console.print(f"ceiling {ceiling:,.0f} events/s; sending {rate:,.0f} events/s for {minutes:g} minutes")
        slices = []
        for number in range(SLICES):
            requests = paced(feed.singles(server.base_url, server.key, seed=number), rate)
            result = load.drive(server.base_url, requests, connections=CONNECTIONS, seconds=minutes * 60 / SLICES)
            note = _state(database.dsn, server.pid)
            slices.append(table.Row.of(f"{(number + 1) * minutes / SLICES:.3g} min", result, note))
            console.print(f"[dim]{slices[-1].name}: {result.events_per_second:,.0f}/s, {note}[/dim]")
    console.print(table.comparison("Soak", slices))


def paced(requests: Iterator[bytes], rate: float) -> Iterator[bytes]:
    """The same requests, no more than `rate` a second; who is late is not made up for beyond a tenth of a second."""
    due = time.perf_counter()
    for request in requests:
        now = time.perf_counter()
        due = max(due + 1 / rate, now - 0.1)
        if due > now:
            time.sleep(due - now)
        yield request


def _state(dsn: str, pid: int) -> str:
    memory = max(process.memory_info().rss for process in psutil.Process(pid).children()) / 2**20
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(
            "SELECT (SELECT count(*) FROM pg_stat_activity WHERE application_name = 'immutable'), "
            "(SELECT sum(seq) FROM immutable.heads), "
            "(SELECT sum(pg_total_relation_size(relid)) FROM pg_stat_user_tables WHERE schemaname = 'immutable'), "
            "(SELECT sum(n_dead_tup) FROM pg_stat_user_tables WHERE schemaname = 'immutable'), "
            "pg_total_relation_size('immutable.heads')"
        ).fetchone()
    assert rows is not None
    connections, events, size, dead, heads = rows
    return (
        f"{memory:.0f} MB a process, {connections} connections, {size / events:,.0f} bytes an event, "
        f"{dead:,} dead rows, heads {heads / 1024:,.0f} kB"
    )


if __name__ == "__main__":
    typer.run(main)
