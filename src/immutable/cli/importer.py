"""The work of `immutable import`: lines in batches to a destination, progress shown, bad lines told."""

from collections.abc import Iterator
from typing import BinaryIO

import msgspec
from rich.console import Console

from immutable.api.decode import Decoder
from immutable.cli.described import counted
from immutable.cli.destination import Destination
from immutable.cli.event_lines import BadLine, Line, read_lines
from immutable.cli.screen import event_progress, harmless
from immutable.errors import ImmutableError

_SHOWN_BAD_LINES = 100


class Totals(msgspec.Struct):
    """What became of the lines."""

    stored: int = 0
    known: int = 0
    rejected: int = 0


def import_lines(stream: BinaryIO, decoder: Decoder, destination: Destination) -> Totals:
    """Store every good line of the stream. Raises ImmutableError where the destination takes no more."""
    totals = Totals()
    with event_progress() as bar:
        task = bar.add_task("Importing", total=_count_lines(stream))
        try:
            for lines in _batches(read_lines(stream, decoder), destination):
                accepted = [line for line in lines if isinstance(line, Line)]
                outcomes = destination.store(accepted) if accepted else []
                totals.stored += outcomes.count("stored")
                totals.known += outcomes.count("known")
                for bad in (*lines, *outcomes):
                    if isinstance(bad, BadLine):
                        totals.rejected += 1
                        _tell(bar.console, bad, totals.rejected)
                bar.advance(task, len(lines))
        except ImmutableError as error:
            raise ImmutableError(
                f"{error.message} {counted(totals.stored, 'event')} stored before; import the same file again to go on."
            ) from error
        bar.update(task, description="Indexing")
        destination.finish()
        bar.update(task, description="Imported")
    return totals


def count_bad_lines(stream: BinaryIO, decoder: Decoder) -> int:
    """Read all of it once before anything is stored, and tell what is bad. The stream is at its beginning afterwards."""
    bad = 0
    with event_progress() as bar:
        task = bar.add_task("Checking", total=_count_lines(stream))
        for line in read_lines(stream, decoder):
            bar.advance(task)
            if isinstance(line, BadLine):
                bad += 1
                _tell(bar.console, line, bad)
    stream.seek(0)
    return bad


def _batches(lines: Iterator[Line | BadLine], destination: Destination) -> Iterator[list[Line | BadLine]]:
    batch: list[Line | BadLine] = []
    size = 0
    for line in lines:
        more = len(line.body) if isinstance(line, Line) else 0
        if batch and (len(batch) == destination.max_events or size + more > destination.max_bytes):
            yield batch
            batch, size = [], 0
        batch.append(line)
        size += more
    if batch:
        yield batch


def _tell(out: Console, bad: BadLine, count: int) -> None:
    if count <= _SHOWN_BAD_LINES:
        out.print(f"line {bad.number}: {harmless(bad.why)}")
    elif count == _SHOWN_BAD_LINES + 1:
        out.print("More lines are rejected; from here on they are only counted.")


def _count_lines(stream: BinaryIO) -> int:
    """How many lines there are to come; the stream is at its beginning afterwards."""
    stream.seek(0)
    count = sum(chunk.count(b"\n") for chunk in iter(lambda: stream.read(1_048_576), b""))
    stream.seek(0)
    return count
