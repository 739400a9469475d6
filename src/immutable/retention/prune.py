"""Prunes what is older than a workspace keeps: the only code that lets events leave a log, archived and on the record.

    archive the oldest epoch · read it back · say so in the log, and let the log begin behind it · delete

Crash argument: until the transaction in the middle has committed, nothing is gone, and at worst an archive lies there that the
next run writes again. So it is too where details were erased between the archiving and the transaction: they must not be kept by
an archive that nobody looked into. From then on the log says that it begins later, and only what is before that
can be deleted; a crash leaves rows that nobody reads, which the next sweep deletes.

Whole epochs of the lookup index go at a time, so that an index is never half right. What the tree over the log needs stays:
proofs of events that are still there, and of those in archives, go on working.
"""

import tempfile
from collections.abc import Callable, Iterator

import msgspec

from immutable import clock
from immutable.errors import Conflict
from immutable.integrity import erasure
from immutable.integrity.erasure import Range
from immutable.integrity.pruning import ACTION, PrunedPrefix, pruned_by, pruning_targets
from immutable.integrity.record import decode_record
from immutable.log.append import append_batch
from immutable.log.system_events import Responsible, system_event
from immutable.model.event import Head
from immutable.model.filters import EventFilter
from immutable.model.workspace import Workspace
from immutable.retention.archive import RECORDS_NAME, Written, details_name, header_of, write_archive
from immutable.retention.archive_folder import ArchiveFolder
from immutable.retention.archives import archives_of, base_name, places_told, told_events
from immutable.retention.holds import active_holds
from immutable.sessions.fold import OpenSessions, SessionState, fold
from immutable.store import lookup
from immutable.store.check_sessions import occurrence_of
from immutable.store.find import created_at
from immutable.store.pruning import DroppedSession, PruningStore

SWEEP = 4_096

CheckpointOf = Callable[[Workspace], tuple[int, str] | None]
"""The size and the note of a workspace's latest checkpoint; None where it has none."""


class Pruned(msgspec.Struct, frozen=True):
    """One archive written and its events pruned. `archive`: the name of its records file."""

    first: int
    last: int
    archive: str
    at: str
    records: Written
    details: Written


def prunable(store: PruningStore, workspace: Workspace, before: int, covered: int | None) -> int:
    """The last event that may be pruned: created before `before` (microseconds), indexed, under no hold; 0 where none may.

    `covered`: the size of the latest checkpoint, beyond which nothing is pruned; None where checkpoints are not made.
    """
    reader = store.reader()
    first, head = reader.extent(workspace)
    progress = reader.progress(workspace)
    if progress is None:
        return 0
    _, aged = store.seq_range(workspace, EventFilter(created_to=before - 1))
    last = min(aged, progress[0] * lookup.EPOCH, progress[1], head if covered is None else covered)
    last = min((held - 1 for held in _first_held(store, workspace, last)), default=last)
    whole = last // lookup.EPOCH * lookup.EPOCH
    return whole if whole >= first else 0


def _first_held(store: PruningStore, workspace: Workspace, last: int) -> Iterator[int]:
    """The first event through `last` that each hold is on, of those that are on one."""
    for hold in active_holds(store, workspace):
        first = next(store.matching(workspace, hold.events.as_filter()), None)
        if first is not None and first <= last:
            yield first


def prune_epoch(
    store: PruningStore,
    workspace: Workspace,
    folder: ArchiveFolder,
    *,
    by: Responsible,
    silence: int,
    checkpoint: str | None = None,
    through: int | None = None,
) -> Pruned:
    """Archive and prune the oldest epoch of a log, which the caller knows to be prunable (`through`: as far as that is so).

    Raises ArchiveBroken, ArchiveUnreachable, StartError, or Conflict where another process is at it.
    """
    with store.pruning_alone() as is_alone:
        if not is_alone:
            raise Conflict("Another process archives and prunes just now.")
        reader = store.reader()
        before = reader.pruned(workspace)
        last_seq = before.seq + lookup.EPOCH
        if through is not None and last_seq > through:
            raise Conflict("Another process pruned the same events.")
        end = reader.entry(workspace, last_seq)
        if end is None:
            raise LookupError(f"Event {last_seq} of workspace {workspace.name} is missing: run `immutable verify`.")
        last = Head(last_seq, end.event_hash, created_at(reader, workspace, last_seq) or 0)
        is_gone = False
        while not is_gone:
            looked_at = reader.head(workspace).seq
            pruned = _archive(store, workspace, folder, before, last, checkpoint)
            is_gone = _let_go(store, workspace, before, last, pruned, by, silence, looked_at)
    while store.sweep(workspace, SWEEP):
        pass
    return pruned


def _archive(
    store: PruningStore, workspace: Workspace, folder: ArchiveFolder, before: Head, last: Head, checkpoint: str | None
) -> Pruned:
    name = base_name(workspace, before.seq + 1, last.seq) + RECORDS_NAME
    with tempfile.TemporaryFile() as records, tempfile.TemporaryFile() as details:
        entries = store.entries(workspace, before.seq + 1, last.seq)
        written = write_archive(records, details, header_of(workspace, before, last, checkpoint), entries)
        folder.keep(name, records, written[0].sha256)
        folder.keep(details_name(name), details, written[1].sha256)
    return Pruned(before.seq + 1, last.seq, name, folder.url, *written)


def begin_behind(store: PruningStore, workspace: Workspace, before: Head) -> None:
    """Let an empty log, which is to be a copy, begin behind this event. Raises Conflict where it is not empty."""
    with store.pruning() as pruning:
        pruning.append.lock_heads([workspace])
        if pruning.append.lock_head(workspace).seq:
            raise Conflict(f"The log of {workspace.name} is not empty, so it cannot begin behind event {before.seq}.")
        pruning.prune(workspace, before)
        pruning.append.move_head(workspace, before)


def prune_as_told(store: PruningStore, workspace: Workspace, through: int, silence: int) -> None:
    """Let a copy go of what its source has pruned through this place since the copy was begun, as far as the copy's log tells it.

    Otherwise the copy would keep what was to go, and prune it once more, over the archives that the record names.
    """
    reader = store.reader()
    told = [pruned_by(decode_record(one.record)) for one in told_events(store, workspace, ACTION)]
    through = min(through, max((one.last_seq for one in told if one is not None), default=0))
    while (seq := reader.pruned(workspace).seq) < through:
        entry = reader.entry(workspace, seq + lookup.EPOCH)
        if entry is None:
            raise LookupError(f"Event {seq + lookup.EPOCH} of {workspace.name} is missing: run `immutable verify`.")
        last = Head(entry.seq, entry.event_hash, created_at(reader, workspace, entry.seq) or 0)
        with store.pruning() as pruning:
            pruning.append.lock_heads([workspace])
            pruning.append.lock_head(workspace)
            pruning.replace_sessions(workspace, *_sessions_left(store, workspace, last.seq, silence))
            pruning.prune(workspace, last)
        while store.sweep(workspace, SWEEP):
            pass


def _let_go(
    store: PruningStore,
    workspace: Workspace,
    before: Head,
    last: Head,
    pruned: Pruned,
    by: Responsible,
    silence: int,
    looked_at: int,
) -> bool:
    """Say that the events are archived, and let the log begin behind them; False where they have to be archived anew.

    `looked_at`: the log's end before they were read; what was erased since may be in the archive.
    """
    with store.pruning() as pruning:
        pruning.append.lock_heads([workspace])
        pruning.append.lock_head(workspace)  # from here on nobody appends, erases or prunes
        if store.reader().pruned(workspace).seq != before.seq:
            raise Conflict("Another process pruned the same events.")
        if any(_first_held(store, workspace, last.seq)):
            raise Conflict("A hold was placed on events that were to be pruned.")
        if any(_erased_since(store, workspace, looked_at, before.seq + 1, last.seq)):
            return False
        dropped, states = _sessions_left(store, workspace, last.seq, silence)
        pruning.replace_sessions(workspace, dropped, states)
        earlier = places_told(archives_of(store, workspace))
        pruning.prune(workspace, last)
        prefix = PrunedPrefix(last.seq, last.event_hash.hex(), pruned.records.sha256)
        metadata = {
            "archive": pruned.archive,
            "at": pruned.at,
            "first": pruned.first,
            "last": pruned.last,
            "bytes": pruned.records.bytes,
            "details": details_name(pruned.archive),
            "details_bytes": pruned.details.bytes,
            "details_sha256": pruned.details.sha256,
            "earlier": msgspec.to_builtins(earlier),
        }
        event = system_event(
            "log_pruned", by, resource=("archive", pruned.archive), targets=pruning_targets(prefix), metadata=metadata
        )
        append_batch(pruning.append, workspace, [event], now=clock.now(), silence=silence)
    return True


def _erased_since(store: PruningStore, workspace: Workspace, looked_at: int, first: int, last: int) -> Iterator[Range]:
    """The ranges among these events of which the log says, behind `looked_at`, that it erased them."""
    for entry in told_events(store, workspace, erasure.ACTION, looked_at):
        for one in erasure.erased_by(decode_record(entry.record)):
            if one[0] <= last and one[1] >= first:
                yield one


def _sessions_left(
    store: PruningStore, workspace: Workspace, last_seq: int, silence: int
) -> tuple[list[DroppedSession], list[SessionState]]:
    """The sessions that the pruned events belong to, and what is left of those that go on behind them."""
    first = store.reader().extent(workspace)[0]
    seqs = range(first, last_seq + 1)
    dropped: list[DroppedSession] = []
    states: list[SessionState] = []
    for number, summary in store.sessions_at(workspace, seqs):
        actors: set[str] = set()
        left = OpenSessions({}, {})
        for entry in store.whole_session(workspace, summary):
            actors.add(decode_record(entry.record).actor.id or "")
            if entry.seq > last_seq:
                for state in fold([occurrence_of(entry)], left, silence):
                    if all(state is not known for known in states):
                        states.append(state)
        dropped.append(DroppedSession(number, summary.sorted_at, frozenset(actors)))
    return dropped, states
