"""What finding and verifying need to read of an engine: one reader per thread, each answer as of now.

The algorithms (`find.py`, `find_sessions.py`, `lookup.py`, `check*.py`) are written once against these verbs; an engine
answers each with a statement or two. Nothing here writes, but for the index, which is made from the log.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from immutable.model.event import Head, LogEntry
from immutable.model.filters import SessionFilter, SessionPosition
from immutable.model.producer import ProducerRun
from immutable.model.workspace import Workspace
from immutable.store.text_query import TextQuery

SessionRow = tuple[int, int, bytes]
"""(sorted_at, number, summary) of a session: the sort key first."""


class LogReader(Protocol):
    """Reads one engine's log, its indexes and its sessions. Not for several threads."""

    probes: int
    """How many places a search looks at together: asking costs as much as reading so many."""

    def head(self, workspace: Workspace) -> Head:
        """The end of the chain as last committed."""

    def heads(self) -> dict[int, int]:
        """The place at which each log ends, by the workspace's number; those without events are left out."""

    def pruned(self, workspace: Workspace) -> Head:
        """The last event that was pruned, after which the log begins; EMPTY_HEAD where none was."""

    def extent(self, workspace: Workspace) -> tuple[int, int]:
        """The first and the last place of the log; (1, 0) where it is empty."""

    def range(
        self, workspace: Workspace, first_seq: int, last_seq: int, *, descending: bool = False
    ) -> Iterator[LogEntry]:
        """The entries of a range, both ends included; read only as far as the caller asks."""

    def records(self, workspace: Workspace, first_seq: int, last_seq: int) -> Iterator[tuple[int, bytes]]:
        """Only places and record bytes of a range, for what is built from records."""

    def records_at(self, workspace: Workspace, seqs: Sequence[int]) -> dict[int, bytes]:
        """Only the record bytes at these few places; places that are empty are left out."""

    def places(self, workspace: Workspace, seqs: Iterable[int]) -> Iterator[LogEntry]:
        """The entries at these places, in the order given; places that are empty are left out."""

    def entry(self, workspace: Workspace, seq: int) -> LogEntry | None:
        """The entry at a place, or None."""

    def progress(self, workspace: Workspace) -> tuple[int, int] | None:
        """How many epochs are sealed, and through which event texts are indexed; None where nothing is."""

    def erasures_followed(self, workspace: Workspace) -> int:
        """Through which event the text index has followed the log's erasures."""

    def producers_followed(self, workspace: Workspace) -> tuple[int, int]:
        """Through which event producers' numbers are followed, and how many runs were forgotten; zeros at first."""

    def producer_runs(self, workspace: Workspace) -> list[ProducerRun]:
        """What came of each run of a producer that is kept."""

    def postings(
        self, workspace: Workspace, term: str, first_epoch: int, last_epoch: int
    ) -> Iterable[tuple[int, bytes]]:
        """(epoch, serialised places) of a term."""

    def postings_between(
        self, workspace: Workspace, low: str, after: str, first_epoch: int, last_epoch: int
    ) -> Iterable[tuple[int, bytes]]:
        """(epoch, serialised places) of all terms from `low` to before `after`, by code points."""

    def terms_between(
        self, workspace: Workspace, low: str, after: str, first_epoch: int, last_epoch: int, limit: int
    ) -> Iterable[str]:
        """The terms from `low` to before `after`, at most `limit` of each epoch, the newest epoch's first."""

    def text_candidates(
        self, workspace: Workspace, query: TextQuery, first_seq: int, last_seq: int, *, ascending: bool
    ) -> Iterator[int] | None:
        """The places that the text index proposes, in order; None where it is no help and reading is quicker."""

    def session(self, workspace: Workspace, session_id: str) -> bytes | None:
        """A summary; where a client's id looks like an inferred one, the client's session comes first."""

    def session_row(self, workspace: Workspace, session_id: str) -> SessionRow | None:
        """The client's session of this id."""

    def inferred_rows(self, workspace: Workspace, actor_id: str) -> Iterable[SessionRow]:
        """All inferred sessions of an actor."""

    def session_rows(
        self, workspace: Workspace, wanted: SessionFilter, after: SessionPosition | None
    ) -> Iterator[SessionRow]:
        """Sessions newest first, by the conditions that lie in columns of their own (actor, tenant, inferred, start)."""

    def session_span(self, workspace: Workspace, wanted: SessionFilter) -> tuple[int, int] | None:
        """`sorted_at` of the oldest and the newest of these sessions, by the conditions of `session_rows`."""

    def sessions_per_part(
        self, workspace: Workspace, wanted: SessionFilter, first: int, width: int, limit: int
    ) -> list[tuple[int, int, int]]:
        """(part, count, oldest `sorted_at`) of the newest `limit` of these; part n begins at `first` + n * `width`."""

    def count_sessions(self, workspace: Workspace, wanted: SessionFilter, limit: int) -> int:
        """How many there are of these, counted up to `limit`."""


class VerificationReader(LogReader, Protocol):
    """What verification reads besides: every row that could be wrong or made up."""

    damage: tuple[type[Exception], ...]
    """What reading raises where stored data was damaged so that it makes no sense to the engine."""

    def key_seqs(self, workspace: Workspace, keys: Sequence[str]) -> dict[str, int]:
        """Where these idempotency keys lead."""

    def count_keys(self, workspace: Workspace, first: int, last: int | None) -> int:
        """How many idempotency keys lead to `first` to `last`; None: from `first` on, and outside the log."""

    def keys(self, workspace: Workspace, first: int, last: int | None) -> Iterable[tuple[str, int]]:
        """These idempotency keys with the places they lead to."""

    def stray_entries(self, workspace: Workspace, head_seq: int) -> list[int]:
        """Some of the places outside the log at which entries lie."""

    def misplaced(self, workspace: Workspace, first_seq: int, last_seq: int) -> list[int]:
        """Some of the places of a range whose event or text lies where reads of that place do not look."""

    def first_entries(self) -> Iterable[tuple[int, int]]:
        """(workspace number, place) of the first entry under every workspace number."""

    def epoch_postings(self, workspace: Workspace, epoch: int) -> Iterable[tuple[str, bytes]]:
        """(term, serialised places) of a sealed epoch."""

    def stray_epoch(self, workspace: Workspace) -> int | None:
        """An epoch that has terms without being sealed."""

    def texts(self, workspace: Workspace, first: int) -> tuple[int, int, int | None]:
        """Through which event texts are indexed, how many of these there are from `first` on, and the first one beyond."""

    def text_seqs(self, workspace: Workspace, first: int) -> Iterable[int]:
        """The places from `first` on whose texts are indexed, in order."""

    def stored_session(
        self, workspace: Workspace, session_id: str, *, inferred: bool
    ) -> tuple[int, str | None, int, bytes] | None:
        """(number, tenant, sorted_at, summary) of a session."""

    def session_resources(self, workspace: Workspace, session: int) -> set[str]:
        """What finds a session by its resources."""

    def has_session_actor(self, workspace: Workspace, actor_id: str, sorted_at: int, session: int) -> bool:
        """Whether the row is there that finds a session by this actor."""

    def session_counts(self, workspace: Workspace) -> tuple[int, int, int]:
        """How many sessions, actors in sessions, and resources in sessions are stored."""

    def summaries(self, workspace: Workspace) -> Iterable[bytes]:
        """All summaries."""

    def latest_inferred(self, workspace: Workspace) -> dict[str, str | None]:
        """Actor to the id of the inferred session stored as the latest; None where it leads nowhere."""

    def list_trouble(self) -> str | None:
        """What is wrong with the engine's own indexes over sessions, where it can tell."""


class IndexWriter(Protocol):
    """Writes what is made from the log."""

    def write_epoch(self, workspace: Workspace, epoch: int, postings: Sequence[tuple[str, bytes]]) -> None:
        """Store a full epoch's terms and count it as sealed, in one transaction."""

    def write_texts(self, workspace: Workspace, texts: Sequence[tuple[int, list[str]]], through: int) -> None:
        """Index (place, searchable fields) of events and note through which event they go, in one transaction."""

    def rewrite_texts(self, workspace: Workspace, texts: Sequence[tuple[int, list[str]]], followed: int) -> None:
        """Replace the texts of events and note through which event erasures are followed, in one transaction."""

    def write_producers(
        self,
        workspace: Workspace,
        runs: Sequence[ProducerRun],
        gone: Sequence[tuple[str, str | None]],
        followed: int,
        forgotten: int,
    ) -> None:
        """Store the runs, forget those that are gone, and note through which event numbers are followed, in one transaction."""
