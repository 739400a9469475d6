"""What verification reads on PostgreSQL besides: every row that could be wrong or made up."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from psycopg import errors

from immutable.model.workspace import Workspace
from immutable.store.postgres.periods import MISPLACED
from immutable.store.postgres.reader import PostgresReader

_PIECE = 10_000


class PostgresVerificationReader(PostgresReader):
    """Reads every row, in pieces."""

    damage: tuple[type[Exception], ...] = (
        errors.DataCorrupted, errors.IndexCorrupted, errors.UndefinedFile, errors.CharacterNotInRepertoire,
        UnicodeDecodeError, TypeError,
    )  # fmt: skip

    def key_seqs(self, workspace: Workspace, keys: Sequence[str]) -> dict[str, int]:
        """Where these idempotency keys lead."""
        sql = "SELECT key, seq FROM idempotency WHERE workspace_number=%s AND key = ANY(%s::text[])"
        return dict(self._all(sql, workspace.number, list(keys)))

    def count_keys(self, workspace: Workspace, first: int, last: int | None) -> int:
        """How many idempotency keys lead to `first` to `last`; None: from `first` on, and outside the log."""
        condition, values = _span(first, last)
        return self._count(f"idempotency WHERE workspace_number=%s AND {condition}", workspace.number, *values)

    def keys(self, workspace: Workspace, first: int, last: int | None) -> Iterable[tuple[str, int]]:
        """These idempotency keys with the places they lead to."""
        condition, values = _span(first, last)
        return self._keyed("key, seq", f"idempotency WHERE workspace_number=%s AND {condition}", workspace, values)

    def stray_entries(self, workspace: Workspace, head_seq: int) -> list[int]:
        """Some of the places outside the log at which entries lie."""
        sql = "SELECT seq FROM entries WHERE workspace_number=%s AND (seq < 1 OR seq > %s) ORDER BY seq LIMIT 10"
        return [seq for (seq,) in self._all(sql, workspace.number, head_seq)]

    def misplaced(self, workspace: Workspace, first_seq: int, last_seq: int) -> list[int]:
        """Some of the places of a range whose event or text lies in another month than its reads look into."""
        span = (workspace.number, first_seq, last_seq)
        return [seq for (seq,) in self._all(MISPLACED, workspace.number, *span, *span)]

    def first_entries(self) -> Iterator[tuple[int, int]]:
        """(workspace number, place) of the first entry under every workspace number."""
        sql = "SELECT workspace_number, seq FROM entries WHERE workspace_number > %s ORDER BY 1, 2 LIMIT 1"
        number = -(1 << 31)
        while rows := self._all(sql, number):
            number, seq = rows[0]
            yield number, seq

    def epoch_postings(self, workspace: Workspace, epoch: int) -> Iterable[tuple[str, bytes]]:
        """(term, serialised places) of a sealed epoch."""
        rows = self._all(
            "SELECT term, places FROM postings WHERE workspace_number=%s AND epoch=%s", workspace.number, epoch
        )
        return ((term.decode(), places) for term, places in rows)

    def stray_epoch(self, workspace: Workspace) -> int | None:
        """An epoch that has terms without being sealed."""
        rows = self._all(
            "SELECT epoch FROM postings WHERE workspace_number=%s AND (epoch < 0 OR epoch >= coalesce("
            "(SELECT sealed_epochs FROM progress WHERE workspace_number=%s), 0)) LIMIT 1",
            workspace.number, workspace.number,
        )  # fmt: skip
        return rows[0][0] if rows else None

    def texts(self, workspace: Workspace, first: int) -> tuple[int, int, int | None]:
        """Through which event texts are indexed, how many of these there are from `first` on, and the first one beyond."""
        ((through, held, stray),) = self._all(
            "WITH p(through) AS (SELECT coalesce((SELECT text_seq FROM progress WHERE workspace_number=%s), 0)) "
            "SELECT through, (SELECT count(*) FROM event_texts WHERE workspace_number=%s AND seq BETWEEN %s AND through), "
            "(SELECT min(seq) FROM event_texts WHERE workspace_number=%s AND (seq < 1 OR seq > through)) FROM p",
            workspace.number, workspace.number, first, workspace.number,
        )  # fmt: skip
        return through, held, stray

    def text_seqs(self, workspace: Workspace, first: int) -> Iterator[int]:
        """The places from `first` on whose texts are indexed, in order."""
        source = "event_texts WHERE workspace_number=%s AND seq >= %s"
        return (seq for (seq,) in self._keyed("seq", source, workspace, (first,)))

    def stored_session(
        self, workspace: Workspace, session_id: str, *, inferred: bool
    ) -> tuple[int, str | None, int, bytes] | None:
        """(number, tenant, sorted_at, summary) of a session."""
        sql = (
            "SELECT number, tenant_id, sorted_at, summary FROM sessions "
            "WHERE workspace_number=%s AND session_id=%s AND inferred=%s"
        )
        rows = self._all(sql, workspace.number, session_id, inferred)
        return rows[0] if rows else None

    def session_resources(self, workspace: Workspace, session: int) -> set[str]:
        """What finds a session by its resources."""
        sql = "SELECT resource FROM session_resources WHERE workspace_number=%s AND session=%s"
        return {resource.decode("utf-8", "replace") for (resource,) in self._all(sql, workspace.number, session)}

    def has_session_actor(self, workspace: Workspace, actor_id: str, sorted_at: int, session: int) -> bool:
        """Whether the row is there that finds a session by this actor."""
        sql = "SELECT 1 FROM session_actors WHERE workspace_number=%s AND actor_id=%s AND sorted_at=%s AND session=%s"
        return bool(self._all(sql, workspace.number, actor_id, sorted_at, session))

    def session_counts(self, workspace: Workspace) -> tuple[int, int, int]:
        """How many sessions, actors in sessions, and resources in sessions are stored."""
        sessions, actors, resources = (
            self._count(f"{table} WHERE workspace_number=%s", workspace.number)
            for table in ("sessions", "session_actors", "session_resources")
        )
        return sessions, actors, resources

    def summaries(self, workspace: Workspace) -> Iterator[bytes]:
        """All summaries."""
        rows = self._keyed("number, summary", "sessions WHERE workspace_number=%s", workspace, ())
        return (summary for _, summary in rows)

    def latest_inferred(self, workspace: Workspace) -> dict[str, str | None]:
        """Actor to the id of the inferred session stored as the latest; None where it leads nowhere."""
        return dict(
            self._all(
                "SELECT i.actor_id, s.session_id FROM inferred_sessions i LEFT JOIN sessions s "
                "ON s.workspace_number = i.workspace_number AND s.number = i.session AND s.inferred "
                "WHERE i.workspace_number=%s",
                workspace.number,
            )
        )

    def list_trouble(self) -> str | None:
        """Nothing: PostgreSQL's own checks of its indexes (`pg_amcheck`) are its operator's."""
        return None

    def _count(self, source: str, *values: object) -> int:
        ((count,),) = self._all(f"SELECT count(*) FROM {source}", *values)
        return int(count)

    def _keyed(self, columns: str, source: str, workspace: Workspace, values: Sequence[object]) -> Iterator[Any]:
        """All rows in the order of their first column, which is unique, in pieces."""
        key = columns.split(",", maxsplit=1)[0]
        after: list[object] = []
        while True:
            more = f"AND {key} > %s" if after else ""
            sql = f"SELECT {columns} FROM {source} {more} ORDER BY {key} LIMIT {_PIECE}"
            rows = self._all(sql, workspace.number, *values, *after)
            yield from rows
            if len(rows) < _PIECE:
                return
            after = [rows[-1][0]]


def _span(first: int, last: int | None) -> tuple[str, tuple[int, int]]:
    if last is None:
        return "seq NOT BETWEEN %s AND %s", (1, first - 1)
    return "seq BETWEEN %s AND %s", (first, last)
