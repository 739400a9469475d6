"""Folds the whole log into sessions once more, and holds the stored summaries and what finds them against the result.

Only the sessions that are under way at a place of the log are in memory: one is compared and dropped where its stored
summary says that it ends.
"""

import msgspec

from immutable import clock
from immutable.integrity.record import decode_details, decode_record
from immutable.integrity.verify import Break
from immutable.model.event import EventDraft, LogEntry, Target
from immutable.model.session import SessionSummary
from immutable.model.workspace import Workspace
from immutable.sessions.fold import OpenSessions, SessionState, fold
from immutable.store.find_sessions import decode_summary
from immutable.store.reader import VerificationReader


class _UnderWay(msgspec.Struct):
    """A session that may go on: as folded so far, as stored, all its actors, and its last event's id."""

    state: SessionState
    stored: SessionSummary | None
    actors: set[str]
    event_id: str = ""


class SessionCheck:
    """Checks the sessions of one workspace; feed it every entry in order, then `finish`."""

    def __init__(self, reader: VerificationReader, workspace: Workspace, silence: int) -> None:
        self._reader = reader
        self._workspace = workspace
        self._silence = silence
        self._open = OpenSessions({}, {})
        self._under_way: dict[tuple[str, bool], _UnderWay] = {}
        self._last_seq = 0
        self._sessions = self._actors = self._resources = 0
        self.breaks: list[Break] = []

    def step(self, entry: LogEntry) -> None:
        """Fold one entry."""
        self._last_seq = entry.seq
        try:
            occurrence = occurrence_of(entry)
        except (msgspec.MsgspecError, UnicodeDecodeError, ValueError):
            return  # reported as a hash_mismatch by the walk over the chain
        (state,) = fold([occurrence], self._open, self._silence)
        summary = state.summary
        key = (summary.session_id, summary.inferred)
        session = self._under_way.get(key)
        if session is None:
            session = self._under_way[key] = _UnderWay(state, self._load(*key), set())
        session.event_id = occurrence.id
        summary.resources_count += len(state.new_resources)
        state.new_resources.clear()
        session.actors.update(state.new_actors)
        state.new_actors.clear()
        if session.stored is not None and session.stored.last_seq == entry.seq:
            self._compare(session)

    def finish(self) -> list[Break]:
        """Compare what is still open, and look for rows that no event supports."""
        for session in list(self._under_way.values()):
            self._compare(session)
        if not self.breaks:
            self._check_strays()
        if not self.breaks:
            self._check_latest_inferred()
        if not self.breaks:
            self._check_lists()
        return self.breaks

    def _compare(self, session: _UnderWay) -> None:
        summary, stored = session.state.summary, session.stored
        self._sessions += 1
        self._actors += len(session.actors)
        self._resources += len(session.state.resources)
        name = repr(summary.session_id)
        if stored is None:
            self._report(session.event_id, summary.last_seq, f"Session {name} is not stored.")
        elif stored.last_seq > self._last_seq:
            text = f"Session {name} goes on to event {stored.last_seq}, but the log ends at {self._last_seq}."
            self._report(None, stored.last_seq, text)
        elif stored != summary:
            text = f"The summary of session {name} is not what its events tell."
            self._report(session.event_id, summary.last_seq, text)
        elif not self._rows_agree(session):
            self._report(session.event_id, summary.last_seq, f"The rows that find session {name} are wrong.")
        del self._under_way[summary.session_id, summary.inferred]
        if not summary.inferred:
            del self._open.by_id[summary.session_id]

    def _rows_agree(self, session: _UnderWay) -> bool:
        """Whether the columns beside the summary, and the rows for each actor and resource, are there."""
        summary = session.state.summary
        row = self._reader.stored_session(self._workspace, summary.session_id, inferred=summary.inferred)
        if row is None or row[1:3] != (summary.tenant_id, summary.sorted_at):
            return False
        if self._reader.session_resources(self._workspace, row[0]) != session.state.resources:
            return False
        return all(
            self._reader.has_session_actor(self._workspace, actor_id, summary.sorted_at, row[0])
            for actor_id in session.actors
        )

    def _check_strays(self) -> None:
        """Every row that should be there was found, so where there are more, some were made up."""
        kinds = ("sessions", "actors in sessions", "resources in sessions")
        counts = self._reader.session_counts(self._workspace)
        for what, stored, right in zip(kinds, counts, (self._sessions, self._actors, self._resources), strict=True):
            if stored == right:
                continue
            text = f"There are {stored} stored {what}, but the log tells of {right}."
            cut_off = self._cut_off_session()
            if cut_off:
                text += f" One session begins at event {cut_off}, but the log ends at {self._last_seq}."
            self._report(None, cut_off, text)
            return

    def _cut_off_session(self) -> int:
        """Where a stored session begins that lies wholly behind the log's end; 0 where there is none."""
        texts = self._reader.summaries(self._workspace)
        readable = (summary for text in texts if (summary := _readable(text)) is not None)
        return min((one.first_seq for one in readable if one.first_seq > self._last_seq), default=0)

    def _check_latest_inferred(self) -> None:
        stored = self._reader.latest_inferred(self._workspace)
        for actor_id, state in self._open.inferred.items():
            if stored.pop(actor_id, None) != state.summary.session_id:
                text = f"The latest inferred session of actor {actor_id!r} is stored as another."
                self._report(None, state.summary.last_seq, text)
        for actor_id in stored:
            self._report(None, 0, f"An inferred session is stored for actor {actor_id!r}, who has none.")

    def _check_lists(self) -> None:
        """The indexes that lists of sessions are read from must hold each row as it is."""
        trouble = self._reader.list_trouble()
        if trouble is not None:
            self._report(None, 0, f"The indexes that list sessions are damaged: {trouble}.")

    def _load(self, session_id: str, inferred: bool) -> SessionSummary | None:
        row = self._reader.stored_session(self._workspace, session_id, inferred=inferred)
        return None if row is None else _readable(row[3])

    def _report(self, event_id: str | None, sequence: int, message: str) -> None:
        self.breaks.append(
            Break(event_id=event_id, sequence=sequence, type="index_mismatch", kind="index", message=message)
        )


def _readable(summary: bytes) -> SessionSummary | None:
    try:
        return decode_summary(summary)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


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
