"""An hour at 80% of the ceiling on PostgreSQL: do rate, latency, memory, connections and tables stay as they are?

    python -m benchmarks.soak --cpus 0              # all of it on one processor, which nothing else should use
    python -m benchmarks.soak --minutes 5

All connections are kept waiting for their turn, so a latency here is 64 divided by the rate, or more: see that it stays flat.
Each slice of the time brings 5,000 new sessions. What stays flat is said from the slices after the first quarter: until
then caches fill.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import linear_regression, median
from typing import Annotated

import psutil
import psycopg
import typer
from rich.console import Console

from benchmarks import feed, load, ours, postgres, table

CONNECTIONS = 64
_MEBIBYTE = 2**20
_SQL = """SELECT
    (SELECT count(*) FROM pg_stat_activity WHERE application_name = 'immutable'),
    (SELECT sum(seq) FROM immutable.heads),
    sum(pg_total_relation_size(relid)), sum(n_dead_tup), sum(n_live_tup),
    (SELECT sum(text_seq) FROM immutable.progress)
    FROM pg_stat_user_tables WHERE schemaname = 'immutable'"""


@dataclass(frozen=True)
class Slice:
    """What was seen in one part of the time, and at its end."""

    minute: float
    rate: float
    p50_ms: float
    p99_ms: float
    others: int
    """Answers that were not 202."""
    server_mb: tuple[float, ...]
    """Resident memory of each serving process."""
    database_mb: float
    """What PostgreSQL's processes have to themselves, without the buffers they share."""
    connections: int
    events: int
    unindexed: int
    """Events that the text index does not hold yet."""
    dead_rows: int
    dead_share: float
    bytes_per_event: float


def main(
    minutes: Annotated[float, typer.Option(help="How long.")] = 60.0,
    share: Annotated[float, typer.Option(help="Of the rate measured at the start.")] = 0.8,
    slices: Annotated[int, typer.Option(help="Into how many parts the time is cut.")] = 12,
    workers: Annotated[int, typer.Option(help="Serving processes.")] = 1,
    cpus: Annotated[
        str, typer.Option(help="Pin server, database and load to these processors: 0, or 0,1. Empty: all there are.")
    ] = "",
) -> None:
    """Measure the ceiling, then send at a share of it; print each part of the time, and what did not stay flat."""
    console = Console(width=160)
    if cpus:
        os.sched_setaffinity(0, {int(cpu) for cpu in cpus.split(",")})  # inherited by everything started below
    console.print(
        f"server ({workers} process{'es' if workers > 1 else ''}), PostgreSQL and load generator together on processors "
        f"{sorted(os.sched_getaffinity(0))} of {os.cpu_count()}; load average at the start {os.getloadavg()[0]:.1f}"
    )
    with postgres.running() as database, ours.running(database.dsn, workers=workers) as server:
        first = load.run_singles(server.base_url, server.key, connections=CONNECTIONS, seconds=min(60, minutes * 6))
        ceiling, rate = first.events_per_second, first.events_per_second * share
        console.print(f"ceiling {ceiling:,.0f} events/s; sending {rate:,.0f} events/s for {minutes:g} minutes")
        top = psutil.Process(server.pid)
        serving = top.children() if workers > 1 else [top]
        began, seen = time.monotonic(), []
        for number in range(slices):
            requests = paced(feed.singles(server.base_url, server.key, seed=number + 2), rate)
            result = load.drive(
                server.base_url, requests, connections=CONNECTIONS,
                seconds=began + (number + 1) * minutes * 60 / slices - time.monotonic(),
            )  # fmt: skip
            seen.append(_look(result, (time.monotonic() - began) / 60, serving, database))
            console.print(f"[dim]{describe(seen[-1])}[/dim]")
        counted = sum(one.rate for one in seen)
        console.print(table.comparison("Soak", [_row(one) for one in seen]))
        console.print(f"reached {counted / len(seen) / rate:.0%} of the rate asked for")
        console.print(verdict(seen))


def paced(
    requests: Iterator[bytes],
    rate: float,
    clock: Callable[[], float] = time.perf_counter,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[bytes]:
    """The same requests, no more than `rate` a second; who is late is not made up for beyond a tenth of a second."""
    due = clock()
    for request in requests:
        now = clock()
        due = max(due + 1 / rate, now - 0.1)
        if due > now:
            sleep(due - now)
        yield request


def describe(one: Slice) -> str:
    """One part of the time in a line."""
    servers = " + ".join(f"{memory:.0f}" for memory in one.server_mb)
    others = f", {one.others} OTHER ANSWERS" if one.others else ""
    return (
        f"{one.minute:.1f} min: {one.rate:,.0f}/s, p50 {one.p50_ms:.1f} ms, p99 {one.p99_ms:.1f} ms{others}; server "
        f"{servers} MB, PostgreSQL {one.database_mb:.0f} MB; {one.connections} connections; {one.events:,} events, "
        f"{one.unindexed:,} not in the text index; {one.dead_rows:,} dead rows ({one.dead_share:.1%}), "
        f"{one.bytes_per_event:,.0f} bytes an event"
    )


def verdict(slices: Sequence[Slice]) -> str:
    """What the slices say after the first quarter: slopes per hour, and ends against beginnings."""
    settled = slices[len(slices) // 4 :]
    if len(settled) < 3:
        return "verdict: too few slices to tell"
    hours = [one.minute / 60 for one in settled]
    third = len(settled) // 3

    def slope(values: Sequence[float]) -> float:
        return linear_regression(hours, values).slope

    def change(values: Sequence[float]) -> str:
        before, after = median(values[:third]), median(values[-third:])
        return f"{before:,.1f} to {after:,.1f}"

    memory = [max(one.server_mb) for one in settled]
    return (
        f"verdict from minute {settled[0].minute:.0f} on: server memory {slope(memory):+.1f} MB an hour "
        f"({change(memory)} MB, most {max(memory):.0f}), PostgreSQL's own "
        f"{slope([one.database_mb for one in settled]):+.1f} MB an hour; "
        f"p50 {change([one.p50_ms for one in settled])} ms, p99 {change([one.p99_ms for one in settled])} ms; "
        f"rate {change([one.rate for one in settled])} /s; connections at most {max(one.connections for one in settled)}; "
        f"dead rows at most {max(one.dead_share for one in settled):.1%}; "
        f"bytes an event {change([one.bytes_per_event for one in settled])}; "
        f"answers other than 202: {sum(one.others for one in slices)}"
    )


def _look(
    result: load.LoadResult, minute: float, serving: Sequence[psutil.Process], database: postgres.Cluster
) -> Slice:
    with psycopg.connect(database.dsn) as connection:
        row = connection.execute(_SQL).fetchone()
    assert row is not None
    connections, events, size, dead, live, indexed = row
    top = psutil.Process(database.pid)
    own = sum(process.memory_full_info().uss for process in (top, *top.children()) if process.is_running())
    return Slice(
        minute=minute,
        rate=result.events_per_second,
        p50_ms=result.p50_ms,
        p99_ms=result.p99_ms,
        others=sum(result.others.values()),
        server_mb=tuple(process.memory_info().rss / _MEBIBYTE for process in serving),
        database_mb=own / _MEBIBYTE,
        connections=connections,
        events=int(events),
        unindexed=int(events - (indexed or 0)),
        dead_rows=int(dead),
        dead_share=float(dead / max(dead + live, 1)),
        bytes_per_event=float(size / events),
    )


def _row(one: Slice) -> table.Row:
    note = describe(one).split("; ", 1)[1]
    return table.Row(f"{one.minute:.1f} min", one.rate, one.p50_ms, one.p99_ms, note)


if __name__ == "__main__":
    typer.run(main)
