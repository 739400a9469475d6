"""The reading verbs on PostgreSQL: a statement or two each, and long answers in pieces, so that no connection waits."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from immutable.model.event import EMPTY_HEAD, Head, LogEntry
from immutable.model.filters import SessionFilter, SessionPosition
from immutable.model.producer import ProducerRun, decode_run
from immutable.model.workspace import Workspace
from immutable.store.codec import Codec
from immutable.store.postgres import text
from immutable.store.postgres.arrays import bigint_array
from immutable.store.postgres.connection import Read
from immutable.store.postgres.periods import IN_PERIODS
from immutable.store.reader import SessionRow
from immutable.store.text_query import TextQuery

_FIRST_PIECE = 64
_PIECE = 1_024
"""Rows per statement: the first piece is small, because most callers want a page."""
_MOST = (1 << 63) - 1
_ENTRY = "seq, record, details, salt, previous_hash, event_hash"


class PostgresReader:
    """Reads through whatever runs its statements: the pool, or the one connection of a snapshot."""

    probes = 31

    def __init__(self, read: Read, codec: Codec) -> None:
        self._read = read
        self._codec = codec

    def head(self, workspace: Workspace) -> Head:
        """The end of the chain as last committed."""
        sql = "SELECT seq, event_hash, created_at FROM heads WHERE workspace_number=%s"
        rows = self._all(sql, workspace.number)
        return Head(*rows[0]) if rows else EMPTY_HEAD

    def heads(self) -> dict[int, int]:
        """The place at which each log ends, by the workspace's number."""
        return dict(self._all("SELECT workspace_number, seq FROM heads"))

    def pruned(self, workspace: Workspace) -> Head:
        """The last event that was pruned."""
        rows = self._all("SELECT seq, event_hash, created_at FROM pruned WHERE workspace_number=%s", workspace.number)
        return Head(*rows[0]) if rows else EMPTY_HEAD

    def extent(self, workspace: Workspace) -> tuple[int, int]:
        """The first and the last place of the log."""
        rows = self._all(
            "SELECT coalesce(p.seq, 0) + 1, h.seq FROM heads h LEFT JOIN pruned p "
            "ON p.workspace_number = h.workspace_number WHERE h.workspace_number=%s",
            workspace.number,
        )
        return rows[0] if rows else (1, 0)

    def range(
        self, workspace: Workspace, first_seq: int, last_seq: int, *, descending: bool = False
    ) -> Iterator[LogEntry]:
        """The entries of a range, both ends included."""
        for rows in self._pieces(_ENTRY, workspace, first_seq, last_seq, descending=descending):
            yield from self._entries(rows)

    def records(self, workspace: Workspace, first_seq: int, last_seq: int) -> Iterator[tuple[int, bytes]]:
        """Only places and record bytes of a range."""
        for rows in self._pieces("seq, record", workspace, first_seq, last_seq):
            texts = self._codec.decompress_all([record for _, record in rows])
            yield from ((seq, text) for (seq, _), text in zip(rows, texts, strict=True))

    def records_at(self, workspace: Workspace, seqs: Sequence[int]) -> dict[int, bytes]:
        """Only the record bytes at these few places."""
        if not seqs:
            return {}
        rows = self._at("seq, record", workspace, seqs)
        return {seq: self._codec.decompress(record) for seq, record in rows}

    def places(self, workspace: Workspace, seqs: Iterable[int]) -> Iterator[LogEntry]:
        """The entries at these places, in the order given; places that are empty are left out."""
        wanted = iter(seqs)
        piece = _FIRST_PIECE
        while chunk := list(islice(wanted, piece)):
            found = {entry.seq: entry for entry in self._entries(self._at(_ENTRY, workspace, chunk))}
            yield from (found[seq] for seq in chunk if seq in found)
            piece = _PIECE

    def entry(self, workspace: Workspace, seq: int) -> LogEntry | None:
        """The entry at a place, or None."""
        return next(self.places(workspace, (seq,)), None)

    def progress(self, workspace: Workspace) -> tuple[int, int] | None:
        """How many epochs are sealed, and through which event texts are indexed."""
        rows = self._all("SELECT sealed_epochs, text_seq FROM progress WHERE workspace_number=%s", workspace.number)
        return rows[0] if rows else None

    def erasures_followed(self, workspace: Workspace) -> int:
        """Through which event the text index has followed the log's erasures."""
        rows = self._all("SELECT seq FROM erasures_followed WHERE workspace_number=%s", workspace.number)
        return rows[0][0] if rows else 0

    def producers_followed(self, workspace: Workspace) -> tuple[int, int]:
        """Through which event producers' numbers are followed, and how many runs were forgotten."""
        rows = self._all("SELECT seq, forgotten FROM producers_followed WHERE workspace_number=%s", workspace.number)
        return rows[0] if rows else (0, 0)

    def producer_runs(self, workspace: Workspace) -> list[ProducerRun]:
        """What came of each run of a producer that is kept."""
        rows = self._all("SELECT state FROM producer_runs WHERE workspace_number=%s", workspace.number)
        return [decode_run(bytes(state)) for (state,) in rows]

    def postings(
        self, workspace: Workspace, term: str, first_epoch: int, last_epoch: int
    ) -> Iterable[tuple[int, bytes]]:
        """(epoch, serialised places) of a term."""
        return self._postings(workspace, first_epoch, last_epoch, "term = %s", term.encode())

    def postings_between(
        self, workspace: Workspace, low: str, after: str, first_epoch: int, last_epoch: int
    ) -> Iterable[tuple[int, bytes]]:
        """(epoch, serialised places) of all terms from `low` to before `after`."""
        # UTF-8 sorts as code points do.
        condition = "term >= %s AND term < %s"
        return self._postings(workspace, first_epoch, last_epoch, condition, low.encode(), _encoded(after))

    def terms_between(
        self, workspace: Workspace, low: str, after: str, first_epoch: int, last_epoch: int, limit: int
    ) -> Iterator[str]:
        """The terms from `low` to before `after`, of each epoch."""
        if first_epoch > last_epoch:
            return
        sql = (
            "SELECT e.epoch, p.term FROM generate_series(%s::bigint, %s::bigint) AS e(epoch), LATERAL (SELECT term "
            "FROM postings WHERE workspace_number=%s AND epoch = e.epoch AND term >= %s AND term < %s "
            "ORDER BY term LIMIT %s) AS p"
        )
        values = (first_epoch, last_epoch, workspace.number, low.encode(), _encoded(after), limit)
        rows = sorted(self._all(sql, *values), key=lambda row: (-row[0], row[1]))
        yield from (bytes(term).decode() for _, term in rows)

    def text_candidates(
        self, workspace: Workspace, query: TextQuery, first_seq: int, last_seq: int, *, ascending: bool
    ) -> Iterator[int]:
        """The places that the text index proposes."""
        return text.candidates(self._read, workspace, query, first_seq, last_seq, ascending=ascending)

    def session(self, workspace: Workspace, session_id: str) -> bytes | None:
        """A summary; the client's session comes first."""
        sql = "SELECT summary FROM sessions WHERE workspace_number=%s AND session_id=%s ORDER BY inferred LIMIT 1"
        rows = self._all(sql, workspace.number, session_id)
        return rows[0][0] if rows else None

    def session_row(self, workspace: Workspace, session_id: str) -> SessionRow | None:
        """The client's session of this id."""
        sql = (
            "SELECT sorted_at, number, summary FROM sessions "
            "WHERE workspace_number=%s AND session_id=%s AND inferred=false"
        )
        rows = self._all(sql, workspace.number, session_id)
        return rows[0] if rows else None

    def inferred_rows(self, workspace: Workspace, actor_id: str) -> Iterable[SessionRow]:
        """All inferred sessions of an actor."""
        return self._all(
            "SELECT s.sorted_at, s.number, s.summary FROM session_actors a "
            "JOIN sessions s ON s.workspace_number = a.workspace_number AND s.number = a.session "
            "WHERE a.workspace_number=%s AND a.actor_id=%s AND s.inferred",
            workspace.number, actor_id,
        )  # fmt: skip

    def session_rows(
        self, workspace: Workspace, wanted: SessionFilter, after: SessionPosition | None
    ) -> Iterator[SessionRow]:
        """Sessions newest first."""
        piece = _FIRST_PIECE
        while True:
            source, values, order = _sessions(workspace, wanted, after)
            sql = f"SELECT s.sorted_at, s.number, s.summary FROM {source} ORDER BY {order} LIMIT %s"
            rows = self._all(sql, *values, piece)
            yield from rows
            if len(rows) < piece:
                return
            after = SessionPosition(rows[-1][0], rows[-1][1])
            piece = _PIECE

    def count_sessions(self, workspace: Workspace, wanted: SessionFilter, limit: int) -> int:
        """How many there are of these, counted up to `limit`."""
        source, values, _ = _sessions(workspace, wanted, None, counted=True)
        ((count,),) = self._all(f"SELECT count(*) FROM (SELECT 1 FROM {source} LIMIT %s) AS counted", *values, limit)
        return int(count)

    def session_span(self, workspace: Workspace, wanted: SessionFilter) -> tuple[int, int] | None:
        """The oldest and the newest of these."""
        source, values, order = _sessions(workspace, wanted, None, counted=True)
        key = order.split(" ", 1)[0]
        up = order.replace("DESC", "ASC")
        ends = (
            f"(SELECT {key} FROM {source} ORDER BY {up} LIMIT 1), (SELECT {key} FROM {source} ORDER BY {order} LIMIT 1)"
        )
        ((oldest, newest),) = self._all(f"SELECT {ends}", *values, *values)
        return None if oldest is None else (oldest, newest)

    def sessions_per_part(
        self, workspace: Workspace, wanted: SessionFilter, first: int, width: int, limit: int
    ) -> list[tuple[int, int, int]]:
        """How many of the newest of these lie in each part."""
        source, values, order = _sessions(workspace, wanted, None, counted=True)
        newest = f"SELECT {order.split(' ', 1)[0]} AS at FROM {source} ORDER BY {order} LIMIT %s"
        sql = (
            f"SELECT (at - %s::bigint) / %s::bigint AS part, count(*), min(at) FROM ({newest}) AS newest GROUP BY part"
        )
        return self._all(sql, first, width, *values, limit)

    def _all(self, sql: str, *values: object) -> list[Any]:
        return self._read(sql, values)

    def _at(self, columns: str, workspace: Workspace, seqs: Sequence[int]) -> list[Any]:
        number = workspace.number
        sql = f"SELECT {columns} FROM entries WHERE workspace_number=%s AND seq = ANY(%s) AND {IN_PERIODS}"
        return self._all(sql, number, bigint_array(seqs), number, min(seqs), number, max(seqs))

    def _pieces(
        self, columns: str, workspace: Workspace, first_seq: int, last_seq: int, *, descending: bool = False
    ) -> Iterator[list[Any]]:
        first, last = max(first_seq, 1), min(last_seq, _MOST)
        sql = (
            f"SELECT {columns} FROM entries WHERE workspace_number=%s AND seq BETWEEN %s AND %s AND {IN_PERIODS} "
            f"ORDER BY seq {'DESC' if descending else 'ASC'} LIMIT %s"
        )
        number = workspace.number

        def some(low: int, high: int, limit: int) -> list[Any]:
            return self._all(sql, number, low, high, number, low, number, high, limit)

        yield from _walk(some, first, last, descending)

    def _postings(
        self, workspace: Workspace, first_epoch: int, last_epoch: int, condition: str, *values: object
    ) -> list[tuple[int, bytes]]:
        if first_epoch > last_epoch:
            return []
        return self._all(  # one look into the key per epoch, inside the engine; OFFSET keeps the planner to that
            "SELECT e.epoch, p.places FROM generate_series(%s::bigint, %s::bigint) AS e(epoch), LATERAL (SELECT places "
            f"FROM postings WHERE workspace_number=%s AND epoch = e.epoch AND {condition} OFFSET 0) AS p",
            first_epoch, last_epoch, workspace.number, *values,
        )  # fmt: skip

    def _entries(self, rows: list[Any]) -> Iterator[LogEntry]:
        """Many rows at once: their frames are opened in one go."""
        frames = [row[1] for row in rows] + [row[2] for row in rows if row[2] is not None]
        texts = iter(self._codec.decompress_all(frames)) if frames else iter(())
        records = list(islice(texts, len(rows)))
        for (seq, _, details, salt, previous_hash, event_hash), record in zip(rows, records, strict=True):
            text = None if details is None else next(texts)
            yield LogEntry(seq, record, text, salt, previous_hash, event_hash)


def _walk(some: Callable[[int, int, int], list[Any]], first: int, last: int, descending: bool) -> Iterator[list[Any]]:
    """Rows by place, piece after piece, until a piece is not full. The first column is the place."""
    piece = _FIRST_PIECE
    while first <= last:
        rows = some(first, last, piece)
        if rows:
            yield rows
        if len(rows) < piece:
            return
        if descending:
            last = rows[-1][0] - 1
        else:
            first = rows[-1][0] + 1
        piece = _PIECE


def _sessions(
    workspace: Workspace, wanted: SessionFilter, after: SessionPosition | None, *, counted: bool = False
) -> tuple[str, list[object], str]:
    """FROM and WHERE of a list of sessions, its values, and its order.

    `counted`: only how many there are, and when, is asked: no session itself is read where the list alone can tell.
    """
    conditions: list[tuple[str, object]] = []
    if wanted.actor_id is not None:
        source, key, number = "session_actors a", "a", "a.session"
        if not counted or wanted.tenant_id is not None or wanted.inferred is not None:
            source += " JOIN sessions s ON s.workspace_number = a.workspace_number AND s.number = a.session"
        conditions += [("a.workspace_number = %s", workspace.number), ("a.actor_id = %s", wanted.actor_id)]
    else:
        source, key, number = "sessions s", "s", "s.number"
        conditions.append(("s.workspace_number = %s", workspace.number))
    if wanted.started_from is not None:
        conditions.append((f"{key}.sorted_at >= %s", wanted.started_from))
    if wanted.started_to is not None:
        conditions.append((f"{key}.sorted_at <= %s", wanted.started_to))
    if wanted.tenant_id is not None:
        conditions.append(("s.tenant_id = %s", wanted.tenant_id))
    if wanted.inferred is not None:
        conditions.append(("s.inferred = %s", wanted.inferred))
    where = " AND ".join(sql for sql, _ in conditions)
    values = [value for _, value in conditions]
    if after is not None:
        where += f" AND ({key}.sorted_at, {number}) < (%s, %s)"
        values += [after.started_at, after.number]
    return f"{source} WHERE {where}", values, f"{key}.sorted_at DESC, {number} DESC"


def _encoded(text: str) -> bytes:
    """UTF-8, also of a lone surrogate that ends a range: it sorts where its code point does."""
    return text.encode("utf-8", "surrogatepass")
