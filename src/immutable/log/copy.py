"""Copies logs from one store into another, event for event, as the bytes that were hashed. Goes on where it was broken off.

Ids of workspaces and keys stay, so that records keep their meaning and keys go on working. Sessions are folded anew, by the
rule that the log was begun with; indexes are made anew behind the log. Cursors handed out before the move do not carry over.
"""

from collections.abc import Callable, Iterator, Sequence

import msgspec

from immutable import clock
from immutable.errors import StartError
from immutable.integrity.chain import Placed
from immutable.integrity.verify import Walk
from immutable.log import silence
from immutable.log.append import store_placed
from immutable.model.event import Head, LogEntry
from immutable.model.workspace import Workspace
from immutable.store.catalog import Catalog
from immutable.store.check_sessions import occurrence_of
from immutable.store.log_store import LogStore

_MOST_ACTS = 100_000
_BATCH_EVENTS = 2_000
_BATCH_BYTES = 16 * 1_048_576


def copy_catalog(source: Catalog, target: Catalog, workspaces: Sequence[Workspace]) -> list[Workspace]:
    """Make the workspaces in the target, with all that was decided about them, or bring them up to date; the workspaces there.

    Keys come along, revoked ones too, holds, retention (behind the holds), the address allowlist, members, investigations and
    how the log is shown; and the acts that wait for the administrative log, those of other workspaces only with that log.

    Raises StartError where the target has another workspace of the same name, or keeps another rule for sessions.
    """
    rule = source.first_number(silence.NAME, None)
    if rule is not None:
        silence.settle(target, rule)
    copies = []
    for workspace in workspaces:
        copy = target.put_workspace(workspace.id, workspace.name)
        if copy.id != workspace.id:
            raise StartError(
                f"The target has a workspace {workspace.name} already, which is not a copy of this one ({copy.id} is not "
                f"{workspace.id}). Copy into a new database."
            )
        for key, digest in source.key_digests(workspace):
            target.put_key(copy, key, digest)
        allowlist = source.allowlist(workspace)
        if target.allowlist(copy) != allowlist:
            target.set_allowlist(copy, allowlist)
        for hold in source.holds(workspace):
            target.put_hold(copy, hold)
        retention = source.retention(workspace)
        if target.retention(copy) != retention:
            target.set_retention(copy, retention)
        source.members.copy_to(target.members, workspace, copy)
        source.investigations.copy_to(target.investigations, workspace, copy)
        source.displays.copy_to(target.displays, workspace, copy)
        copies.append(copy)
    ids = {workspace.id for workspace in workspaces}
    is_whole = any(one.is_administration for one in workspaces) or ids == {one.id for one in source.workspaces()}
    for act in source.acts.oldest(_MOST_ACTS):
        if is_whole or act.workspace_id in ids:
            target.acts.add(act)
    return copies


def copied(source: LogStore, target: LogStore, workspace: Workspace, copy: Workspace) -> int:
    """How many events the target holds already. Raises StartError where they are not this log's."""
    ours, theirs = source.head(workspace), target.head(copy)
    if theirs.seq:
        same = next(source.entries(workspace, theirs.seq, theirs.seq), None) if theirs.seq <= ours.seq else None
        if same is None or same.event_hash != theirs.event_hash:
            raise StartError(
                f"The target's log of {workspace.name} is no copy of this one: its event {theirs.seq:,} is another, or this "
                "log does not reach so far. Copy into a new database."
            )
    return theirs.seq


def copy_events(
    source: LogStore,
    target: LogStore,
    workspace: Workspace,
    copy: Workspace,
    *,
    silence_us: int,
    progress: Callable[[int], None],
) -> None:
    """Copy what the target does not hold yet, up to the source's end as it is now.

    Each event is checked against the chain before it is stored. `silence_us`: what ends an inferred session, in
    microseconds. `progress` is told of every number of events stored. Raises StartError where the source is broken, or
    where somebody else appends to the target.
    """
    head = target.head(copy)
    entries = source.entries(workspace, head.seq + 1, source.head(workspace).seq)
    copy_entries(entries, target, copy, silence_us=silence_us, progress=progress)


def copy_entries(
    whole: Iterator[LogEntry], target: LogStore, copy: Workspace, *, silence_us: int, progress: Callable[[int], None]
) -> None:
    """Append entries that follow the target's end, as they were hashed, each checked. Raises StartError as `copy_events`."""
    head = target.head(copy)
    walk = Walk(copy.id, head, breaks=[], missing=[], erased=[])
    for entries in _batches(whole):
        placed = [_placed(entry, walk) for entry in entries]
        last = placed[-1]
        new_head = Head(last.seq, last.entry.event_hash, clock.from_text(last.record.created_at))
        with target.append() as transaction:
            if transaction.lock_head(copy) != head:
                raise StartError("Somebody else appends to the target. Stop it, and copy into a database of its own.")
            store_placed(transaction, copy, placed, new_head, silence_us)
        head = new_head
        target.follow()
        progress(len(placed))


def _batches(entries: Iterator[LogEntry]) -> Iterator[list[LogEntry]]:
    batch: list[LogEntry] = []
    size = 0
    for entry in entries:
        batch.append(entry)
        size += len(entry.record) + len(entry.details or b"")
        if len(batch) == _BATCH_EVENTS or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _placed(entry: LogEntry, walk: Walk) -> Placed:
    record = walk.step(entry)
    if record is None or walk.breaks:
        raise StartError(
            f"The source is broken at event {entry.seq:,}: {walk.breaks[0].message if walk.breaks else 'it is unreadable'} "
            "It was copied up to there; `immutable verify` tells more."
        )
    occurrence = occurrence_of(entry)
    draft = msgspec.structs.replace(occurrence.draft, idempotency_key=record.idempotency_key)
    return Placed(entry.seq, record.id, occurrence.occurred_at, draft, record, entry)
