"""The lookup index: which places of the log carry a term. Built behind the log, complete at every answer.

The log is cut into epochs of 16,384 places. A full epoch is sealed: written once to the engine as one roaring bitmap per
term. The newest epochs live in memory, and every question first reads what was appended since the last one. So the
appending transaction pays nothing for any filter, an answer misses nothing, and counts are exact.
"""

import threading
from collections import defaultdict
from collections.abc import Iterator, Sequence

import msgspec
from pyroaring import BitMap

from immutable.integrity.chain import Placed
from immutable.integrity.record import Record, decode_record
from immutable.model.workspace import Workspace
from immutable.store.reader import IndexWriter, LogReader
from immutable.store.terms import ACTION, terms_of

EPOCH_BITS = 14
EPOCH = 1 << EPOCH_BITS
_EPOCH_MASK = EPOCH - 1
_MAX_TAILS = 64
"""Workspaces whose newest epochs are kept in memory; the others' are read again when they are asked for."""

Places = dict[int, BitMap]
"""Per epoch, the matching places in it (0 to 16,383); place `seq` lies in epoch `seq - 1 >> 14`."""


class _Tail:
    """The epochs of one workspace that are not sealed yet."""

    def __init__(self, sealed_epochs: int) -> None:
        self.first_epoch = sealed_epochs
        self.next_seq = sealed_epochs * EPOCH + 1
        self.epochs: dict[int, defaultdict[str, list[int]]] = {}

    def add(self, seq: int, record: Record | None) -> None:
        index = seq - 1
        place = index & _EPOCH_MASK
        self.next_seq = seq + 1
        terms = self.epochs.get(index >> EPOCH_BITS)
        if terms is None:
            terms = self.epochs[index >> EPOCH_BITS] = defaultdict(list)
        if record is None:
            return
        for term in terms_of(record):
            terms[term].append(place)


class LookupIndex:
    """Answers which places carry which terms, and seals epochs."""

    def __init__(self) -> None:
        self._tails: dict[int, _Tail] = {}
        self._lock = threading.Lock()

    def places(
        self,
        reader: LogReader,
        workspace: Workspace,
        terms: list[str],
        prefix: str | None,
        first_seq: int,
        last_seq: int,
    ) -> Places:
        """The places between `first_seq` and `last_seq` that carry all `terms`, and an action with `prefix`."""
        first_epoch, last_epoch = first_seq - 1 >> EPOCH_BITS, last_seq - 1 >> EPOCH_BITS
        # What is in memory is copied before the engine is read: an epoch sealed in between is then seen twice, not never.
        recent, unsealed = self._recent(reader, workspace, terms, prefix, first_epoch, last_seq)
        last_epoch = min(last_epoch, unsealed - 1)
        parts = [self._stored(reader, workspace, term, first_epoch, last_epoch) for term in terms]
        if prefix is not None:
            parts.append(self._stored_actions(reader, workspace, prefix, first_epoch, last_epoch))
        found = {epoch: places for epoch in parts[0] if (places := _common(epoch, parts))}
        found.update(recent)
        return _clip(found, first_seq, last_seq)

    def terms_with(
        self, reader: LogReader, workspace: Workspace, prefix: str, epochs: tuple[int, int], limit: int
    ) -> list[str]:
        """Terms that begin with `prefix`, at most `limit`: those of the newest of the epochs (both included) first."""
        first_epoch, last_epoch = epochs
        with self._lock:
            tail = self._catch_up(reader, workspace)
            unsealed = tail.first_epoch
            recent = {
                epoch: sorted(term for term in terms if term.startswith(prefix))
                for epoch, terms in tail.epochs.items()
                if epoch >= first_epoch
            }
        found = dict.fromkeys(term for epoch in sorted(recent, reverse=True) for term in recent[epoch])
        last = min(last_epoch, unsealed - 1)
        # The last code point is no character: no text of ours holds it.
        for term in reader.terms_between(workspace, prefix, prefix + "\U0010ffff", first_epoch, last, limit):
            if len(found) >= limit:
                break
            found[term] = None
        return list(found)[:limit]

    def _catch_up(self, reader: LogReader, workspace: Workspace, epochs: int | None = None) -> _Tail:
        """Read what was appended since the last call, or at most so many epochs of it. The caller holds the lock."""
        tail = self._tails.pop(workspace.number, None)
        if tail is None:
            tail = _Tail(sealed_epochs(reader, workspace))
            while len(self._tails) >= _MAX_TAILS:
                self._tails.pop(next(iter(self._tails)))
        self._tails[workspace.number] = tail
        last = reader.head(workspace).seq
        if epochs is not None:
            last = min(last, (tail.first_epoch + epochs) * EPOCH)
        if tail.next_seq <= last:
            for seq, record in reader.records(workspace, tail.next_seq, last):
                tail.add(seq, _readable(record))
        return tail

    def feed(self, workspace: Workspace, placed: Sequence[Placed]) -> None:
        """Take what was just committed from memory, so that nobody has to read it back. Never fails the append."""
        with self._lock:
            tail = self._tails.get(workspace.number)
            if tail is None or tail.next_seq != placed[0].seq:
                return
            for one in placed:
                tail.add(one.seq, one.record)

    def seal(self, reader: LogReader, writer: IndexWriter, workspace: Workspace) -> bool:
        """Write the oldest full epoch; False where there is none."""
        sealed = sealed_epochs(reader, workspace)
        if reader.head(workspace).seq < (sealed + 1) * EPOCH:
            return False  # and nothing is read into memory for it
        if reader.pruned(workspace).seq >= (sealed + 1) * EPOCH:  # an index that is made again begins with what is gone
            writer.write_epoch(workspace, sealed, [])
            with self._lock:
                self._tails.pop(workspace.number, None)
            return True
        with self._lock:
            tail = self._catch_up(reader, workspace, epochs=1)
            epoch = tail.first_epoch
            if tail.next_seq <= (epoch + 1) * EPOCH:
                return False
            # A full epoch changes no more, so it is read without the lock below.
            terms: dict[str, list[int]] = tail.epochs.get(epoch, {})
        writer.write_epoch(workspace, epoch, [(term, BitMap(terms[term]).serialize()) for term in sorted(terms)])
        self._drop(tail, epoch + 1)
        return True

    def drop_sealed(self, reader: LogReader) -> None:
        """Let go of what another process has sealed meanwhile."""
        for number, tail in list(self._tails.items()):
            self._drop(tail, sealed_epochs(reader, Workspace(number, "", "")))

    def _drop(self, tail: _Tail, sealed: int) -> None:
        with self._lock:
            for epoch in [epoch for epoch in tail.epochs if epoch < sealed]:
                del tail.epochs[epoch]
            if sealed > tail.first_epoch:
                tail.first_epoch = sealed
                tail.next_seq = max(tail.next_seq, sealed * EPOCH + 1)

    def _recent(
        self,
        reader: LogReader,
        workspace: Workspace,
        terms: list[str],
        prefix: str | None,
        first_epoch: int,
        last_seq: int,
    ) -> tuple[Places, int]:
        """The matching places of the epochs in memory, and the first of these epochs."""
        with self._lock:
            tail = self._tails.get(workspace.number)
            if tail is None or tail.next_seq <= last_seq:
                tail = self._catch_up(reader, workspace)
            found: Places = {}
            for epoch, places_of in tail.epochs.items():
                if epoch < first_epoch:
                    continue
                parts = [BitMap(places_of.get(term, ())) for term in terms]
                if prefix is not None:
                    wanted = ACTION + prefix
                    parts.append(
                        BitMap().union(
                            *(BitMap(places) for term, places in places_of.items() if term.startswith(wanted))
                        )
                    )
                places = BitMap.intersection(*parts) if len(parts) > 1 else parts[0]
                if places:
                    found[epoch] = places
            return found, tail.first_epoch

    def _stored(self, reader: LogReader, workspace: Workspace, term: str, first_epoch: int, last_epoch: int) -> Places:
        rows = reader.postings(workspace, term, first_epoch, last_epoch)
        return {epoch: BitMap.deserialize(places) for epoch, places in rows}

    def _stored_actions(
        self, reader: LogReader, workspace: Workspace, prefix: str, first_epoch: int, last_epoch: int
    ) -> Places:
        low = ACTION + prefix
        after = low[:-1] + chr(ord(low[-1]) + 1)
        found: Places = {}
        for epoch, places in reader.postings_between(workspace, low, after, first_epoch, last_epoch):
            bitmap = BitMap.deserialize(places)
            found[epoch] = found[epoch] | bitmap if epoch in found else bitmap
        return found


def sealed_epochs(reader: LogReader, workspace: Workspace) -> int:
    """How many epochs are sealed."""
    progress = reader.progress(workspace)
    return progress[0] if progress else 0


def stretches(first: int, last: int) -> Iterator[tuple[int, int]]:
    """The places `first` to `last` in parts, each within one epoch."""
    while first <= last:
        end = min(((first - 1) // EPOCH + 1) * EPOCH, last)
        yield first, end
        first = end + 1


def _readable(record: bytes) -> Record | None:
    try:
        return decode_record(record)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None  # verification names it; a query must not fail because of it


def _common(epoch: int, parts: list[Places]) -> BitMap:
    """The places of an epoch that are in all parts."""
    places = parts[0][epoch]
    for part in parts[1:]:
        places = places & part.get(epoch, BitMap())
    return places


def _clip(places: Places, first_seq: int, last_seq: int) -> Places:
    """Only what lies between two places, both included."""
    first, last = first_seq - 1, last_seq - 1
    clipped: Places = {}
    for epoch, bitmap in places.items():
        start = epoch << EPOCH_BITS
        if start < first or start + _EPOCH_MASK > last:
            bitmap = bitmap & BitMap(range(max(first - start, 0), min(last - start, _EPOCH_MASK) + 1))  # noqa: PLW2901
        if bitmap:
            clipped[epoch] = bitmap
    return clipped


def count(places: Places) -> int:
    """How many places there are."""
    return sum(map(len, places.values()))


def walk(places: Places, *, ascending: bool, after_seq: int | None) -> Iterator[int]:
    """The places as `seq`, in order, from after `after_seq`."""
    for epoch in sorted(places, reverse=not ascending):
        start = (epoch << EPOCH_BITS) + 1
        bitmap = places[epoch]
        if after_seq is not None:
            if ascending:
                if start + _EPOCH_MASK <= after_seq:
                    continue
            elif start >= after_seq:
                continue
        for place in bitmap if ascending else reversed(bitmap):
            seq = start + place
            if after_seq is None or (seq > after_seq if ascending else seq < after_seq):
                yield seq
