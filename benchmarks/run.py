"""The whole benchmark: `make bench`, or `immutable bench` from the root of the repository.

Every pair is measured in the same run on the same machine; read the ratios, not the single figures.
"""

import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from benchmarks import hardware, ingest, ours, queries, table, verification

PARTS = ("hardware", "ingest", "memory", "queries", "verification")


def main(
    events: Annotated[int, typer.Option(help="Events in the log that is asked and verified.")] = 1_000_000,
    seconds: Annotated[float, typer.Option(help="Length of one run under load.")] = 8.0,
    rounds: Annotated[int, typer.Option(help="Runs of each server; the median counts.")] = 3,
    part: Annotated[
        list[str] | None, typer.Option(help=f"Only this part: {', '.join(PARTS)}; may be repeated.")
    ] = None,
) -> None:
    """Measure, and print tables and ratios.

    \b
    Examples:
      python -m benchmarks.run
      python -m benchmarks.run --part queries --events 10000000
      python -m benchmarks.run --seconds 2 --rounds 1 --events 100000
    """
    console = Console()
    parts = part or list(PARTS)
    if unknown := set(parts) - set(PARTS):
        raise typer.BadParameter(f"there is no part {unknown.pop()}; there are: {', '.join(PARTS)}")
    if "hardware" in parts:
        limits = hardware.measure()
        figures = [
            ("durable writes of 4 KiB", limits.syncs_per_second, "per second"),
            ("durable writes of 4 KiB, growing file", limits.appending_syncs_per_second, "per second"),
            ("durable bytes", limits.durable_bytes_per_second / 1e6, "MB per second"),
            ("SHA-256, one core", limits.sha256_bytes_per_second / 1e6, "MB per second"),
            ("cores", limits.cores, ""),
        ]
        console.print(table.facts("The machine's own limits", figures))
    if "ingest" in parts:
        ingest.compare(console, seconds=seconds, rounds=rounds)
    if "memory" in parts:
        ingest.memory_under_load(console, seconds=seconds)
    if "queries" in parts or "verification" in parts:
        _on_a_filled_log(console, parts, events, seconds)


def _on_a_filled_log(console: Console, parts: list[str], events: int, seconds: float) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with tempfile.TemporaryDirectory(prefix="immutable-bench-") as name:
        directory = Path(name)
        with Progress(*columns, console=console, transient=True) as progress:
            task = progress.add_task("filling the log", total=events)
            store = ours.fill(directory, events, lambda count: progress.advance(task, count))
        sizes = [
            ("the log", (directory / "bench.db").stat().st_size / events, "bytes per event"),
            ("its indexes", (directory / "bench.db.index").stat().st_size / events, "bytes per event"),
        ]
        console.print(table.facts(f"Disk, {events:,} events", sizes))
        if "verification" in parts:
            verification.measure(console, store)
        if "queries" in parts:
            queries.measure(console, directory, store, seconds=seconds / 2)
        else:
            store.close()


if __name__ == "__main__":
    typer.run(main)
