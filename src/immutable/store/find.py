"""Answers EventFilter: the lookup index finds the places, a text query narrows them, entries are read and returned."""

from collections.abc import Iterator
from itertools import islice

from immutable.integrity import chain
from immutable.integrity.verify import readable
from immutable.model.event import LogEntry
from immutable.model.filters import EventFilter, EventPage
from immutable.model.workspace import Workspace
from immutable.store import lookup
from immutable.store.lookup import EPOCH_BITS, LookupIndex, Places
from immutable.store.reader import LogReader
from immutable.store.terms import terms_wanted
from immutable.store.text_query import TextQuery

COUNT_LIMIT = 1_000
"""Text matches are counted up to this many; a larger result answers this number and says that it is not exact."""

_FEW = 5_000
"""With so few places from the lookup index, their texts are read instead of asking the text index."""


class EventFinder:
    """Finds events of one store."""

    def __init__(self, index: LookupIndex) -> None:
        self._index = index

    def seq_range(self, reader: LogReader, workspace: Workspace, wanted: EventFilter) -> tuple[int, int]:
        """First and last place of the wanted span of time; empty where first is greater than last."""
        beginning, head = reader.extent(workspace)
        first, last = beginning, head
        if wanted.created_from is not None:
            first = max(first, first_created_from(reader, workspace, wanted.created_from, head))
        if wanted.created_to is not None:
            last = first_created_from(reader, workspace, wanted.created_to + 1, head) - 1
        if wanted.run is not None:
            first, last = max(first, wanted.run[1]), min(last, wanted.run[2])
        return first, last

    def find(
        self,
        reader: LogReader,
        workspace: Workspace,
        wanted: EventFilter,
        *,
        ascending: bool,
        after_seq: int | None,
        limit: int,
    ) -> EventPage:
        """A page of matching entries."""
        first, last = self.seq_range(reader, workspace, wanted)
        if first > last:
            return EventPage([], has_more=False, total=0)
        terms, prefix = terms_wanted(wanted)
        places = (
            self._index.places(reader, workspace, terms, prefix, first, last) if terms or prefix is not None else None
        )
        if wanted.search is not None:
            return self._search(reader, workspace, wanted.search, places, (first, last), ascending, after_seq, limit)
        if places is None:
            return self._page_of_range(reader, workspace, first, last, ascending, after_seq, limit)
        walked = lookup.walk(places, ascending=ascending, after_seq=after_seq)
        seqs = [seq for seq, _ in zip(walked, range(limit + 1), strict=False)]
        entries = list(reader.places(workspace, seqs[:limit]))
        return EventPage(entries, has_more=len(seqs) > limit, total=lookup.count(places))

    def matching(
        self, reader: LogReader, workspace: Workspace, wanted: EventFilter, *, after_seq: int
    ) -> Iterator[int]:
        """All places that meet `wanted` but for its text, in order, from after `after_seq`."""
        terms, prefix = terms_wanted(wanted)
        if terms or prefix is not None:
            return lookup.walk(self.places(reader, workspace, wanted), ascending=True, after_seq=after_seq)
        first, last = self.seq_range(reader, workspace, wanted)
        return iter(range(max(first, after_seq + 1), last + 1))

    def places(self, reader: LogReader, workspace: Workspace, wanted: EventFilter) -> Places:
        """Where the events lie that meet all of `wanted` but its text. `wanted` must ask for at least one term."""
        first, last = self.seq_range(reader, workspace, wanted)
        terms, prefix = terms_wanted(wanted)
        return self._index.places(reader, workspace, terms, prefix, first, last) if first <= last else {}

    def _page_of_range(
        self,
        reader: LogReader,
        workspace: Workspace,
        first: int,
        last: int,
        ascending: bool,
        after_seq: int | None,
        limit: int,
    ) -> EventPage:
        total = last - first + 1
        if after_seq is not None:
            first, last = (max(first, after_seq + 1), last) if ascending else (first, min(last, after_seq - 1))
        window = (first, min(last, first + limit - 1)) if ascending else (max(first, last - limit + 1), last)
        entries = list(reader.range(workspace, *window, descending=not ascending))
        return EventPage(entries, has_more=last - first + 1 > limit, total=total)

    def _search(
        self,
        reader: LogReader,
        workspace: Workspace,
        wanted_text: str,
        places: Places | None,
        span: tuple[int, int],
        ascending: bool,
        after_seq: int | None,
        limit: int,
    ) -> EventPage:
        query = TextQuery(wanted_text)

        def matching(first: int, last: int) -> Iterator[LogEntry]:
            if places is not None and lookup.count(places) <= _FEW:
                seqs = (seq for seq in lookup.walk(places, ascending=ascending, after_seq=None) if first <= seq <= last)
                return (entry for entry in reader.places(workspace, seqs) if query.matches(entry))
            found = _search(reader, workspace, query, first, last, ascending=ascending)
            return found if places is None else (entry for entry in found if _holds(places, entry.seq))

        counted = list(islice(matching(*span), COUNT_LIMIT + 1))
        page = counted[: limit + 1]
        if after_seq is not None:
            first, last = span
            rest = (max(first, after_seq + 1), last) if ascending else (first, min(last, after_seq - 1))
            page = list(islice(matching(*rest), limit + 1))
        return EventPage(
            page[:limit],
            has_more=len(page) > limit,
            total=min(len(counted), COUNT_LIMIT),
            total_is_exact=len(counted) <= COUNT_LIMIT,
        )


def _holds(places: Places, seq: int) -> bool:
    bitmap = places.get(seq - 1 >> EPOCH_BITS)
    return bitmap is not None and (seq - 1 & (1 << EPOCH_BITS) - 1) in bitmap


def first_created_from(reader: LogReader, workspace: Workspace, at: int, last_seq: int) -> int:
    """The first place whose event was created at `at` or later; `last_seq` + 1 where none was.

    `created_at` rises strictly with the place, so no index on it is needed: a binary search, or one that looks at more
    places at once where asking is what takes time.
    """
    low, high = 1, last_seq + 1
    while low < high:
        parts = min(reader.probes, high - low) + 1
        places = [low + (high - low) * part // parts for part in range(1, parts)]
        records = reader.records_at(workspace, places)
        for place in places:
            found = _created_at(records.get(place))
            if found is not None and found >= at:
                high = place
                break
            low = place + 1  # what is not there was pruned, and so came before
    return low


def created_at(reader: LogReader, workspace: Workspace, seq: int) -> int | None:
    """When the event at a place was created, in microseconds, from its hashed bytes; None where it cannot be told."""
    return _created_at(reader.records_at(workspace, [seq]).get(seq))


def _created_at(text: bytes | None) -> int | None:
    record = None if text is None else readable(text)
    return None if record is None else chain.created_at_of(record.id)


def find_by_id(reader: LogReader, workspace: Workspace, event_id: str) -> LogEntry | None:
    """The entry of the event with this id: the id tells when it was created, and that tells the place."""
    at = chain.created_at_of(event_id)
    if at is None:
        return None
    last = reader.head(workspace).seq
    entry = reader.entry(workspace, first_created_from(reader, workspace, at, last))
    record = None if entry is None else readable(entry.record)
    return entry if record is not None and record.id == event_id else None


def _search(
    reader: LogReader, workspace: Workspace, query: TextQuery, first_seq: int, last_seq: int, *, ascending: bool
) -> Iterator[LogEntry]:
    """The entries between two places that hold a text, in order; read only as far as the caller asks.

    The text index is built behind the log and only proposes candidates; every one is checked against the hashed bytes, and
    the events that it does not hold yet are read. So an answer is complete and never wrong, however far behind it is.
    """
    progress = reader.progress(workspace)
    indexed = min(progress[1] if progress else 0, last_seq)
    candidates = None
    if first_seq <= indexed:
        candidates = reader.text_candidates(workspace, query, first_seq, indexed, ascending=ascending)
    if candidates is None:
        indexed = 0

    def unindexed() -> Iterator[LogEntry]:
        entries = reader.range(workspace, max(first_seq, indexed + 1), last_seq, descending=not ascending)
        return (entry for entry in entries if query.matches(entry))

    if not ascending:
        yield from unindexed()
    if candidates is not None:
        yield from (entry for entry in reader.places(workspace, candidates) if query.matches(entry))
    if ascending:
        yield from unindexed()
