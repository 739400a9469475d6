"""Holds the log against itself and against everything that finds events in it: the store's half of verification.

The pure rules are in `integrity/verify.py`. Added here, as `index_mismatch`: the head row, rows outside the log, the
idempotency table, the sealed epochs of the lookup index, the index's ends (`check_index.py`), and the session summaries
(`check_sessions.py`).
"""

import msgspec
from pyroaring import BitMap, BitMap64

from immutable.integrity.verify import Break, Walk, lost, readable
from immutable.model.event import EMPTY_HEAD, Head
from immutable.model.workspace import Workspace
from immutable.store.check_index import check_index
from immutable.store.check_leaves import changed_events
from immutable.store.find import created_at
from immutable.store.lookup import EPOCH, EPOCH_BITS, sealed_epochs
from immutable.store.proof_store import TreeStore
from immutable.store.reader import VerificationReader
from immutable.store.terms import terms_of

_MAX_BREAKS = 100


class Checked(msgspec.Struct):
    """What came of checking a stretch of the log."""

    events: int = 0
    keyed_events: int = 0
    breaks: list[Break] = []
    end: Head = EMPTY_HEAD
    missing: BitMap64 = msgspec.field(default_factory=BitMap64)
    """The places whose details are not there."""
    erased: BitMap64 = msgspec.field(default_factory=BitMap64)
    """The places whose details the erasures among the events say that they erased."""
    changed: BitMap64 = msgspec.field(default_factory=BitMap64)
    """The places whose event is not the one that the tree was made of."""
    wrong_tiles: BitMap64 = msgspec.field(default_factory=BitMap64)
    """Tiles of leaves that do not belong to the tree."""

    def add(self, other: "Checked") -> None:
        """Add what came of the next stretch."""
        self.events += other.events
        self.keyed_events += other.keyed_events
        self.breaks += other.breaks
        self.end = other.end
        self.missing |= other.missing
        self.erased |= other.erased
        self.changed |= other.changed
        self.wrong_tiles |= other.wrong_tiles


class Checker:
    """Checks stretches of one store's logs. Only reads."""

    def __init__(self, reader: VerificationReader, trees: TreeStore | None = None) -> None:
        """`trees`: where the events are to be held against the tree over them."""
        self._reader = reader
        self._trees = trees

    def check_stretch(
        self, workspace: Workspace, first: int, last: int, *, indexes: bool = True, tree_size: int = 0
    ) -> Checked:
        """Check the events `first` to `last`, which lie in one epoch: hashes, chain, details, tree, and their indexes."""
        checked = Checked(breaks=[], end=Head(first - 1, b"", 0))
        hashes: dict[int, bytes] = {}
        try:
            self._check_stretch(workspace, first, last, indexes, checked, hashes)
            if self._trees is not None and first <= tree_size:
                found = changed_events(self._trees, workspace, tree_size, hashes, (first, last))
                checked.changed.update(found[0])
                checked.wrong_tiles.update(found[1])
        except self._reader.damage as error:
            checked.breaks.append(damaged(checked.end.seq + 1, error))
        del checked.breaks[_MAX_BREAKS:]
        return checked

    def _check_stretch(
        self,
        workspace: Workspace,
        first: int,
        last: int,
        indexes: bool,
        checked: Checked,
        hashes: dict[int, bytes],
    ) -> None:
        reader = self._reader
        before = self.before(workspace, first)
        walk = Walk(workspace_id=workspace.id, previous=before, breaks=checked.breaks, missing=[], erased=[])
        expected: dict[str, list[int]] = {}
        keys: dict[int, str] = {}
        try:
            for entry in reader.range(workspace, first, last):
                record = walk.step(entry)
                hashes[entry.seq] = entry.event_hash
                if record is None or not indexes:
                    continue
                place = entry.seq - 1 & EPOCH - 1
                for term in terms_of(record):
                    places = expected.get(term)
                    if places is None:
                        expected[term] = [place]
                    else:
                        places.append(place)
                if record.idempotency_key is not None:
                    keys[entry.seq] = record.idempotency_key
        finally:
            checked.events, checked.end, checked.keyed_events = walk.checked, walk.previous, len(keys)
            checked.missing.update(walk.missing)
            for erased_first, erased_last in walk.erased:
                checked.erased.add_range(erased_first, erased_last + 1)
        if walk.previous.seq < last:
            walk.finish(Head(last, b"", 0))
        text = "The event or its text lies in another month than reads of its place look into."
        checked.breaks += [self._mismatch(workspace, seq, text) for seq in reader.misplaced(workspace, first, last)]
        if indexes:
            self._check_keys(workspace, keys, checked)
            if first - 1 >> EPOCH_BITS < sealed_epochs(reader, workspace):
                self._check_epoch(workspace, (first, last), expected, checked)

    def check_keys(self, workspace: Workspace, first: int, last: int | None, keyed_events: int) -> list[Break]:
        """Check that no more idempotency keys lead to `first` to `last` than the events there that carry one.

        `last` None: to the end, and to all places outside the log.
        """
        try:
            return self._stray_keys(workspace, first, last, keyed_events)
        except self._reader.damage as error:
            return [damaged(first, error)]

    def check_index(self, workspace: Workspace) -> list[Break]:
        """Check that the indexes go no further than the log."""
        try:
            return check_index(self._reader, workspace)
        except self._reader.damage as error:
            return [damaged(0, error)]

    def lost_details(self, workspace: Workspace, missing: BitMap64) -> list[Break]:
        """The breaks of events whose details are missing and were not erased, at most a hundred."""
        breaks = []
        for seq in missing[:_MAX_BREAKS]:
            entry = self._reader.entry(workspace, seq)
            breaks.append(lost(seq, None if entry is None else readable(entry.record)))
        return breaks

    def check_end(self, workspace: Workspace, end: Head) -> list[Break]:
        """Check that the log ends at its head, and that nothing lies outside it."""
        try:
            return self._check_end(workspace, end)
        except self._reader.damage as error:
            return [damaged(end.seq + 1, error)]

    def _check_end(self, workspace: Workspace, end: Head) -> list[Break]:
        reader = self._reader
        head = reader.head(workspace)
        walk = Walk(workspace_id=workspace.id, previous=end, breaks=[])
        walk.finish(head)
        breaks = walk.breaks
        for seq in reader.stray_entries(workspace, head.seq):
            found = reader.entry(workspace, seq)
            breaks.append(
                Break(
                    event_id=_id_of(found.record) if found else None,
                    sequence=seq,
                    type="chain_break",
                    kind="inserted",
                    message="The event lies outside the log: it was inserted.",
                )
            )
        created = created_at(reader, workspace, head.seq)
        if head.seq and created is not None and created != head.created_at:
            breaks.append(_mismatch(None, head.seq, "The head's time is not that of the last event."))
        if head.seq == 0:
            breaks += self._log_elsewhere(workspace)
        return breaks

    def _stray_keys(self, workspace: Workspace, first: int, last: int | None, right: int) -> list[Break]:
        """Every event's key was found, so where there are more keys than events with one, some were made up."""
        stored = self._reader.count_keys(workspace, first, last)
        if stored == right:
            return []
        breaks = [_mismatch(None, 0, f"There are {stored} idempotency keys for {right} events that carry one.")]
        for key, seq in self._reader.keys(workspace, first, last):
            entry = self._reader.entry(workspace, seq)
            record = None if entry is None else readable(entry.record)
            if record is None or record.idempotency_key != key:
                text = f"Idempotency key {key!r} leads to it, but it does not carry it."
                breaks.append(_mismatch(None if record is None else record.id, seq, text))
                if len(breaks) > _MAX_BREAKS:
                    break
        return breaks

    def _log_elsewhere(self, workspace: Workspace) -> list[Break]:
        """An empty log whose events lie under another workspace's number: the numbers were exchanged."""
        for number, seq in self._reader.first_entries():
            entry = self._reader.entry(Workspace(number, "", ""), seq)
            record = None if entry is None else readable(entry.record)
            if record is not None and record.workspace_id == workspace.id:
                text = f"The log is empty, but its events lie under the number {number}, which is not its own."
                return [
                    Break(event_id=record.id, sequence=record.seq, type="chain_break", kind="reordered", message=text)
                ]
        return []

    def before(self, workspace: Workspace, first: int) -> Head:
        """The event before `first`, as the one after it must see it."""
        pruned = self._reader.pruned(workspace)
        if first == pruned.seq + 1:
            return pruned
        before = self._reader.entry(workspace, first - 1)
        if before is None:
            return Head(first - 1, bytes(32), 0)  # reported where that event itself is checked
        return Head(before.seq, before.event_hash, created_at(self._reader, workspace, first - 1) or 0)

    def _check_keys(self, workspace: Workspace, keys: dict[int, str], checked: Checked) -> None:
        stored = self._reader.key_seqs(workspace, list(keys.values())) if keys else {}
        for seq, key in keys.items():
            found = stored.get(key)
            if found != seq:
                text = (
                    "Its idempotency key is not stored." if found is None else f"Its idempotency key leads to {found}."
                )
                checked.breaks.append(self._mismatch(workspace, seq, text))

    def _check_epoch(
        self,
        workspace: Workspace,
        span: tuple[int, int],
        expected: dict[str, list[int]],
        checked: Checked,
    ) -> None:
        """Hold the sealed epoch that `span` lies in against the terms that its events have."""
        epoch = span[0] - 1 >> EPOCH_BITS
        start = epoch << EPOCH_BITS
        within = BitMap(range(span[0] - 1 - start, span[1] - start))
        for term, stored in self._reader.epoch_postings(workspace, epoch):
            right = BitMap(expected.pop(term, ()))
            if stored == right.serialize():
                continue
            for place in ((_bitmap(stored) & within) ^ right)[:_MAX_BREAKS]:
                text = f"The lookup index is wrong about it under {shown(term)}."
                checked.breaks.append(self._mismatch(workspace, start + place + 1, text))
        for term, places in expected.items():
            text = f"The lookup index does not find it under {shown(term)}."
            checked.breaks += [self._mismatch(workspace, start + place + 1, text) for place in places[:_MAX_BREAKS]]

    def _mismatch(self, workspace: Workspace, seq: int, message: str) -> Break:
        entry = self._reader.entry(workspace, seq)
        return _mismatch(_id_of(entry.record) if entry else None, seq, message)


def damaged(sequence: int, error: Exception) -> Break:
    """The break for a part of the log that cannot be read."""
    text = f"From here on the log, or what finds its events, cannot be read, because a file is damaged: {error}."
    return Break(event_id=None, sequence=sequence, type="chain_break", kind="unreadable", message=text)


def shown(term: str) -> str:
    """A term as a person reads it."""
    field = {
        "a": "actor", "n": "action", "s": "session", "-": "no session", "e": "tenant", "t": "resource type",
        "r": "resource id", "h": "resource", "x": "target type", "y": "target id", "p": "target",
    }.get(term[:1], "?")  # fmt: skip
    return f"{field} {term[1:]!r}"


def _bitmap(stored: bytes) -> BitMap:
    try:
        return BitMap.deserialize(stored)
    except (ValueError, IndexError):
        return BitMap()


def _id_of(record: bytes) -> str | None:
    found = readable(record)
    return None if found is None else found.id


def _mismatch(event_id: str | None, sequence: int, message: str) -> Break:
    return Break(event_id=event_id, sequence=sequence, type="index_mismatch", kind="index", message=message)
