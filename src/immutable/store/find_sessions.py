"""Reading sessions: one summary, a session's entries, and lists by what happened in them."""

from collections import Counter
from collections.abc import Iterable
from itertools import islice

import msgspec
from pyroaring import BitMap

from immutable.integrity.record import decode_record
from immutable.model.event import LogEntry
from immutable.model.filters import EVERY_EVENT, EventFilter, EventPage, SessionFilter, SessionPage, SessionPosition
from immutable.model.found import CountsOverTime
from immutable.model.session import SessionSummary
from immutable.model.workspace import Workspace
from immutable.store import lookup
from immutable.store.find import EventFinder
from immutable.store.lookup import LookupIndex, Places
from immutable.store.reader import LogReader, SessionRow
from immutable.store.terms import terms_wanted

COUNT_LIMIT = 10_000
"""Sessions are counted up to this many; a larger result answers this number and says that it is not exact."""

MOST_COUNTED = 200_000
"""Sessions that are counted over time, by an index that holds nothing else."""
MOST_FOUND = 500
"""Sessions that are counted over time where what happened in them has to be looked at."""

_FEW_EVENTS = 5_000
"""With so few matching events, their sessions are gathered from them; otherwise sessions are tried one by one."""

encode_summary = msgspec.json.Encoder().encode
decode_summary = msgspec.json.Decoder(SessionSummary).decode


class SessionFinder:
    """Finds sessions of one store."""

    def __init__(self, index: LookupIndex, events: EventFinder) -> None:
        self._index = index
        self._events = events

    def session(self, reader: LogReader, workspace: Workspace, session_id: str) -> SessionSummary | None:
        """One summary."""
        summary = reader.session(workspace, session_id)
        return None if summary is None else decode_summary(summary)

    def places(
        self, reader: LogReader, workspace: Workspace, session: SessionSummary, wanted: EventFilter = EVERY_EVENT
    ) -> Places:
        """Where the session's events lie that meet `wanted`, which asks for no text and no time."""
        terms, prefix = terms_wanted(within(session, wanted))
        return self._index.places(reader, workspace, terms, prefix, session.first_seq, session.last_seq)

    def entries(
        self,
        reader: LogReader,
        workspace: Workspace,
        session: SessionSummary,
        *,
        wanted: EventFilter,
        after_seq: int | None,
        limit: int,
    ) -> EventPage:
        """A page of the session's entries that meet `wanted`, in the order of the log."""
        places = self.places(reader, workspace, session, wanted)
        seqs = list(islice(lookup.walk(places, ascending=True, after_seq=after_seq), limit + 1))
        entries = list(reader.places(workspace, seqs[:limit]))
        return EventPage(entries, has_more=len(seqs) > limit, total=lookup.count(places))

    def find(
        self,
        reader: LogReader,
        workspace: Workspace,
        wanted: SessionFilter,
        *,
        after: SessionPosition | None,
        limit: int,
    ) -> SessionPage:
        """A page of matching sessions, newest first."""
        in_events = wanted.events or _in_events(wanted)
        if in_events is None:
            return self._page(reader, workspace, wanted, after, limit)
        few = self._few_events(reader, workspace, in_events)
        if few is not None:
            rows = self.sessions_of(reader, workspace, few)
            matching = sorted((row for row in rows if _passes(decode_summary(row[2]), wanted)), reverse=True)
            total = len(matching)
            if after is not None:
                matching = [row for row in matching if row[:2] < (after.started_at, after.number)]
            return _session_page(matching[: limit + 1], limit, total, exact=True)
        return self._walk(reader, workspace, wanted, in_events, after, limit)

    def count_over_time(
        self, reader: LogReader, workspace: Workspace, wanted: SessionFilter, parts: int
    ) -> CountsOverTime | None:
        """How many sessions began in each of at most `parts` parts of their span; None where there are none."""
        if wanted.action == "*":
            wanted = msgspec.structs.replace(wanted, action=None)
        if wanted.resource_id is None and wanted.action is None and wanted.search is None:
            span = reader.session_span(workspace, wanted)
            if span is None:
                return None
            first, width = _parts(wanted, span, parts)
            counted = reader.sessions_per_part(workspace, wanted, first, width, MOST_COUNTED)
            whole = sum(count for _, count, _ in counted) < MOST_COUNTED
            return _counts(first, width, [(part, count) for part, count, _ in counted],
                           None if whole else min(oldest for _, _, oldest in counted), wanted, span)  # fmt: skip
        page = self.find(reader, workspace, wanted, after=None, limit=MOST_FOUND)
        times = [session.sorted_at for session in page.sessions]
        if not times:
            return None
        span = (times[-1], times[0])
        first, width = _parts(wanted, span, parts)
        counted_from = None if page.next_position is None else times[-1]
        return _counts(first, width, Counter((at - first) // width for at in times).items(), counted_from, wanted, span)

    def _page(
        self,
        reader: LogReader,
        workspace: Workspace,
        wanted: SessionFilter,
        after: SessionPosition | None,
        limit: int,
    ) -> SessionPage:
        rows = list(islice(reader.session_rows(workspace, wanted, after), limit + 1))
        total = reader.count_sessions(workspace, wanted, COUNT_LIMIT + 1)
        return _session_page(rows, limit, min(total, COUNT_LIMIT), exact=total <= COUNT_LIMIT)

    def _few_events(self, reader: LogReader, workspace: Workspace, wanted: EventFilter) -> list[LogEntry] | None:
        """The matching events where they are few."""
        page = self._events.find(reader, workspace, wanted, ascending=False, after_seq=None, limit=0)
        if not page.total_is_exact or page.total > _FEW_EVENTS:
            return None
        return self._events.find(reader, workspace, wanted, ascending=False, after_seq=None, limit=_FEW_EVENTS).entries

    def sessions_of(self, reader: LogReader, workspace: Workspace, entries: Iterable[LogEntry]) -> set[SessionRow]:
        """The sessions that these events belong to, each once."""
        rows: set[SessionRow] = set()
        known: set[str] = set()
        for entry in entries:
            record = decode_record(entry.record)
            if record.session_id is not None:
                if record.session_id in known:
                    continue
                known.add(record.session_id)
                found = reader.session_row(workspace, record.session_id)
            else:
                found = self._inferred_around(reader, workspace, record.actor.id or "", entry.seq)
            if found is not None:
                rows.add((found[0], found[1], bytes(found[2])))
        return rows

    def _inferred_around(self, reader: LogReader, workspace: Workspace, actor_id: str, seq: int) -> SessionRow | None:
        for row in reader.inferred_rows(workspace, actor_id):
            session = decode_summary(row[2])
            if session.first_seq <= seq <= session.last_seq:
                return row
        return None

    def _walk(
        self,
        reader: LogReader,
        workspace: Workspace,
        wanted: SessionFilter,
        in_events: EventFilter,
        after: SessionPosition | None,
        limit: int,
    ) -> SessionPage:
        """Many events match: try sessions in order until the page is full. The total is then only a lower bound."""
        terms, prefix = terms_wanted(in_events)
        matching = self._events.places(reader, workspace, in_events) if terms or prefix is not None else None
        is_read = matching is None or in_events.search is not None
        page: list[SessionRow] = []
        for row in reader.session_rows(workspace, wanted, after):
            session = decode_summary(row[2])
            if matching is not None and not _meet(matching, self.places(reader, workspace, session)):
                continue
            if is_read and not self._holds_one(reader, workspace, session, in_events):
                continue
            page.append(row)
            if len(page) > limit:
                break
        return _session_page(page, limit, len(page), exact=after is None and len(page) <= limit)

    def _holds_one(
        self, reader: LogReader, workspace: Workspace, session: SessionSummary, in_events: EventFilter
    ) -> bool:
        own = within(session, in_events)
        return bool(self._events.find(reader, workspace, own, ascending=True, after_seq=None, limit=1).entries)


def _in_events(wanted: SessionFilter) -> EventFilter | None:
    """What an event of the session must meet; None where the session's own columns answer it all."""
    action = None if wanted.action == "*" else wanted.action
    if wanted.resource_id is None and action is None and wanted.search is None:
        return None
    return EventFilter(actor_id=wanted.actor_id, resource_id=wanted.resource_id, action=action, search=wanted.search)


def within(session: SessionSummary, wanted: EventFilter) -> EventFilter:
    """The same conditions, on one session's events. An inferred session is a run of its actor's events."""
    if session.inferred:
        run = (next(iter(session.actors)), session.first_seq, session.last_seq)
        return msgspec.structs.replace(wanted, session_id=None, run=run)
    return msgspec.structs.replace(wanted, session_id=session.session_id)


def _passes(session: SessionSummary, wanted: SessionFilter) -> bool:
    return (
        (wanted.tenant_id is None or session.tenant_id == wanted.tenant_id)
        and (wanted.inferred is None or session.inferred == wanted.inferred)
        and (wanted.started_from is None or session.sorted_at >= wanted.started_from)
        and (wanted.started_to is None or session.sorted_at <= wanted.started_to)
    )


def _parts(wanted: SessionFilter, span: tuple[int, int], parts: int) -> tuple[int, int]:
    """Where the first part begins, and how long each is."""
    first, last = _ends(wanted, span)
    return first, max(1, -(-(last - first + 1) // parts))


def _ends(wanted: SessionFilter, span: tuple[int, int]) -> tuple[int, int]:
    first = span[0] if wanted.started_from is None else wanted.started_from
    return first, span[1] if wanted.started_to is None else max(wanted.started_to, first)


def _counts(
    first: int,
    width: int,
    counted: Iterable[tuple[int, int]],
    counted_from: int | None,
    wanted: SessionFilter,
    span: tuple[int, int],
) -> CountsOverTime:
    counts = [0] * ((_ends(wanted, span)[1] - first) // width + 1)
    for part, count in counted:
        counts[part] = count
    return CountsOverTime(first, width, counts, counted_from)


def _meet(one: Places, other: Places) -> bool:
    return any(bitmap.intersect(one.get(epoch, BitMap())) for epoch, bitmap in other.items())


def _session_page(rows: list[SessionRow], limit: int, total: int, *, exact: bool) -> SessionPage:
    position = SessionPosition(rows[limit - 1][0], rows[limit - 1][1]) if len(rows) > limit else None
    return SessionPage([decode_summary(row[2]) for row in rows[:limit]], position, total, exact)
