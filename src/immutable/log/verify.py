"""Verification of a workspace's log: cut it into stretches, check each (on several cores), put the verdict together."""

import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import msgspec

from immutable.integrity.verify import Break
from immutable.model.event import EMPTY_HEAD, Head
from immutable.model.workspace import Workspace
from immutable.store.sqlite.check import Checked, Checker
from immutable.store.sqlite.check_sessions import SessionCheck
from immutable.store.sqlite.entries import read_range
from immutable.store.sqlite.lookup import EPOCH
from immutable.store.sqlite.store import SqliteLogStore
from immutable.telemetry import metrics

MAX_BREAKS = 100
_MANY = 8 * EPOCH
"""From so many events on, several processes share the work."""

Progress = Callable[[int], None]


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a verification found. `breaks` holds the first hundred."""

    valid: bool
    events_checked: int
    breaks: list[Break]
    first_sequence: int
    last_sequence: int
    sessions_checked: bool
    head: Head


def verify(
    store: SqliteLogStore,
    workspace: Workspace,
    first: int,
    last: int,
    *,
    silence: int,
    chain_only: bool = False,
    progress: Progress = lambda _: None,
    processes: int = 1,
) -> Verdict:
    """Check the events `first` to `last`; where that is the whole log, its end and its sessions too.

    `chain_only` leaves the indexes and sessions out. `progress` is told of every number of events done. `silence`: what
    ends an inferred session, in microseconds.
    """
    head = store.head(workspace)
    last = min(last, head.seq)
    stretches = list(_stretches(first, last))
    breaks: list[Break] = []
    events = keyed = 0
    end = EMPTY_HEAD
    for checked in _check_all(store, workspace, stretches, chain_only, processes):
        events += checked.events
        keyed += checked.keyed_events
        breaks += checked.breaks
        end = checked.end
        progress(checked.events)
    is_whole = first == 1 and last == head.seq
    if last == head.seq:
        # Events may have been appended since; the end that is checked is the one this verification began with.
        breaks += [
            found
            for found in _checker(store).check_end(workspace, end, keyed if is_whole and not chain_only else None)
            if store.head(workspace) == head
        ]
    if is_whole and not chain_only and not breaks:
        breaks += _check_sessions(store, workspace, silence, progress)
    breaks.sort(key=lambda one: one.sequence)
    metrics.VERIFY_BREAKS.inc(len(breaks))
    return Verdict(
        valid=not breaks,
        events_checked=events,
        breaks=breaks[:MAX_BREAKS],
        first_sequence=first,
        last_sequence=last,
        sessions_checked=is_whole and not chain_only,
        head=head,
    )


def _checker(store: SqliteLogStore) -> Checker:
    return Checker(store.database, store.codec)


def _stretches(first: int, last: int) -> Iterator[tuple[int, int]]:
    while first <= last:
        end = min(((first - 1) // EPOCH + 1) * EPOCH, last)
        yield first, end
        first = end + 1


def _check_all(
    store: SqliteLogStore,
    workspace: Workspace,
    stretches: list[tuple[int, int]],
    chain_only: bool,
    processes: int,
) -> Iterator[Checked]:
    if processes <= 1 or len(stretches) * EPOCH < _MANY:
        checker = _checker(store)
        for first, last in stretches:
            yield checker.check_stretch(workspace, first, last, indexes=not chain_only)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, _open_in_process, (str(store.database.path),)) as pool:
        jobs = ((workspace, first, last, not chain_only) for first, last in stretches)
        yield from pool.map(_check_in_process, jobs)


def _check_sessions(store: SqliteLogStore, workspace: Workspace, silence: int, progress: Progress) -> list[Break]:
    reader = store.database.reader()
    reader.execute("BEGIN")  # one snapshot of the file: events that are appended meanwhile do not count
    try:
        check = SessionCheck(reader, workspace, silence)
        for entry in read_range(reader, store.codec, workspace, 1, store.head(workspace).seq):
            check.step(entry)
            if entry.seq % EPOCH == 0:
                progress(0)
        return check.finish()
    finally:
        reader.execute("COMMIT")


_process: list[Checker] = []


def _open_in_process(path: str) -> None:
    store = SqliteLogStore(Path(path))
    _process.append(_checker(store))


def _check_in_process(job: tuple[Workspace, int, int, bool]) -> Checked:
    workspace, first, last, indexes = job
    return _process[0].check_stretch(workspace, first, last, indexes=indexes)


def cores() -> int:
    """How many processes to check with."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
