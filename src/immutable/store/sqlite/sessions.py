"""Reading sessions: one summary, a session's entries, and lists by what happened in them."""

from collections.abc import Iterator
from itertools import islice

import apsw
import msgspec
from pyroaring import BitMap

from immutable.integrity.record import decode_record
from immutable.model.event import LogEntry
from immutable.model.filters import EventFilter, EventPage, SessionFilter, SessionPage, SessionPosition
from immutable.model.session import SessionSummary
from immutable.model.workspace import Workspace
from immutable.store.sqlite import lookup
from immutable.store.sqlite.append import decode_summary
from immutable.store.sqlite.codec import Codec
from immutable.store.sqlite.entries import read_places
from immutable.store.sqlite.find import EventFinder
from immutable.store.sqlite.lookup import LookupIndex, Places
from immutable.store.sqlite.terms import terms_wanted

COUNT_LIMIT = 10_000
"""Sessions are counted up to this many; a larger result answers this number and says that it is not exact."""

_FEW_EVENTS = 5_000
"""With so few matching events, their sessions are gathered from them; otherwise sessions are tried one by one."""

_Row = tuple[int, int, bytes]
"""(sorted_at, id, summary)"""


class SessionFinder:
    """Finds sessions for one database."""

    def __init__(self, codec: Codec, index: LookupIndex, events: EventFinder) -> None:
        self._codec = codec
        self._index = index
        self._events = events

    def session(self, reader: apsw.Connection, workspace: Workspace, session_id: str) -> SessionSummary | None:
        """One summary; where a client's id looks like an inferred one, the client's session comes first."""
        row = reader.execute(
            "SELECT summary FROM sessions WHERE workspace_number=? AND session_id=? ORDER BY inferred LIMIT 1",
            (workspace.number, session_id),
        ).fetchone()
        return None if row is None else decode_summary(row[0])

    def places(self, workspace: Workspace, session: SessionSummary) -> Places:
        """Where the session's events lie."""
        terms, _ = terms_wanted(within(session, EventFilter()))
        return self._index.places(workspace, terms, None, session.first_seq, session.last_seq)

    def entries(
        self,
        reader: apsw.Connection,
        workspace: Workspace,
        session: SessionSummary,
        *,
        after_seq: int | None,
        limit: int,
    ) -> EventPage:
        """A page of the session's entries in the order of the log."""
        places = self.places(workspace, session)
        seqs = list(islice(lookup.walk(places, ascending=True, after_seq=after_seq), limit + 1))
        entries = list(read_places(reader, self._codec, workspace, seqs[:limit]))
        return EventPage(entries, has_more=len(seqs) > limit, total=lookup.count(places))

    def find(
        self,
        reader: apsw.Connection,
        workspace: Workspace,
        wanted: SessionFilter,
        *,
        after: SessionPosition | None,
        limit: int,
    ) -> SessionPage:
        """A page of matching sessions, newest first."""
        if wanted.action == "*":
            wanted = msgspec.structs.replace(wanted, action=None)
        if wanted.resource_id is None and wanted.action is None and wanted.search is None:
            return self._page(reader, workspace, wanted, after, limit)
        in_events = EventFilter(
            actor_id=wanted.actor_id, resource_id=wanted.resource_id, action=wanted.action, search=wanted.search
        )
        few = self._few_events(reader, workspace, in_events)
        if few is not None:
            rows = self._sessions_of(reader, workspace, few)
            matching = sorted((row for row in rows if _passes(decode_summary(row[2]), wanted)), reverse=True)
            total = len(matching)
            if after is not None:
                matching = [row for row in matching if row[:2] < (after.started_at, after.number)]
            return _session_page(matching[: limit + 1], limit, total, exact=True)
        return self._walk(reader, workspace, wanted, in_events, after, limit)

    def _page(
        self,
        reader: apsw.Connection,
        workspace: Workspace,
        wanted: SessionFilter,
        after: SessionPosition | None,
        limit: int,
    ) -> SessionPage:
        rows = list(islice(_rows(reader, workspace, wanted, after), limit + 1))
        total = sum(1 for _ in islice(_rows(reader, workspace, wanted, None, columns="1"), COUNT_LIMIT + 1))
        return _session_page(rows, limit, min(total, COUNT_LIMIT), exact=total <= COUNT_LIMIT)

    def _few_events(self, reader: apsw.Connection, workspace: Workspace, wanted: EventFilter) -> list[LogEntry] | None:
        """The matching events where they are few."""
        page = self._events.find(reader, workspace, wanted, ascending=False, after_seq=None, limit=0)
        if not page.total_is_exact or page.total > _FEW_EVENTS:
            return None
        return self._events.find(reader, workspace, wanted, ascending=False, after_seq=None, limit=_FEW_EVENTS).entries

    def _sessions_of(self, reader: apsw.Connection, workspace: Workspace, entries: list[LogEntry]) -> set[_Row]:
        rows: set[_Row] = set()
        known: set[str] = set()
        for entry in entries:
            record = decode_record(entry.record)
            if record.session_id is not None:
                if record.session_id in known:
                    continue
                known.add(record.session_id)
                found = reader.execute(
                    "SELECT sorted_at, id, summary FROM sessions WHERE workspace_number=? AND session_id=? AND inferred=0",
                    (workspace.number, record.session_id),
                ).fetchone()
            else:
                found = self._inferred_around(reader, workspace, record.actor.id or "", entry.seq)
            if found is not None:
                rows.add((found[0], found[1], bytes(found[2])))
        return rows

    def _inferred_around(
        self, reader: apsw.Connection, workspace: Workspace, actor_id: str, seq: int
    ) -> tuple[int, int, bytes] | None:
        rows = reader.execute(
            "SELECT s.sorted_at, s.id, s.summary FROM session_actors a JOIN sessions s ON s.id = a.session "
            "WHERE a.workspace_number=? AND a.actor_id=? AND s.inferred=1",
            (workspace.number, actor_id),
        )
        for sorted_at, number, summary in rows:
            session = decode_summary(summary)
            if session.first_seq <= seq <= session.last_seq:
                return sorted_at, number, summary
        return None

    def _walk(
        self,
        reader: apsw.Connection,
        workspace: Workspace,
        wanted: SessionFilter,
        in_events: EventFilter,
        after: SessionPosition | None,
        limit: int,
    ) -> SessionPage:
        """Many events match: try sessions in order until the page is full. The total is then only a lower bound."""
        matching = None
        if in_events.actor_id or in_events.resource_id or in_events.action:
            matching = self._events.places(reader, workspace, in_events)
        page: list[_Row] = []
        for row in _rows(reader, workspace, wanted, after):
            session = decode_summary(row[2])
            if matching is not None and not _meet(matching, self.places(workspace, session)):
                continue
            if in_events.search is not None and not self._holds_text(reader, workspace, session, in_events):
                continue
            page.append(row)
            if len(page) > limit:
                break
        return _session_page(page, limit, len(page), exact=after is None and len(page) <= limit)

    def _holds_text(
        self, reader: apsw.Connection, workspace: Workspace, session: SessionSummary, in_events: EventFilter
    ) -> bool:
        own = within(session, in_events)
        return bool(self._events.find(reader, workspace, own, ascending=True, after_seq=None, limit=1).entries)


def within(session: SessionSummary, wanted: EventFilter) -> EventFilter:
    """The same conditions, on one session's events. An inferred session is a run of its actor's events."""
    if session.inferred:
        run = (next(iter(session.actors)), session.first_seq, session.last_seq)
        return msgspec.structs.replace(wanted, session_id=None, run=run)
    return msgspec.structs.replace(wanted, session_id=session.session_id)


def _rows(
    reader: apsw.Connection,
    workspace: Workspace,
    wanted: SessionFilter,
    after: SessionPosition | None,
    columns: str = "s.sorted_at, s.id, s.summary",
) -> Iterator[_Row]:
    """Sessions newest first, by the conditions that lie in their own columns."""
    conditions: list[tuple[str, object]] = []
    if wanted.actor_id is not None:
        source, key, number = "session_actors a JOIN sessions s ON s.id = a.session", "a", "a.session"
        conditions += [("a.workspace_number = ?", workspace.number), ("a.actor_id = ?", wanted.actor_id)]
    else:
        index = "sessions_by_time" if wanted.tenant_id is None else "sessions_by_tenant"
        source, key, number = f"sessions s INDEXED BY {index}", "s", "s.id"
        conditions.append(("s.workspace_number = ?", workspace.number))
    if wanted.started_from is not None:
        conditions.append((f"{key}.sorted_at >= ?", wanted.started_from))
    if wanted.started_to is not None:
        conditions.append((f"{key}.sorted_at <= ?", wanted.started_to))
    if wanted.tenant_id is not None:
        conditions.append(("s.tenant_id = ?", wanted.tenant_id))
    if wanted.inferred is not None:
        conditions.append(("s.inferred = ?", wanted.inferred))
    where = " AND ".join(sql for sql, _ in conditions)
    values = [value for _, value in conditions]
    if after is not None:
        where += f" AND ({key}.sorted_at, {number}) < (?, ?)"
        values += [after.started_at, after.number]
    sql = f"SELECT {columns} FROM {source} WHERE {where} ORDER BY {key}.sorted_at DESC, {number} DESC"
    return iter(reader.execute(sql, tuple(values)))


def _passes(session: SessionSummary, wanted: SessionFilter) -> bool:
    return (
        (wanted.tenant_id is None or session.tenant_id == wanted.tenant_id)
        and (wanted.inferred is None or session.inferred == wanted.inferred)
        and (wanted.started_from is None or session.sorted_at >= wanted.started_from)
        and (wanted.started_to is None or session.sorted_at <= wanted.started_to)
    )


def _meet(one: Places, other: Places) -> bool:
    return any(bitmap.intersect(one.get(epoch, BitMap())) for epoch, bitmap in other.items())


def _session_page(rows: list[_Row], limit: int, total: int, *, exact: bool) -> SessionPage:
    position = SessionPosition(rows[limit - 1][0], rows[limit - 1][1]) if len(rows) > limit else None
    return SessionPage([decode_summary(row[2]) for row in rows[:limit]], position, total, exact)
