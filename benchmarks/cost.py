"""What does an event cost? Processor time per event, of the server and of the database: for machines that have other work.

Rates on a busy machine say little; the time that a process was given says more. To compare a change, name two source
trees: they are run in turns, so that both see the same neighbours.

    python -m benchmarks.cost --engine postgres --kind batches --source ../before/src --source src
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Annotated

import typer

from benchmarks import cpu, feed, ingest, load, ours, postgres, serving

_SOURCE = serving.ROOT / "src"
_SIZES = {"singles": 1, "batches": 100}
_CONNECTIONS = {"singles": 64, "batches": 8}


def main(
    engine: Annotated[str, typer.Option(help="sqlite or postgres.")] = "sqlite",
    kind: Annotated[str, typer.Option(help="singles or batches.")] = "batches",
    source: Annotated[
        list[Path] | None, typer.Option(help="A directory that holds the package; several are compared.")
    ] = None,
    events: Annotated[int, typer.Option(help="How many are sent.")] = 60_000,
    rounds: Annotated[int, typer.Option(help="How often each is run.")] = 5,
) -> None:
    """Print the microseconds of processor time per event: each round's, and the medians."""
    sources = source or [_SOURCE]
    spent: dict[Path, list[tuple[float, float, float]]] = {one: [] for one in sources}
    for number in range(rounds):
        for one in sources if number % 2 == 0 else reversed(sources):
            spent[one].append(_measure(one, engine, kind, events))
    for one, runs in spent.items():
        each = ", ".join(f"{server:.1f}" for server, _, _ in runs)
        server, database, rate = (median(column) for column in zip(*runs, strict=True))
        print(
            f"{one}: {engine} {kind}: server {server:.1f} us an event ({each}), database {database:.1f} us; {rate:,.0f}/s"
        )


def _measure(source: Path, engine: str, kind: str, events: int) -> tuple[float, float, float]:
    """Microseconds per event of the server and of the database, and events per second."""
    size = _SIZES[kind]
    with _database(engine) as (url, pids), _package_from(source), ours.running(url) as server:
        make = feed.singles(server.base_url, server.key) if size == 1 else feed.batches(server.base_url, server.key)
        requests = list(islice(make, events // size))
        with cpu.used({"server": server.pid, **pids}) as seconds:
            result = load.drive(
                server.base_url, iter(requests), connections=_CONNECTIONS[kind], seconds=600, events_per_request=size
            )
        assert result.events == len(requests) * size, load.describe(result)
    per_event = {name: 1e6 * used / result.events for name, used in seconds.items()}
    return per_event["server"], per_event.get("database", 0.0), result.events_per_second


@contextmanager
def _database(engine: str) -> Iterator[tuple[str, dict[str, int]]]:
    if engine == "sqlite":
        with ingest.fresh() as directory:
            yield ours.sqlite_url(directory), {}
    else:
        with postgres.running() as cluster:
            yield cluster.dsn, {"database": cluster.pid}


@contextmanager
def _package_from(source: Path) -> Iterator[None]:
    """The server that is started inside takes our package from there."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(source.resolve())
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before


if __name__ == "__main__":
    typer.run(main)
