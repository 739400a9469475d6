"""Follows the log for producers' numbers, behind it and a step at a time: made from the records, and so to be made again.

Bounded against whoever invents producers: a workspace keeps its MAX_RUNS runs that were heard of last. Once some were
forgotten, a run that turns up may be one of them, and what came before is not called missing.
"""

from immutable import clock
from immutable.integrity.verify import readable
from immutable.model.event import Producer
from immutable.model.producer import ProducerRun, received
from immutable.model.workspace import Workspace
from immutable.store.reader import IndexWriter, LogReader

MAX_RUNS = 1_000
_CHUNK = 5_000
"""Records that one step reads."""
_MARK = b'"producer":{'
"""In every record that has a number, and hardly in another."""

Runs = dict[tuple[str, str | None], ProducerRun]


class ProducerFollower:
    """Keeps the runs of one store's workspaces. Not for several threads."""

    def __init__(self) -> None:
        self._followed: dict[int, int] = {}
        self._gaps: dict[int, int] = {}

    @property
    def open_gaps(self) -> int:
        """Gaps in all workspaces that were heard of since the start, young ones too."""
        return sum(self._gaps.values())

    def step(self, reader: LogReader, writer: IndexWriter, workspace: Workspace, head: int) -> bool:
        """Read a part of what is new in the workspace, whose log goes to `head`; whether there is more."""
        if self._followed.get(workspace.number) == head:
            return False
        followed, forgotten = reader.producers_followed(workspace)
        last = min(followed + _CHUNK, head)
        numbers = _numbers(reader, workspace, followed + 1, last)
        if numbers or workspace.number not in self._gaps:
            runs = {(one.producer, one.run): one for one in reader.producer_runs(workspace)}
            gone = self._fold(runs, numbers, forgotten)
            touched = {(producer.id, producer.run) for producer, _ in numbers}
            changed = [runs[key] for key in touched if key in runs]
            writer.write_producers(workspace, changed, gone, last, forgotten + len(gone))
            self._gaps[workspace.number] = sum(sum(1 for _ in run.gaps(2**63)) for run in runs.values())
        elif last > followed:
            writer.write_producers(workspace, [], [], last, forgotten)
        self._followed[workspace.number] = last
        return last < head

    def _fold(self, runs: Runs, numbers: list[tuple[Producer, int]], forgotten: int) -> list[tuple[str, str | None]]:
        """Take note of the numbers; the runs that had to go for it."""
        gone: list[tuple[str, str | None]] = []
        for producer, at in numbers:
            received(runs, producer, at, is_first=not forgotten and not gone)
            if len(runs) > MAX_RUNS:
                oldest = min(runs, key=lambda key: runs[key].last_received_at)
                gone.append(oldest)
                del runs[oldest]
        return gone


def _numbers(reader: LogReader, workspace: Workspace, first: int, last: int) -> list[tuple[Producer, int]]:
    found = []
    for _, content in reader.records(workspace, first, last):
        record = readable(content) if _MARK in content else None
        if record is not None and record.producer is not None:
            one = record.producer
            found.append((Producer(one.id, one.run, one.sequence), clock.from_text(record.created_at)))
    return found
