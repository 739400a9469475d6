"""Folds the whole log into sessions once more and holds the stored summaries against the result.

Only the sessions that are under way at a place of the log are in memory: one is compared and dropped where its stored
summary says that it ends.
"""

import apsw
import msgspec

from immutable import clock
from immutable.integrity.record import decode_details, decode_record
from immutable.integrity.verify import Break
from immutable.model.event import EventDraft, LogEntry, Target
from immutable.model.session import SessionSummary
from immutable.model.workspace import Workspace
from immutable.sessions.fold import OpenSessions, SessionState, fold
from immutable.store.sqlite.append import decode_summary
from immutable.store.sqlite.connection import one


class SessionCheck:
    """Checks the sessions of one workspace; feed it every entry in order, then `finish`."""

    def __init__(self, reader: apsw.Connection, workspace: Workspace, silence: int) -> None:
        self._reader = reader
        self._workspace = workspace
        self._silence = silence
        self._open = OpenSessions({}, {})
        self._stored: dict[tuple[str, bool], SessionSummary | None] = {}
        self._ended: set[str] = set()
        self._compared = 0
        self.breaks: list[Break] = []

    def step(self, entry: LogEntry) -> None:
        """Fold one entry."""
        try:
            occurrence = occurrence_of(entry)
        except (msgspec.MsgspecError, UnicodeDecodeError, ValueError):
            return  # reported as a hash_mismatch by the walk over the chain
        (state,) = fold([occurrence], self._open, self._silence)
        summary = state.summary
        summary.resources_count += len(state.new_resources)
        state.new_resources.clear()
        state.new_actors.clear()
        key = (summary.session_id, summary.inferred)
        if key not in self._stored:
            self._stored[key] = self._load(*key)
        stored = self._stored[key]
        if stored is None or stored.last_seq == entry.seq:
            self._compare(state, occurrence.id, stored)

    def finish(self) -> list[Break]:
        """Compare what is still open, and look for summaries that no event supports."""
        for state in [*self._open.by_id.values(), *self._open.inferred.values()]:
            key = (state.summary.session_id, state.summary.inferred)
            if key in self._stored:
                self._compare(state, None, self._stored[key])
        stored = one(self._reader, "SELECT count(*) FROM sessions WHERE workspace_number=?", (self._workspace.number,))
        if not self.breaks and stored != self._compared:
            self._report(None, 0, f"There are {stored} stored sessions, but the log tells of {self._compared}.")
        return self.breaks

    def _compare(self, state: SessionState, event_id: str | None, stored: SessionSummary | None) -> None:
        summary = state.summary
        self._compared += 1
        if stored is None:
            self._report(event_id, summary.last_seq, f"Session {summary.session_id!r} is not stored.")
        elif stored != summary:
            self._report(
                event_id,
                summary.last_seq,
                f"The summary of session {summary.session_id!r} is not what its events tell.",
            )
        elif not self._columns_agree(summary):
            self._report(event_id, summary.last_seq, f"The columns that find session {summary.session_id!r} are wrong.")
        del self._stored[summary.session_id, summary.inferred]
        if not summary.inferred:
            del self._open.by_id[summary.session_id]

    def _columns_agree(self, summary: SessionSummary) -> bool:
        row = self._reader.execute(
            "SELECT id, tenant_id, sorted_at FROM sessions WHERE workspace_number=? AND session_id=? AND inferred=?",
            (self._workspace.number, summary.session_id, summary.inferred),
        ).fetchone()
        if row is None or row[1:] != (summary.tenant_id, summary.sorted_at):
            return False
        return all(
            one(
                self._reader,
                "SELECT 1 FROM session_actors WHERE workspace_number=? AND actor_id=? AND sorted_at=? AND session=?",
                (self._workspace.number, actor_id, summary.sorted_at, row[0]),
            )
            for actor_id in summary.actors
        )

    def _load(self, session_id: str, inferred: bool) -> SessionSummary | None:
        summary = one(
            self._reader,
            "SELECT summary FROM sessions WHERE workspace_number=? AND session_id=? AND inferred=?",
            (self._workspace.number, session_id, inferred),
        )
        try:
            return None if summary is None else decode_summary(summary)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return None

    def _report(self, event_id: str | None, sequence: int, message: str) -> None:
        self.breaks.append(Break(event_id=event_id, sequence=sequence, type="index_mismatch", message=message))


class StoredOccurrence(msgspec.Struct, frozen=True, gc=False):
    """An Occurrence that was read back."""

    seq: int
    id: str
    occurred_at: int
    draft: EventDraft


def occurrence_of(entry: LogEntry) -> StoredOccurrence:
    """What the fold needs of a stored entry, from its hashed bytes."""
    record = decode_record(entry.record)
    details = None if entry.details is None else decode_details(entry.details)
    resource = record.resource
    return StoredOccurrence(
        entry.seq,
        record.id,
        clock.from_text(record.occurred_at),
        EventDraft(
            actor_id=record.actor.id or "",
            action=record.action,
            actor_name=None if details is None else details.actor_name,
            actor_type=record.actor.type,
            resource_type=None if resource is None else resource.type,
            resource_id=None if resource is None else resource.id,
            targets=tuple(Target(one.type or "", one.id) for one in record.targets),
            tenant_id=record.tenant_id,
            session_id=record.session_id,
            ip_country=record.ip_country,
            ip_city=None if details is None else details.ip_city,
            user_agent=None if details is None else details.user_agent,
        ),
    )
