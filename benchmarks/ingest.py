"""How fast do events go in? Ours, the server of the usual kind, and our HTTP stack with an empty store, in turns."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import psutil
from rich.console import Console

from benchmarks import load, ours, postgres, straightforward, table
from benchmarks.load import LoadResult

OURS = "Immutable"
USUAL = "usual kind"
EMPTY = "empty store"


def compare(console: Console, *, seconds: float, rounds: int) -> None:
    """Measure singles and batches of 100, each server in every round, and print medians and ratios."""
    for title, drive in (
        ("Single events, 64 connections", _singles(seconds)),
        ("Batches of 100, 8 connections", _batches(seconds)),
    ):
        results: dict[str, list[LoadResult]] = {EMPTY: [], USUAL: [], OURS: []}
        memory: list[tuple[int, int]] = []
        for number in range(rounds):
            console.print(f"[dim]{title}: round {number + 1} of {rounds}[/dim]")
            with ours.with_empty_store() as server:
                results[EMPTY].append(drive(server.base_url, server.key))
            with _usual() as usual:
                results[USUAL].append(drive(usual.base_url, usual.key))
            with fresh() as directory, ours.running(ours.sqlite_url(directory)) as server:
                before = psutil.Process(server.pid).memory_info().rss
                results[OURS].append(drive(server.base_url, server.key))
                memory.append((before, psutil.Process(server.pid).memory_info().rss))
        rows = [median_row(name, runs) for name, runs in results.items()]
        start, end = (max(sizes) / 2**20 for sizes in zip(*memory, strict=True))
        rows[-1] = replace(rows[-1], note=f"{rows[-1].note}; memory {start:.0f} MB, then {end:.0f} MB")
        console.print(table.comparison(title, rows, against=[USUAL, EMPTY]))


def memory_under_load(console: Console, *, seconds: float) -> None:
    """Load one server in four stretches, and print its memory after each."""
    with fresh() as directory, ours.running(ours.sqlite_url(directory)) as server:
        process = psutil.Process(server.pid)
        figures = []
        total = 0
        for _ in range(4):
            total += load.run_batches(server.base_url, server.key, seconds=seconds).events
            figures.append((f"after {total:,} events", process.memory_info().rss / 2**20, "MB"))
    console.print(table.facts("Memory of our server under load", figures))


def _singles(seconds: float) -> Callable[[str, str], LoadResult]:
    return lambda url, key: load.run_singles(url, key, connections=64, seconds=seconds)


def _batches(seconds: float) -> Callable[[str, str], LoadResult]:
    return lambda url, key: load.run_batches(url, key, connections=8, seconds=seconds)


def median_row(name: str, runs: list[LoadResult]) -> table.Row:
    """The row of the run with the median rate; how far the runs lie apart, beside it."""
    middle = sorted(runs, key=lambda run: run.events_per_second)[len(runs) // 2]
    rates = [run.events_per_second for run in runs]
    spread = f"{min(rates):,.0f} to {max(rates):,.0f}" if len(runs) > 1 else ""
    return table.Row.of(name, middle, spread)


@contextmanager
def _usual() -> Iterator[straightforward.Running]:
    with ExitStack() as stack:
        database = stack.enter_context(postgres.running())
        yield stack.enter_context(straightforward.running(database.dsn))


@contextmanager
def fresh() -> Iterator[Path]:
    """A directory that is removed in the end."""
    directory = Path(tempfile.mkdtemp(prefix="immutable-bench-"))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)
