"""What only the whole of a log can tell: its end, what was erased and pruned on the record, and what was signed of it."""

import msgspec
from pyroaring import BitMap64

from immutable.integrity import chain, erasure, pruning
from immutable.integrity.scope import Outside
from immutable.integrity.verify import Break, readable
from immutable.log.origins import origins_of
from immutable.model.event import Head
from immutable.model.filters import EventFilter
from immutable.model.workspace import Workspace
from immutable.store.check import Checked, Checker, damaged
from immutable.store.check_sessions import SessionCheck
from immutable.store.check_tree import TreeCheck, TreeFindings
from immutable.store.log_store import LogStore
from immutable.store.lookup import stretches

_ERASURES = 100
"""Erasures read at a time, where they lie behind the checked events."""


def check_end(store: LogStore, workspace: Workspace, span: tuple[int, int], found: Checked, *, indexes: bool) -> Head:
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
            for start, end in stretches(max(first, last + 1), head.seq):
                found.add(checker.check_stretch(workspace, start, end, indexes=indexes))
            found.breaks += checker.check_end(workspace, found.end)
            present = next((one.seq for one in reader.range(workspace, 1, head.seq, descending=True)), 0)
            found.breaks = [_cut_off(one, present) for one in found.breaks]
            if indexes:
                found.breaks += checker.check_keys(workspace, first, None, found.keyed_events)
        except reader.damage as error:
            found.breaks.append(damaged(last + 1, error))
            return Head(last, found.end.event_hash, 0)
        return head


def erased_on_the_record(store: LogStore, workspace: Workspace, found: Checked) -> BitMap64:
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


def check_pruned(store: LogStore, workspace: Workspace, pruned: Head) -> list[Break]:
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
            kind="deleted",
            expected_hash=pruned.event_hash.hex(),
            actual_hash=found,
            message=text,
        )
    ]


def check_tree(
    store: LogStore,
    workspace: Workspace,
    span: tuple[int, int],
    found: Checked,
    tree_size: int,
    outside: Outside,
) -> TreeFindings:
    """Hold the log against its tree and what was signed. `tree_size`: with which the leaves were compared."""
    reader = store.reader()
    try:
        check = TreeCheck(store.proofs, reader, workspace, tree_size, outside, origins_of(store, workspace))
        return check.run(span, found.changed, found.wrong_tiles)
    except reader.damage as error:
        return TreeFindings([damaged(0, error)], {})


def check_sessions(store: LogStore, workspace: Workspace, silence: int) -> list[Break]:
    """Fold all sessions anew, and say where what is stored is not that."""
    with store.snapshot() as reader:  # events that are appended meanwhile do not count
        try:
            check = SessionCheck(reader, workspace, silence)
            for entry in reader.range(workspace, *reader.extent(workspace)):
                check.step(entry)
            return check.finish()
        except reader.damage as error:
            return [damaged(1, error)]


def _cut_off(one: Break, present: int) -> Break:
    """What is missing behind the last event that is there was cut off."""
    return msgspec.structs.replace(one, kind="cut_off") if one.kind == "deleted" and one.sequence > present else one
