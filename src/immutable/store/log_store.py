"""What an engine promises about the log: append and read. An update or a delete cannot be expressed here, on purpose.

Every method takes the workspace first. Implementations: `store/sqlite/`, `store/postgres/`. Engines are synchronous; one
thread appends, or several for different workspaces (`log/appender.py`), any thread reads. Methods raise Overloaded where
the engine cannot answer now (disk full, I/O error): nothing was stored then, and the same call may be made again.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from immutable.integrity.chain import Placed
from immutable.model.event import EventDraft, Head, LogEntry
from immutable.model.filters import EVERY_EVENT, EventFilter, EventPage, SessionFilter, SessionPage, SessionPosition
from immutable.model.found import CountsOverTime, Found, KnownActions
from immutable.model.producer import ProducerRun
from immutable.model.session import SessionSummary
from immutable.model.workspace import Workspace
from immutable.sessions.fold import OpenSessions, SessionState
from immutable.store.anchor_store import AnchorStore
from immutable.store.catalog import Catalog
from immutable.store.proof_store import ProofStore
from immutable.store.reader import VerificationReader

APPENDS_AT_ONCE = 8
"""Transactions that a process has under way at most, where each is of one workspace (`LogStore.appends_apart`)."""


class AppendTransaction(Protocol):
    """The bulk verbs of one append; each takes the whole batch. Nothing is durable until the transaction commits."""

    def lock_heads(self, workspaces: Sequence[Workspace]) -> None:
        """Say whose heads this transaction will lock, so that an engine can do it at once; by number, ascending."""

    def read_ahead(self, batches: Sequence[tuple[Workspace, Sequence[EventDraft]]]) -> None:
        """Say what will be appended to the workspaces whose heads were locked, so that an engine can look for all at once."""

    def lock_head(self, workspace: Workspace) -> Head:
        """The end of the chain, locked until the commit."""

    def seen(self, workspace: Workspace, keys: Sequence[str]) -> dict[str, LogEntry]:
        """The entries that already carry these idempotency keys, by key."""

    def insert(self, workspace: Workspace, placed: Sequence[Placed]) -> None:
        """Store the entries and their idempotency keys."""

    def open_sessions(self, workspace: Workspace, session_ids: Iterable[str], actor_ids: Iterable[str]) -> OpenSessions:
        """The named sessions, and the latest inferred session of each actor."""

    def touch_sessions(self, workspace: Workspace, states: Sequence[SessionState]) -> None:
        """Store the summaries, and index new sessions, actors and resources."""

    def move_head(self, workspace: Workspace, head: Head) -> None:
        """Make `head` the end of the chain."""


class LogStore(Protocol):
    """Append and read, per workspace."""

    url: str
    """Where another process opens the same store."""
    text_lag: int
    """Events that the text index did not hold at the last `follow`."""

    @property
    def appends_apart(self) -> bool:
        """Whether each workspace is to have a transaction of its own, several at once: they may be on different machines."""

    @property
    def catalog(self) -> Catalog:
        """The workspaces and keys."""

    @property
    def proofs(self) -> ProofStore:
        """The trees over the logs, and their checkpoints."""

    @property
    def anchors(self) -> AnchorStore:
        """The checkpoints that were dated outside our control."""

    def reader(self) -> VerificationReader:
        """Reads for this thread, each as of now."""

    def snapshot(self) -> AbstractContextManager[VerificationReader]:
        """Reads for this thread that all see the log at the same moment."""

    def lock_for_appending(self) -> None:
        """Become an appending process. Raises StartError where the engine takes one only, and another is."""

    def append(self) -> AbstractContextManager[AppendTransaction]:
        """One transaction: commits durably when the block ends, and leaves no trace where it raises."""

    def head(self, workspace: Workspace) -> Head:
        """The end of the chain."""

    def entries(self, workspace: Workspace, first_seq: int, last_seq: int) -> Iterator[LogEntry]:
        """The entries of a range, both ends included, in order."""

    def entry(self, workspace: Workspace, event_id: str) -> LogEntry | None:
        """One entry by its event's id."""

    def seq_range(self, workspace: Workspace, wanted: EventFilter) -> tuple[int, int]:
        """First and last place of a span of time."""

    def find(
        self, workspace: Workspace, wanted: EventFilter, *, ascending: bool, after_seq: int | None, limit: int
    ) -> EventPage:
        """A page of matching entries in the order of the log or against it, from after `after_seq`."""

    def matching(self, workspace: Workspace, wanted: EventFilter, *, after_seq: int = 0) -> Iterator[int]:
        """All places that meet the conditions (no text among them), in order, from after `after_seq`."""

    def producer_runs(self, workspace: Workspace) -> list[ProducerRun]:
        """What came of each run of a producer that is kept, as far as it was followed."""

    def places(self, workspace: Workspace, seqs: Iterable[int]) -> Iterator[LogEntry]:
        """The entries at these places, in the order given."""

    def session(self, workspace: Workspace, session_id: str) -> SessionSummary | None:
        """One session's summary; `session_id` is the client's, or that of an inferred session."""

    def session_entries(
        self,
        workspace: Workspace,
        session: SessionSummary,
        *,
        after_seq: int | None,
        limit: int,
        wanted: EventFilter = EVERY_EVENT,
    ) -> EventPage:
        """A page of a session's entries in the order of the log, of those that meet `wanted` (which asks no text and no time)."""

    def sessions_at(self, workspace: Workspace, seqs: Sequence[int]) -> list[tuple[int, SessionSummary]]:
        """The sessions that the events at these places belong to, with their numbers."""

    def whole_session(self, workspace: Workspace, session: SessionSummary) -> Iterator[LogEntry]:
        """All of a session's entries in the order of the log, read as far as the caller asks."""

    def find_sessions(
        self, workspace: Workspace, wanted: SessionFilter, *, after: SessionPosition | None, limit: int
    ) -> SessionPage:
        """A page of matching sessions, newest first."""

    def look_for(self, workspace: Workspace, phrases: Sequence[str], *, limit: int) -> Found:
        """Actors, sessions and resources that the phrases may mean, at most `limit` of each."""

    def known_actions(self, workspace: Workspace, *, most: int) -> KnownActions:
        """The actions of the newest events, at most so many, each with how often it came."""

    def count_over_time(self, workspace: Workspace, wanted: EventFilter, *, parts: int) -> CountsOverTime | None:
        """How many events meet `wanted` in each of at most `parts` parts of its span; None where there are no events."""

    def count_sessions_over_time(
        self, workspace: Workspace, wanted: SessionFilter, *, parts: int
    ) -> CountsOverTime | None:
        """How many of the sessions began in each of at most `parts` parts of their span; None where there are none."""

    def follow(self) -> bool:
        """Bring what is built behind the log (lookup and text indexes) a step closer; False when all is done."""

    def close(self) -> None:
        """End what holds other processes back, and let go of connections."""
