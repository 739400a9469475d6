"""Verification of a workspace's log: cut it into stretches, check each (on several cores), put the verdict together."""

import gc
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import islice

import msgspec

from immutable.integrity.erasure import ranges_of
from immutable.integrity.scope import MAX_RANGES, ErasedRange, Outside, SealedRange, sealed_ranges
from immutable.integrity.succession import Rollback
from immutable.integrity.verify import Break
from immutable.log.verify_state import ResumeFile
from immutable.log.verify_whole import check_end, check_pruned, check_sessions, check_tree, erased_on_the_record
from immutable.model.event import EMPTY_HEAD, Head
from immutable.model.workspace import Workspace
from immutable.store.check import Checked, Checker, damaged
from immutable.store.log_store import LogStore
from immutable.store.lookup import EPOCH, stretches
from immutable.store.open import open_store
from immutable.telemetry import metrics

MAX_BREAKS = 100
_REMEMBER_SECONDS = 2.0
"""How often a verification that can be resumed writes down where it is."""
_MANY = 8 * EPOCH
"""From so many events on, several processes share the work."""

Progress = Callable[[int], None]
_NOTHING_OUTSIDE = Outside()
_Job = tuple[Workspace, int, int, bool, int]
"""Workspace, first and last event, whether indexes are checked too, and the size of the tree."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a verification found. `breaks` holds the first hundred."""

    valid: bool
    events_checked: int
    breaks: list[Break]
    details_erased: int
    """Events whose details are gone because an erasure on the record removed them."""
    erased: list[ErasedRange]
    """Where they are: the first hundred ranges."""
    pruned_through: int
    """The last event that was pruned on the record: the log begins behind it."""
    first_sequence: int
    last_sequence: int
    sessions_checked: bool
    scope: list[SealedRange]
    """The checked events that are there, cut where what stands behind them changes."""
    checkpoints_checked: int
    """How many of the log's own checkpoints, the newest, were looked at one by one; the newest witnessed one besides."""
    rollbacks: list[Rollback]
    """Older copies of the log that an operator went on with, on the record."""
    signing_halted: str | None
    """Why the server signs nothing more of this log, if so."""
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
    outside: Outside = _NOTHING_OUTSIDE,
    progress: Progress = lambda _: None,
    processes: int = 1,
    resume: ResumeFile | None = None,
) -> Verdict:
    """Check the events `first` to `last`, and the log's end where they reach it.

    `sessions`: check all sessions too, where the end is reached. `chain_only`: neither indexes nor sessions. `progress` is
    told of every number of events done. `silence`: what ends an inferred session, in microseconds. `outside`: what the log is
    held against besides, which its database does not hold. `resume`: where it is remembered how far this has come.
    """
    try:
        tree = store.proofs.tree(workspace)  # before the log, which is never behind it
        head, pruned = store.head(workspace), store.reader().pruned(workspace)
    except store.reader().damage as error:
        return _unreadable(first, damaged(1, error))
    first, last = max(first, pruned.seq + 1), min(last, head.seq)
    reaches_end, indexes = last == head.seq, not chain_only
    with_sessions = sessions and reaches_end and indexes
    found = (resume.read(store, workspace, first) if resume is not None else None) or Checked(breaks=[])
    if found.events:
        progress(found.events)
    start, remembered = (found.end.seq + 1 if found.events else first), time.monotonic()
    with _pool(store, processes, last - start + 1) as pool:
        sessions_told = _begin_sessions(pool, store, workspace, silence) if with_sessions else None
        for checked in _check_all(store, workspace, start, last, chain_only=chain_only, tree_size=tree.size, pool=pool):
            found.add(checked)
            progress(checked.events)
            if resume is not None and time.monotonic() - remembered > _REMEMBER_SECONDS:
                resume.write(workspace, first, found)
                remembered = time.monotonic()
        if reaches_end:
            head = check_end(store, workspace, (first, last), found, indexes=indexes)
            found.breaks += check_pruned(store, workspace, pruned)
            # The index may be a file of its own, which the snapshot of the log does not hold still.
            found.breaks += Checker(store.reader()).check_index(workspace) if indexes else []
        elif indexes:
            found.breaks += Checker(store.reader()).check_keys(workspace, first, last, found.keyed_events)
        lawfully = erased_on_the_record(store, workspace, found)
        for one in outside.erased:
            lawfully.add_range(one[0], one[1] + 1)
        found.breaks += Checker(store.reader()).lost_details(workspace, found.missing - lawfully)
        sealed = check_tree(store, workspace, (first, last), found, tree.size, outside)
        found.breaks += sealed.breaks
        if sessions_told is not None:
            session_breaks = sessions_told()
            # Wrong events make wrong sessions too, and that needs no saying twice.
            found.breaks += session_breaks if all(one.type == "index_mismatch" for one in found.breaks) else []
    if resume is not None:
        resume.drop(workspace)
    found.breaks.sort(key=lambda one: (one.type == "index_mismatch", one.sequence))  # the log itself first
    metrics.VERIFY_BREAKS.inc(len(found.breaks))
    end = head.seq if reaches_end else last
    return Verdict(
        valid=not found.breaks,
        events_checked=found.events,
        breaks=found.breaks[:MAX_BREAKS],
        details_erased=len(found.missing & lawfully),
        erased=[ErasedRange(*one) for one in islice(ranges_of(found.missing & lawfully), MAX_RANGES)],
        pruned_through=pruned.seq,
        first_sequence=first,
        last_sequence=end,
        sessions_checked=with_sessions,
        scope=sealed_ranges(first, end, sealed.through),
        checkpoints_checked=sealed.checkpoints,
        rollbacks=sealed.rollbacks,
        signing_halted=tree.halted,
        head=head,
    )


def _unreadable(first: int, why: Break) -> Verdict:
    return Verdict(
        valid=False,
        events_checked=0,
        breaks=[why],
        details_erased=0,
        erased=[],
        pruned_through=0,
        first_sequence=first,
        last_sequence=0,
        sessions_checked=False,
        scope=[],
        checkpoints_checked=0,
        rollbacks=[],
        signing_halted=None,
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
    return partial(check_sessions, store, workspace, silence)


def _check_all(
    store: LogStore,
    workspace: Workspace,
    first: int,
    last: int,
    *,
    chain_only: bool,
    tree_size: int,
    pool: ProcessPoolExecutor | None,
) -> Iterator[Checked]:
    jobs = ((workspace, *stretch, not chain_only, tree_size) for stretch in stretches(first, last))
    if pool is not None:
        yield from pool.map(_check_in_process, jobs)
        return
    for job in jobs:
        yield _check(store, job)


_process: list[LogStore] = []
"""In a process of the pool: its own way to the log."""


def _open_in_process(url: str) -> None:
    gc.disable()  # a stretch makes no cycles, and the process ends soon
    _process.append(open_store(url, builds_index=False))


def _check_in_process(job: _Job) -> Checked:
    return _check(_process[0], job)


def _check(store: LogStore, job: _Job) -> Checked:
    workspace, first, last, indexes, tree_size = job
    checker = Checker(store.reader(), store.proofs)
    return checker.check_stretch(workspace, first, last, indexes=indexes, tree_size=tree_size)


def _check_sessions_in_process(workspace: Workspace, silence: int) -> list[Break]:
    return check_sessions(_process[0], workspace, silence)


def cores() -> int:
    """How many processes to check with."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
