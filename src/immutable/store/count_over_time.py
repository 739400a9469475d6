"""Counts events per part of a span of time, without reading them: the work is bounded by the parts, not by the events.

`created_at` rises strictly with the place in the log, so every part of the span is a range of places, found by a binary search;
how many of a range meet a filter is told by the lookup index. Only a text has to be read for, and that goes back
so many matches and then says where it stopped.
"""

from bisect import bisect_right
from collections.abc import Sequence

from immutable.integrity import chain
from immutable.integrity.verify import readable
from immutable.model.filters import EventFilter
from immutable.model.found import CountsOverTime
from immutable.model.workspace import Workspace
from immutable.store.find import COUNT_LIMIT, EventFinder, created_at
from immutable.store.lookup import EPOCH, EPOCH_BITS, Places
from immutable.store.reader import LogReader
from immutable.store.terms import terms_wanted


def count_over_time(
    finder: EventFinder, reader: LogReader, workspace: Workspace, wanted: EventFilter, parts: int
) -> CountsOverTime | None:
    """The counts of the events that meet `wanted`, over its span or else that of the whole log; None where there are none."""
    first, last = finder.seq_range(reader, workspace, wanted)
    if first > last:
        return None
    begin = wanted.created_from if wanted.created_from is not None else created_at(reader, workspace, first) or 0
    end = wanted.created_to if wanted.created_to is not None else created_at(reader, workspace, last) or begin
    width = max(1, -(-(end - begin + 1) // parts))
    instants = [begin + width * part for part in range(-(-(end - begin + 1) // width))]
    if wanted.search is not None:
        page = finder.find(reader, workspace, wanted, ascending=False, after_seq=None, limit=COUNT_LIMIT)
        counts = [0] * len(instants)
        times = [_created_at(entry.record) for entry in page.entries]
        for at in times:
            counts[max(0, bisect_right(instants, at) - 1)] += 1
        return CountsOverTime(begin, width, counts, times[-1] if page.has_more else None)
    edges = [*first_places(reader, workspace, instants[1:], (first, last)), last + 1]
    starts = [first, *edges[:-1]]
    terms, prefix = terms_wanted(wanted)
    if not terms and prefix is None:
        return CountsOverTime(begin, width, [edge - start for start, edge in zip(starts, edges, strict=True)], None)
    places = finder.places(reader, workspace, wanted)
    return CountsOverTime(
        begin, width, [_held(places, start, edge) for start, edge in zip(starts, edges, strict=True)], None
    )


def first_places(
    reader: LogReader, workspace: Workspace, instants: Sequence[int], within: tuple[int, int]
) -> list[int]:
    """For each instant, the first of the places `within` (both included) created at it or later; all searched for at once."""
    low, high = [within[0]] * len(instants), [within[1] + 1] * len(instants)
    while middles := {(one + other) // 2 for one, other in zip(low, high, strict=True) if one < other}:
        records = reader.records_at(workspace, sorted(middles))
        for at, instant in enumerate(instants):
            if low[at] < high[at]:
                middle = (low[at] + high[at]) // 2
                text = records.get(middle)
                if text is not None and _created_at(text) >= instant:
                    high[at] = middle
                else:
                    low[at] = middle + 1  # what is not there was pruned, and so came before
    return low


def _held(places: Places, start: int, edge: int) -> int:
    """How many of the places lie from `start` to before `edge`."""
    total = 0
    for epoch in range(start - 1 >> EPOCH_BITS, (edge - 2 >> EPOCH_BITS) + 1):
        bitmap = places.get(epoch)
        if bitmap is not None:
            base = (epoch << EPOCH_BITS) + 1
            total += bitmap.range_cardinality(max(start - base, 0), min(edge - base, EPOCH))
    return total


def _created_at(text: bytes) -> int:
    record = readable(text)
    return 0 if record is None else chain.created_at_of(record.id) or 0
