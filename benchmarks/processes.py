"""How fast do events go in on PostgreSQL: one, two and four processes, one busy workspace and a hundred, in turns.

Beside them the server of the usual kind on the same kind of PostgreSQL, and our one process on SQLite.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import chain

import psutil
from rich.console import Console

from benchmarks import disk, feed, ingest, load, ours, postgres, straightforward, table
from benchmarks.load import LoadResult

USUAL = "usual kind, PostgreSQL"
SQLITE = "SQLite, 1 process"
WORKSPACES = 100


@dataclass(frozen=True)
class _Load:
    """What is sent: how many connections, how many events a request."""

    title: str
    connections: int
    size: int

    def drive(self, base_url: str, keys: list[str], seconds: float) -> LoadResult:
        """Send for so long, with the keys in turn."""
        pool = max(1_000, 100_000 // len(keys))
        if self.size == 1:
            feeds = [feed.singles(base_url, key, pool=pool, seed=number) for number, key in enumerate(keys)]
        else:
            feeds = [
                feed.batches(base_url, key, size=self.size, pool=pool, seed=number) for number, key in enumerate(keys)
            ]
        requests = chain.from_iterable(zip(*feeds, strict=True))
        return load.drive(
            base_url, requests, connections=self.connections, seconds=seconds, events_per_request=self.size
        )


_LOADS = (_Load("Single events, 64 connections", 64, 1), _Load("Batches of 100, 8 connections", 8, 100))


def compare(console: Console, *, seconds: float, rounds: int) -> None:
    """Measure each in every round; print medians, ratios, memory and disk."""
    for kind in _LOADS:
        results: dict[str, list[LoadResult]] = {}
        notes: dict[str, str] = {}
        for number in range(rounds):
            console.print(f"[dim]{kind.title}: round {number + 1} of {rounds}[/dim]")
            with ExitStack() as stack:
                usual = stack.enter_context(straightforward.running(stack.enter_context(postgres.running()).dsn))
                results.setdefault(USUAL, []).append(kind.drive(usual.base_url, [usual.key], seconds))
            with ingest.fresh() as directory:
                _measure(SQLITE, kind, ours.sqlite_url(directory), seconds, results, notes)
            for workers in (1, 2, 4):
                name = f"PostgreSQL, {workers} process{'es' if workers > 1 else ''}"
                with postgres.running() as database:
                    _measure(name, kind, database.dsn, seconds, results, notes, workers=workers)
                with postgres.running() as database:
                    name += f", {WORKSPACES} workspaces"
                    _measure(name, kind, database.dsn, seconds, results, notes, workers=workers, workspaces=WORKSPACES)
        rows = [ingest.median_row(name, runs) for name, runs in results.items()]
        rows = [replace(row, note="; ".join(filter(None, [row.note, notes.get(row.name)]))) for row in rows]
        console.print(table.comparison(f"{kind.title}, by process and workspace", rows, against=[USUAL]))


def _measure(
    name: str,
    kind: _Load,
    database_url: str,
    seconds: float,
    results: dict[str, list[LoadResult]],
    notes: dict[str, str],
    *,
    workers: int = 1,
    workspaces: int = 1,
) -> None:
    with _running(database_url, workers, workspaces) as (server, keys):
        result = kind.drive(server.base_url, keys, seconds)
        top = psutil.Process(server.pid)
        serving = top.children() if workers > 1 else [top]
        memory = max(process.memory_info().rss for process in serving) / 2**20
    size = sum(disk.sizes(database_url).values()) / max(result.events, 1)
    results.setdefault(name, []).append(result)
    notes[name] = f"{memory:.0f} MB a process; {size:.0f} bytes an event"


@contextmanager
def _running(database_url: str, workers: int, workspaces: int) -> Iterator[tuple[ours.Running, list[str]]]:
    with ours.running(database_url, workers=workers) as server:
        others = [ours.new_key(database_url, f"bench {number}") for number in range(1, workspaces)]
        yield server, [server.key, *others]
