"""The whole benchmark: `make bench`, or `immutable bench` from the root of the repository.

Every pair is measured in the same run on the same machine; read the ratios, not the single figures.
"""

from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from benchmarks import disk, hardware, ingest, ours, postgres, processes, queries, table, verification

PARTS = ("hardware", "ingest", "processes", "memory", "queries", "verification")


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
    if "processes" in parts:
        processes.compare(console, seconds=seconds, rounds=rounds)
    if "queries" in parts or "verification" in parts:
        with ingest.fresh() as directory:
            _on_a_filled_log(console, parts, events, seconds, "SQLite", ours.sqlite_url(directory))
        with postgres.running() as database:
            _on_a_filled_log(console, parts, events, seconds, "PostgreSQL", database.dsn)


def _on_a_filled_log(
    console: Console, parts: list[str], events: int, seconds: float, engine: str, database_url: str
) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(f"filling the log on {engine}", total=events)
        store = ours.fill(database_url, events, lambda count: progress.advance(task, count))
    sizes = [(what, size / events, "bytes per event") for what, size in disk.sizes(database_url).items()]
    console.print(table.facts(f"Disk of {engine}, {events:,} events", sizes))
    if "verification" in parts:
        verification.measure(console, store, engine)
    if "queries" in parts:
        queries.measure(console, store, engine, seconds=seconds / 2)
    else:
        store.close()


if __name__ == "__main__":
    typer.run(main)
