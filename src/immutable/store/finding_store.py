"""What every engine's store answers alike: the reading methods of LogStore, made of its reader's verbs."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence

from immutable.model.event import Head, LogEntry
from immutable.model.filters import EVERY_EVENT, EventFilter, EventPage, SessionFilter, SessionPage, SessionPosition
from immutable.model.found import CountsOverTime, Found, KnownActions
from immutable.model.producer import ProducerRun
from immutable.model.session import SessionSummary
from immutable.model.workspace import Workspace
from immutable.store.count_over_time import count_over_time
from immutable.store.find import EventFinder, find_by_id
from immutable.store.find_actions import known_actions
from immutable.store.find_anything import AnythingFinder
from immutable.store.find_sessions import SessionFinder, decode_summary, within
from immutable.store.lookup import LookupIndex
from immutable.store.reader import VerificationReader

_PIECE = 1_000


class FindingStore(ABC):
    """Finds events and sessions with an engine's reader."""

    def __init__(self) -> None:
        self.index = LookupIndex()
        self._events = EventFinder(self.index)
        self._sessions = SessionFinder(self.index, self._events)
        self._anything = AnythingFinder(self.index, self._events, self._sessions)

    @abstractmethod
    def reader(self) -> VerificationReader:
        """Reads for this thread, each as of now."""

    def head(self, workspace: Workspace) -> Head:
        """The end of the chain."""
        return self.reader().head(workspace)

    def entries(self, workspace: Workspace, first_seq: int, last_seq: int) -> Iterator[LogEntry]:
        """The entries of a range, both ends included, in order."""
        return self.reader().range(workspace, first_seq, last_seq)

    def entry(self, workspace: Workspace, event_id: str) -> LogEntry | None:
        """One entry by its event's id."""
        return find_by_id(self.reader(), workspace, event_id)

    def seq_range(self, workspace: Workspace, wanted: EventFilter) -> tuple[int, int]:
        """First and last place of a span of time."""
        return self._events.seq_range(self.reader(), workspace, wanted)

    def find(
        self, workspace: Workspace, wanted: EventFilter, *, ascending: bool, after_seq: int | None, limit: int
    ) -> EventPage:
        """A page of matching entries."""
        reader = self.reader()
        wanted = self._within(reader, workspace, wanted)
        return self._events.find(reader, workspace, wanted, ascending=ascending, after_seq=after_seq, limit=limit)

    def matching(self, workspace: Workspace, wanted: EventFilter, *, after_seq: int = 0) -> Iterator[int]:
        """All places that meet the conditions (no text among them), in order, from after `after_seq`."""
        reader = self.reader()
        wanted = self._within(reader, workspace, wanted)
        return self._events.matching(reader, workspace, wanted, after_seq=after_seq)

    def producer_runs(self, workspace: Workspace) -> list[ProducerRun]:
        """What came of each run of a producer that is kept, as far as it was followed."""
        return self.reader().producer_runs(workspace)

    def places(self, workspace: Workspace, seqs: Iterable[int]) -> Iterator[LogEntry]:
        """The entries at these places."""
        return self.reader().places(workspace, seqs)

    def sessions_at(self, workspace: Workspace, seqs: Sequence[int]) -> list[tuple[int, SessionSummary]]:
        """The sessions that the events at these places belong to, with their numbers."""
        reader = self.reader()
        rows = self._sessions.sessions_of(reader, workspace, reader.places(workspace, seqs))
        return [(number, decode_summary(summary)) for _, number, summary in sorted(rows)]

    def session(self, workspace: Workspace, session_id: str) -> SessionSummary | None:
        """One session's summary."""
        return self._sessions.session(self.reader(), workspace, session_id)

    def session_entries(
        self,
        workspace: Workspace,
        session: SessionSummary,
        *,
        after_seq: int | None,
        limit: int,
        wanted: EventFilter = EVERY_EVENT,
    ) -> EventPage:
        """A page of a session's entries in the order of the log."""
        return self._sessions.entries(
            self.reader(), workspace, session, wanted=wanted, after_seq=after_seq, limit=limit
        )

    def whole_session(self, workspace: Workspace, session: SessionSummary) -> Iterator[LogEntry]:
        """All of a session's entries in the order of the log, read as far as the caller asks."""
        after: int | None = None
        while True:
            page = self.session_entries(workspace, session, after_seq=after, limit=_PIECE)
            yield from page.entries
            if not page.has_more:
                return
            after = page.entries[-1].seq

    def find_sessions(
        self, workspace: Workspace, wanted: SessionFilter, *, after: SessionPosition | None, limit: int
    ) -> SessionPage:
        """A page of matching sessions, newest first."""
        return self._sessions.find(self.reader(), workspace, wanted, after=after, limit=limit)

    def look_for(self, workspace: Workspace, phrases: Sequence[str], *, limit: int) -> Found:
        """Actors, sessions and resources that the phrases may mean, at most `limit` of each."""
        return self._anything.look_for(self.reader(), workspace, phrases, limit)

    def known_actions(self, workspace: Workspace, *, most: int) -> KnownActions:
        """The actions of the newest events, at most so many, each with how often it came."""
        return known_actions(self.index, self.reader(), workspace, most)

    def count_over_time(self, workspace: Workspace, wanted: EventFilter, *, parts: int) -> CountsOverTime | None:
        """How many events meet `wanted` in each of at most `parts` parts of its span; None where there are no events."""
        reader = self.reader()
        return count_over_time(self._events, reader, workspace, self._within(reader, workspace, wanted), parts)

    def count_sessions_over_time(
        self, workspace: Workspace, wanted: SessionFilter, *, parts: int
    ) -> CountsOverTime | None:
        """How many of the sessions began in each of at most `parts` parts of their span; None where there are none."""
        return self._sessions.count_over_time(self.reader(), workspace, wanted, parts)

    def _within(self, reader: VerificationReader, workspace: Workspace, wanted: EventFilter) -> EventFilter:
        """The same conditions, where a session's id may be that of an inferred one."""
        if wanted.session_id is None:
            return wanted
        session = self._sessions.session(reader, workspace, wanted.session_id)
        return wanted if session is None else within(session, wanted)
