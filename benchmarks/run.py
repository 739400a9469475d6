"""The whole benchmark: `make bench`, or `immutable bench` from the root of the repository.

Every pair is measured in the same run on the same machine; read the ratios, not the single figures.
"""

import sys
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from benchmarks import disk, hardware, ingest, ours, postgres, processes, queries, table, verification

if TYPE_CHECKING:
    from benchmarks.load import LoadResult
    from immutable.store.log_store import LogStore

PARTS = ("hardware", "ingest", "processes", "memory", "queries", "verification")


def main(
    events: Annotated[
        list[int] | None,
        typer.Option(
            help="Events in a log that is asked; may be repeated. Default: 1 and 10 million. The first is verified."
        ),
    ] = None,
    texts_to: Annotated[
        int,
        typer.Option(help="Larger logs are filled without their text index, which takes longest, and not searched."),
    ] = 1_000_000,
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
      python -m benchmarks.run --part queries --events 1000000 --events 10000000
      python -m benchmarks.run --seconds 2 --rounds 1 --events 100000
    """
    console = Console(width=None if sys.stdout.isatty() else 140)
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
        _on_filled_logs(console, parts, events or [1_000_000, 10_000_000], seconds, texts_to)


def _on_filled_logs(console: Console, parts: list[str], sizes: list[int], seconds: float, texts_to: int) -> None:
    answers: dict[str, dict[str, LoadResult]] = {}
    for events in sizes:
        with ExitStack() as stack:
            urls = {"SQLite": ours.sqlite_url(stack.enter_context(ingest.fresh()))}
            urls["PostgreSQL"] = stack.enter_context(postgres.running()).dsn
            for engine, url in urls.items():
                store = _filled(console, engine, url, events, texts=events <= texts_to)
                if "verification" in parts and events == sizes[0] <= texts_to:
                    verification.measure(console, store, engine)
                if "queries" in parts:
                    answers[f"{engine}\n{events:,}"] = queries.measure(
                        store, seconds=seconds / 2, texts=events <= texts_to
                    )
                else:
                    store.close()
    if answers:
        console.print(table.latencies("Questions over HTTP, by engine and events in the log, one connection", answers))


def _filled(console: Console, engine: str, url: str, events: int, *, texts: bool) -> "LogStore":
    what = "" if texts else ", without a text index"
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    began = time.monotonic()
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(f"filling the log on {engine}{what}", total=events)
        store = ours.fill(url, events, lambda count: progress.advance(task, count), texts=texts)
    facts = [(name, size / events, "bytes per event") for name, size in disk.sizes(url).items()]
    facts.append(("appended and indexed", events / (time.monotonic() - began), "events/s, without HTTP"))
    console.print(table.facts(f"{engine}, {events:,} events{what}", facts))
    return store


if __name__ == "__main__":
    typer.run(main)
