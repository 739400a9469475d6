"""The reading verbs on SQLite: a statement or two each, on this thread's connection."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import apsw

from immutable.model.event import EMPTY_HEAD, Head, LogEntry
from immutable.model.filters import SessionFilter, SessionPosition
from immutable.model.producer import ProducerRun, decode_run
from immutable.model.workspace import Workspace
from immutable.store.codec import Codec
from immutable.store.reader import SessionRow
from immutable.store.sqlite import text
from immutable.store.sqlite.connection import one
from immutable.store.sqlite.entries import find_entry, read_head, read_range, read_records
from immutable.store.text_query import TextQuery

_EPOCHS = (  # one seek per epoch, inside the engine
    "WITH RECURSIVE e(epoch) AS (SELECT ?2 UNION ALL SELECT epoch + 1 FROM e WHERE epoch < ?3) "
    "SELECT e.epoch, p.places FROM e CROSS JOIN idx.postings p ON p.workspace_number = ?1 AND p.epoch = e.epoch "
)


class SqliteReader:
    """Reads over one connection."""

    probes = 1

    def __init__(self, connection: apsw.Connection, codec: Codec) -> None:
        self._connection = connection
        self._codec = codec

    def head(self, workspace: Workspace) -> Head:
        """The end of the chain as last committed."""
        return read_head(self._connection, workspace)

    def heads(self) -> dict[int, int]:
        """The place at which each log ends, by the workspace's number."""
        return dict(self._connection.execute("SELECT workspace_number, seq FROM heads"))

    def pruned(self, workspace: Workspace) -> Head:
        """The last event that was pruned."""
        sql = "SELECT seq, event_hash, created_at FROM pruned WHERE workspace_number=?"
        row: Any = self._connection.execute(sql, (workspace.number,)).fetchone()
        return EMPTY_HEAD if row is None else Head(*row)

    def extent(self, workspace: Workspace) -> tuple[int, int]:
        """The first and the last place of the log."""
        return self.pruned(workspace).seq + 1, self.head(workspace).seq

    def range(
        self, workspace: Workspace, first_seq: int, last_seq: int, *, descending: bool = False
    ) -> Iterator[LogEntry]:
        """The entries of a range, both ends included."""
        return read_range(self._connection, self._codec, workspace, first_seq, last_seq, descending=descending)

    def records(self, workspace: Workspace, first_seq: int, last_seq: int) -> Iterator[tuple[int, bytes]]:
        """Only places and record bytes of a range."""
        return read_records(self._connection, self._codec, workspace, first_seq, last_seq)

    def records_at(self, workspace: Workspace, seqs: Sequence[int]) -> dict[int, bytes]:
        """Only the record bytes at these few places."""
        return {seq: record for one in seqs for seq, record in self.records(workspace, one, one)}

    def places(self, workspace: Workspace, seqs: Iterable[int]) -> Iterator[LogEntry]:
        """The entries at these places, in the order given; places that are empty are left out."""
        for seq in seqs:
            entry = self.entry(workspace, seq)
            if entry is not None:
                yield entry

    def entry(self, workspace: Workspace, seq: int) -> LogEntry | None:
        """The entry at a place, or None."""
        return find_entry(self._connection, self._codec, workspace, seq)

    def progress(self, workspace: Workspace) -> tuple[int, int] | None:
        """How many epochs are sealed, and through which event texts are indexed."""
        sql = "SELECT sealed_epochs, text_seq FROM idx.progress WHERE workspace_number=?"
        row: Any = self._connection.execute(sql, (workspace.number,)).fetchone()
        return row  # type: ignore[no-any-return]

    def erasures_followed(self, workspace: Workspace) -> int:
        """Through which event the text index has followed the log's erasures."""
        return (
            one(self._connection, "SELECT seq FROM idx.erasures_followed WHERE workspace_number=?", (workspace.number,))
            or 0
        )

    def producers_followed(self, workspace: Workspace) -> tuple[int, int]:
        """Through which event producers' numbers are followed, and how many runs were forgotten."""
        sql = "SELECT seq, forgotten FROM idx.producers_followed WHERE workspace_number=?"
        row: Any = self._connection.execute(sql, (workspace.number,)).fetchone()
        return row or (0, 0)

    def producer_runs(self, workspace: Workspace) -> list[ProducerRun]:
        """What came of each run of a producer that is kept."""
        sql = "SELECT state FROM idx.producer_runs WHERE workspace_number=?"
        return [decode_run(state) for (state,) in self._connection.execute(sql, (workspace.number,))]

    def postings(
        self, workspace: Workspace, term: str, first_epoch: int, last_epoch: int
    ) -> Iterable[tuple[int, bytes]]:
        """(epoch, serialised places) of a term."""
        bindings = (workspace.number, first_epoch, last_epoch, term)
        return self._connection.execute(_EPOCHS + "AND p.term = ?4", bindings)

    def postings_between(
        self, workspace: Workspace, low: str, after: str, first_epoch: int, last_epoch: int
    ) -> Iterable[tuple[int, bytes]]:
        """(epoch, serialised places) of all terms from `low` to before `after`."""
        bindings = (workspace.number, first_epoch, last_epoch, low, after)
        return self._connection.execute(_EPOCHS + "AND p.term >= ?4 AND p.term < ?5", bindings)

    def terms_between(
        self, workspace: Workspace, low: str, after: str, first_epoch: int, last_epoch: int, limit: int
    ) -> Iterator[str]:
        """The terms from `low` to before `after`, of each epoch."""
        sql = (
            "SELECT term FROM idx.postings WHERE workspace_number=? AND epoch=? AND term >= ? AND term < ? "
            "ORDER BY term LIMIT ?"
        )
        for epoch in range(last_epoch, first_epoch - 1, -1):
            rows = self._connection.execute(sql, (workspace.number, epoch, low, after, limit))
            yield from [term for (term,) in rows]

    def text_candidates(
        self, workspace: Workspace, query: TextQuery, first_seq: int, last_seq: int, *, ascending: bool
    ) -> Iterator[int] | None:
        """The places that the text index proposes."""
        return text.candidates(self._connection, workspace, query, first_seq, last_seq, ascending=ascending)

    def session(self, workspace: Workspace, session_id: str) -> bytes | None:
        """A summary; the client's session comes first."""
        sql = "SELECT summary FROM sessions WHERE workspace_number=? AND session_id=? ORDER BY inferred LIMIT 1"
        found: bytes | None = one(self._connection, sql, (workspace.number, session_id))
        return found

    def session_row(self, workspace: Workspace, session_id: str) -> SessionRow | None:
        """The client's session of this id."""
        sql = "SELECT sorted_at, id, summary FROM sessions WHERE workspace_number=? AND session_id=? AND inferred=0"
        row: Any = self._connection.execute(sql, (workspace.number, session_id)).fetchone()
        return row  # type: ignore[no-any-return]

    def inferred_rows(self, workspace: Workspace, actor_id: str) -> Iterable[SessionRow]:
        """All inferred sessions of an actor."""
        return self._connection.execute(
            "SELECT s.sorted_at, s.id, s.summary FROM session_actors a JOIN sessions s ON s.id = a.session "
            "WHERE a.workspace_number=? AND a.actor_id=? AND s.inferred=1",
            (workspace.number, actor_id),
        )

    def session_rows(
        self, workspace: Workspace, wanted: SessionFilter, after: SessionPosition | None
    ) -> Iterator[SessionRow]:
        """Sessions newest first."""
        source, where, values, (key, number) = _listed(workspace, wanted, after)
        sql = f"SELECT s.sorted_at, s.id, s.summary FROM {source} WHERE {where} ORDER BY {key} DESC, {number} DESC"
        return iter(self._connection.execute(sql, values))

    def count_sessions(self, workspace: Workspace, wanted: SessionFilter, limit: int) -> int:
        """How many there are of these, counted up to `limit`."""
        source, where, values, _ = _listed(workspace, wanted, None, counted=True)
        counted: int = one(
            self._connection, f"SELECT count(*) FROM (SELECT 1 FROM {source} WHERE {where} LIMIT ?)", (*values, limit)
        )
        return counted

    def session_span(self, workspace: Workspace, wanted: SessionFilter) -> tuple[int, int] | None:
        """The oldest and the newest of these."""
        source, where, values, order = _listed(workspace, wanted, None, counted=True)
        ends = [
            one(self._connection, f"SELECT {order[0]} FROM {source} WHERE {where} ORDER BY {way} LIMIT 1", values)
            for way in (f"{order[0]} ASC, {order[1]} ASC", f"{order[0]} DESC, {order[1]} DESC")
        ]
        return None if None in ends else (ends[0], ends[1])

    def sessions_per_part(
        self, workspace: Workspace, wanted: SessionFilter, first: int, width: int, limit: int
    ) -> list[tuple[int, int, int]]:
        """How many of the newest of these lie in each part."""
        source, where, values, (key, number) = _listed(workspace, wanted, None, counted=True)
        newest = f"SELECT {key} AS at FROM {source} WHERE {where} ORDER BY {key} DESC, {number} DESC LIMIT ?"
        sql = f"SELECT (at - ?) / ? AS part, count(*), min(at) FROM ({newest}) GROUP BY part"
        rows: Any = self._connection.execute(sql, (first, width, *values, limit)).fetchall()
        return rows  # type: ignore[no-any-return]


def _listed(
    workspace: Workspace, wanted: SessionFilter, after: SessionPosition | None, *, counted: bool = False
) -> tuple[str, str, tuple[Any, ...], tuple[str, str]]:
    """FROM and WHERE of a list of sessions, its values, and the columns of its order.

    `counted`: only how many there are, and when, is asked: no session itself is read where the list alone can tell.
    """
    conditions: list[tuple[str, object]] = []
    if wanted.actor_id is not None:
        source, key, number = "session_actors a", "a.sorted_at", "a.session"
        if not counted or wanted.tenant_id is not None or wanted.inferred is not None:
            source += " JOIN sessions s ON s.id = a.session"
        conditions += [("a.workspace_number = ?", workspace.number), ("a.actor_id = ?", wanted.actor_id)]
    else:
        index = "sessions_by_time" if wanted.tenant_id is None else "sessions_by_tenant"
        source, key, number = f"sessions s INDEXED BY {index}", "s.sorted_at", "s.id"
        conditions.append(("s.workspace_number = ?", workspace.number))
    if wanted.started_from is not None:
        conditions.append((f"{key} >= ?", wanted.started_from))
    if wanted.started_to is not None:
        conditions.append((f"{key} <= ?", wanted.started_to))
    if wanted.tenant_id is not None:
        conditions.append(("s.tenant_id = ?", wanted.tenant_id))
    if wanted.inferred is not None:
        conditions.append(("s.inferred = ?", wanted.inferred))
    where = " AND ".join(sql for sql, _ in conditions)
    values = [value for _, value in conditions]
    if after is not None:
        where += f" AND ({key}, {number}) < (?, ?)"
        values += [after.started_at, after.number]
    return source, where, tuple(values), (key, number)
