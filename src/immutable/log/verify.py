"""Verification of a workspace's log: cut it into stretches, check each (on several cores), put the verdict together."""

import gc
import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial

import msgspec
from pyroaring import BitMap64

from immutable.integrity import chain, erasure, pruning
from immutable.integrity.verify import Break, readable
from immutable.model.event import EMPTY_HEAD, Head
from immutable.model.filters import EventFilter
from immutable.model.workspace import Workspace
from immutable.store.check import Checked, Checker, damaged
from immutable.store.check_sessions import SessionCheck
from immutable.store.log_store import LogStore
from immutable.store.lookup import EPOCH
from immutable.store.open import open_store
from immutable.telemetry import metrics

MAX_BREAKS = 100
_ERASURES = 100
"""Erasures read at a time, where they lie behind the checked events."""
_MANY = 8 * EPOCH
"""From so many events on, several processes share the work."""

Progress = Callable[[int], None]


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a verification found. `breaks` holds the first hundred."""

    valid: bool
    events_checked: int
    breaks: list[Break]
    details_erased: int
    """Events whose details are gone because an erasure on the record removed them."""
    pruned_through: int
    """The last event that was pruned on the record: the log begins behind it."""
    first_sequence: int
    last_sequence: int
    sessions_checked: bool
    head: Head


def verify(  # noqa: PLR0913 - each says how far to go
    store: LogStore,
    workspace: Workspace,
    first: int,
    last: int,
    *,
    silence: int,
    chain_only: bool = False,
    sessions: bool = True,
    progress: Progress = lambda _: None,
    processes: int = 1,
) -> Verdict:
    """Check the events `first` to `last`, and the log's end where they reach it.

    `sessions`: check all sessions too, where the end is reached. `chain_only`: neither indexes nor sessions. `progress` is
    told of every number of events done. `silence`: what ends an inferred session, in microseconds.
    """
    try:
        head, pruned = store.head(workspace), store.reader().pruned(workspace)
    except store.reader().damage as error:
        return _unreadable(first, damaged(1, error))
    first, last = max(first, pruned.seq + 1), min(last, head.seq)
    reaches_end, indexes = last == head.seq, not chain_only
    with_sessions = sessions and reaches_end and indexes
    found = Checked(breaks=[])
    with _pool(store, processes, last - first + 1) as pool:
        check_sessions = _begin_sessions(pool, store, workspace, silence) if with_sessions else None
        for checked in _check_all(store, workspace, first, last, chain_only=chain_only, pool=pool):
            found.add(checked)
            progress(checked.events)
        if reaches_end:
            head = _check_end(store, workspace, (first, last), found, indexes=indexes)
            found.breaks += _check_pruned(store, workspace, pruned)
            # The index may be a file of its own, which the snapshot of the log does not hold still.
            found.breaks += Checker(store.reader()).check_index(workspace) if indexes else []
        elif indexes:
            found.breaks += Checker(store.reader()).check_keys(workspace, first, last, found.keyed_events)
        lawfully = _erased_on_the_record(store, workspace, found)
        found.breaks += Checker(store.reader()).lost_details(workspace, found.missing - lawfully)
        if check_sessions is not None:
            session_breaks = check_sessions()
            # Wrong events make wrong sessions too, and that needs no saying twice.
            found.breaks += session_breaks if all(one.type == "index_mismatch" for one in found.breaks) else []
    found.breaks.sort(key=lambda one: (one.type == "index_mismatch", one.sequence))  # the log itself first
    metrics.VERIFY_BREAKS.inc(len(found.breaks))
    return Verdict(
        valid=not found.breaks,
        events_checked=found.events,
        breaks=found.breaks[:MAX_BREAKS],
        details_erased=len(found.missing & lawfully),
        pruned_through=pruned.seq,
        first_sequence=first,
        last_sequence=head.seq if reaches_end else last,
        sessions_checked=with_sessions,
        head=head,
    )


def _check_end(store: LogStore, workspace: Workspace, span: tuple[int, int], found: Checked, *, indexes: bool) -> Head:
    """Check what was appended meanwhile, and then the end itself; the end that was checked.

    In one snapshot of the log, because the end moves while events are appended, and whatever moves cannot be held
    against anything.
    """
    first, last = span
    with store.snapshot() as reader:
        checker = Checker(reader)
        try:
            head = reader.head(workspace)
            if first > last:
                found.end = checker.before(workspace, max(last, 0) + 1)
            for start, end in _stretches(max(first, last + 1), head.seq):
                found.add(checker.check_stretch(workspace, start, end, indexes=indexes))
            found.breaks += checker.check_end(workspace, found.end)
            if indexes:
                found.breaks += checker.check_keys(workspace, first, None, found.keyed_events)
        except reader.damage as error:
            found.breaks.append(damaged(last + 1, error))
            return Head(last, found.end.event_hash, 0)
        return head


def _erased_on_the_record(store: LogStore, workspace: Workspace, found: Checked) -> BitMap64:
    """What the erasures among the checked events cover, and where that is not all that is missing, those behind them."""
    covered = found.erased.copy()
    after = found.end.seq
    while found.missing - covered:
        page = store.find(
            workspace, EventFilter(action=erasure.ACTION), ascending=True, after_seq=after, limit=_ERASURES
        )
        for entry in page.entries:
            record = readable(entry.record)
            if record is not None and chain.event_hash(entry.previous_hash, entry.record) == entry.event_hash:
                for first, last in erasure.erased_by(record):
                    covered.add_range(first, last + 1)
            after = entry.seq
        if not page.has_more:
            break
    return covered


def _check_pruned(store: LogStore, workspace: Workspace, pruned: Head) -> list[Break]:
    """Check that what the log lacks at its beginning was pruned on the record."""
    if pruned.seq == 0:
        return []
    page = store.find(workspace, EventFilter(action=pruning.ACTION), ascending=False, after_seq=None, limit=1)
    record = readable(page.entries[0].record) if page.entries else None
    told = None if record is None else pruning.pruned_by(record)
    if told is not None and (told.last_seq, told.event_hash) == (pruned.seq, pruned.event_hash.hex()):
        return []
    text = f"Events 1 to {pruned.seq} are missing, and the last pruning on the record does not say so."
    found = None if told is None else told.event_hash
    return [
        Break(
            event_id=None,
            sequence=pruned.seq,
            type="chain_break",
            expected_hash=pruned.event_hash.hex(),
            actual_hash=found,
            message=text,
        )
    ]


def _unreadable(first: int, why: Break) -> Verdict:
    return Verdict(
        valid=False,
        events_checked=0,
        breaks=[why],
        details_erased=0,
        pruned_through=0,
        first_sequence=first,
        last_sequence=0,
        sessions_checked=False,
        head=EMPTY_HEAD,
    )


@contextmanager
def _pool(store: LogStore, processes: int, events: int) -> Iterator[ProcessPoolExecutor | None]:
    if processes <= 1 or events < _MANY:
        yield None
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, context, _open_in_process, (store.url,)) as pool:
        yield pool


def _begin_sessions(
    pool: ProcessPoolExecutor | None, store: LogStore, workspace: Workspace, silence: int
) -> Callable[[], list[Break]]:
    """Begin to check the sessions, beside the rest where there are processes for it; call for the result."""
    if pool is not None:
        return pool.submit(_check_sessions_in_process, workspace, silence).result
    return partial(_check_sessions, store, workspace, silence)


def _stretches(first: int, last: int) -> Iterator[tuple[int, int]]:
    while first <= last:
        end = min(((first - 1) // EPOCH + 1) * EPOCH, last)
        yield first, end
        first = end + 1


def _check_all(
    store: LogStore,
    workspace: Workspace,
    first: int,
    last: int,
    *,
    chain_only: bool,
    pool: ProcessPoolExecutor | None,
) -> Iterator[Checked]:
    jobs = ((workspace, *stretch, not chain_only) for stretch in _stretches(first, last))
    if pool is not None:
        yield from pool.map(_check_in_process, jobs)
        return
    checker = Checker(store.reader())
    for _, start, end, indexes in jobs:
        yield checker.check_stretch(workspace, start, end, indexes=indexes)


def _check_sessions(store: LogStore, workspace: Workspace, silence: int) -> list[Break]:
    with store.snapshot() as reader:  # events that are appended meanwhile do not count
        try:
            check = SessionCheck(reader, workspace, silence)
            for entry in reader.range(workspace, *reader.extent(workspace)):
                check.step(entry)
            return check.finish()
        except reader.damage as error:
            return [damaged(1, error)]


_process: list[LogStore] = []
"""In a process of the pool: its own way to the log."""


def _open_in_process(url: str) -> None:
    gc.disable()  # a stretch makes no cycles, and the process ends soon
    _process.append(open_store(url, builds_index=False))


def _check_in_process(job: tuple[Workspace, int, int, bool]) -> Checked:
    workspace, first, last, indexes = job
    return Checker(_process[0].reader()).check_stretch(workspace, first, last, indexes=indexes)


def _check_sessions_in_process(workspace: Workspace, silence: int) -> list[Break]:
    return _check_sessions(_process[0], workspace, silence)


def cores() -> int:
    """How many processes to check with."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
