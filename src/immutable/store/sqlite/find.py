"""Answers EventFilter: the lookup index finds the places, a text query narrows them, entries are read and returned."""

from collections.abc import Iterator
from itertools import islice

import apsw

from immutable.model.event import LogEntry
from immutable.model.filters import EventFilter, EventPage
from immutable.model.workspace import Workspace
from immutable.store.sqlite import lookup, text
from immutable.store.sqlite.codec import Codec
from immutable.store.sqlite.entries import first_created_from, read_head, read_places, read_range
from immutable.store.sqlite.lookup import EPOCH_BITS, LookupIndex, Places
from immutable.store.sqlite.terms import terms_wanted

COUNT_LIMIT = 1_000
"""Text matches are counted up to this many; a larger result answers this number and says that it is not exact."""

_FEW = 5_000
"""With so few places from the lookup index, their texts are read instead of asking the text index."""


class EventFinder:
    """Finds events for one database."""

    def __init__(self, codec: Codec, index: LookupIndex) -> None:
        self._codec = codec
        self._index = index

    def seq_range(self, reader: apsw.Connection, workspace: Workspace, wanted: EventFilter) -> tuple[int, int]:
        """First and last place of the wanted span of time; empty where first is greater than last."""
        head = read_head(reader, workspace).seq
        first, last = 1, head
        if wanted.created_from is not None:
            first = first_created_from(reader, self._codec, workspace, wanted.created_from, head)
        if wanted.created_to is not None:
            last = first_created_from(reader, self._codec, workspace, wanted.created_to + 1, head) - 1
        if wanted.run is not None:
            first, last = max(first, wanted.run[1]), min(last, wanted.run[2])
        return first, last

    def find(
        self,
        reader: apsw.Connection,
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
        places = self._index.places(workspace, terms, prefix, first, last) if terms or prefix is not None else None
        if wanted.search is not None:
            return self._search(reader, workspace, wanted.search, places, (first, last), ascending, after_seq, limit)
        if places is None:
            return self._page_of_range(reader, workspace, first, last, ascending, after_seq, limit)
        walked = lookup.walk(places, ascending=ascending, after_seq=after_seq)
        seqs = [seq for seq, _ in zip(walked, range(limit + 1), strict=False)]
        entries = list(read_places(reader, self._codec, workspace, seqs[:limit]))
        return EventPage(entries, has_more=len(seqs) > limit, total=lookup.count(places))

    def places(self, reader: apsw.Connection, workspace: Workspace, wanted: EventFilter) -> Places:
        """Where the events lie that meet all of `wanted` but its text. `wanted` must ask for at least one term."""
        first, last = self.seq_range(reader, workspace, wanted)
        terms, prefix = terms_wanted(wanted)
        return self._index.places(workspace, terms, prefix, first, last) if first <= last else {}

    def _page_of_range(
        self,
        reader: apsw.Connection,
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
        entries = list(read_range(reader, self._codec, workspace, *window, descending=not ascending))
        return EventPage(entries, has_more=last - first + 1 > limit, total=total)

    def _search(
        self,
        reader: apsw.Connection,
        workspace: Workspace,
        wanted_text: str,
        places: Places | None,
        span: tuple[int, int],
        ascending: bool,
        after_seq: int | None,
        limit: int,
    ) -> EventPage:
        query = text.TextQuery(wanted_text)

        def matching(first: int, last: int) -> Iterator[LogEntry]:
            if places is not None and lookup.count(places) <= _FEW:
                seqs = (seq for seq in lookup.walk(places, ascending=ascending, after_seq=None) if first <= seq <= last)
                return (entry for entry in read_places(reader, self._codec, workspace, seqs) if query.matches(entry))
            found = text.search(reader, self._codec, workspace, query, first, last, ascending=ascending)
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
