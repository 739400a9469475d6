"""What verification reads on SQLite besides: every row that could be wrong or made up."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import apsw

from immutable.model.workspace import Workspace
from immutable.store.codec import Codec
from immutable.store.sqlite.connection import one
from immutable.store.sqlite.entries import SEQ_BITS, row_id
from immutable.store.sqlite.reader import SqliteReader


class SqliteVerificationReader(SqliteReader):
    """Reads over one connection."""

    damage: tuple[type[Exception], ...] = (apsw.CorruptError, apsw.SQLError, UnicodeDecodeError, TypeError)

    def __init__(self, connection: apsw.Connection, codec: Codec) -> None:
        super().__init__(connection, codec)
        self.connection = connection

    def key_seqs(self, workspace: Workspace, keys: Sequence[str]) -> dict[str, int]:
        """Where these idempotency keys lead."""
        sql = "SELECT key, seq FROM idempotency WHERE workspace_number=? AND key IN (SELECT value FROM json_each(?))"
        return dict(self._all(sql, workspace.number, json.dumps(keys)))

    def count_keys(self, workspace: Workspace, first: int, last: int | None) -> int:
        """How many idempotency keys lead to `first` to `last`; None: from `first` on, and outside the log."""
        condition, bindings = _span(workspace, first, last)
        return self._one(f"SELECT count(*) FROM idempotency WHERE {condition}", *bindings)  # type: ignore[no-any-return]

    def keys(self, workspace: Workspace, first: int, last: int | None) -> Iterable[tuple[str, int]]:
        """These idempotency keys with the places they lead to."""
        condition, bindings = _span(workspace, first, last)
        return self._all(f"SELECT key, seq FROM idempotency WHERE {condition}", *bindings)

    def stray_entries(self, workspace: Workspace, head_seq: int) -> list[int]:
        """Some of the places outside the log at which entries lie."""
        base = row_id(workspace, 0)
        sql = "SELECT id FROM entries WHERE id = ? OR (id > ? AND id < ?) LIMIT 10"
        rows = self._all(sql, base, base + head_seq, row_id(workspace, 1 << SEQ_BITS))
        return [identifier - base for (identifier,) in rows]

    def misplaced(self, workspace: Workspace, first_seq: int, last_seq: int) -> list[int]:  # noqa: ARG002 - the protocol's
        """None: there is one table."""
        return []

    def first_entries(self) -> list[tuple[int, int]]:
        """(workspace number, place) of the first entry under every workspace number."""
        rows = self._all(
            "WITH RECURSIVE first(id) AS (SELECT min(id) FROM entries UNION ALL SELECT "
            f"(SELECT min(id) FROM entries WHERE id >= (first.id >> {SEQ_BITS}) + 1 << {SEQ_BITS}) "
            "FROM first WHERE first.id IS NOT NULL) SELECT id FROM first WHERE id IS NOT NULL"
        )
        return [(identifier >> SEQ_BITS, identifier & (1 << SEQ_BITS) - 1) for (identifier,) in rows]

    def epoch_postings(self, workspace: Workspace, epoch: int) -> Iterable[tuple[str, bytes]]:
        """(term, serialised places) of a sealed epoch."""
        sql = "SELECT term, places FROM idx.postings WHERE workspace_number=? AND epoch=?"
        return self._all(sql, workspace.number, epoch)

    def stray_epoch(self, workspace: Workspace) -> int | None:
        """An epoch that has terms without being sealed."""
        found: int | None = self._one(
            "SELECT epoch FROM idx.postings WHERE workspace_number=?1 AND epoch < 0 UNION ALL "
            "SELECT epoch FROM idx.postings WHERE workspace_number=?1 AND epoch >= coalesce("
            "(SELECT sealed_epochs FROM idx.progress WHERE workspace_number=?1), 0) LIMIT 1",
            workspace.number,
        )
        return found

    def texts(self, workspace: Workspace, first: int) -> tuple[int, int, int | None]:
        """Through which event texts are indexed, how many of these there are from `first` on, and the first one beyond."""
        base = row_id(workspace, 0)
        row: Any = self.connection.execute(
            "WITH p(through) AS (SELECT coalesce((SELECT text_seq FROM idx.progress WHERE workspace_number=?1), 0)) "
            "SELECT through, (SELECT count(*) FROM idx.text_index_docsize WHERE id >= ?2 + ?4 AND id <= ?2 + through), "
            "(SELECT min(id) FROM idx.text_index_docsize WHERE (id > ?2 + through AND id < ?3) OR id = ?2) FROM p",
            (workspace.number, base, base + (1 << SEQ_BITS), first),
        ).fetchone()
        through, held, stray = row
        return through, held, None if stray is None else stray - base

    def text_seqs(self, workspace: Workspace, first: int) -> Iterator[int]:
        """The places from `first` on whose texts are indexed, in order."""
        base = row_id(workspace, 0)
        sql = "SELECT id FROM idx.text_index_docsize WHERE id >= ? AND id < ? ORDER BY id"
        return (identifier - base for (identifier,) in self._all(sql, base + first, base + (1 << SEQ_BITS)))

    def stored_session(
        self, workspace: Workspace, session_id: str, *, inferred: bool
    ) -> tuple[int, str | None, int, bytes] | None:
        """(number, tenant, sorted_at, summary) of a session."""
        sql = "SELECT id, tenant_id, sorted_at, summary FROM sessions WHERE workspace_number=? AND session_id=? AND inferred=?"
        row: Any = next(self._all(sql, workspace.number, session_id, inferred), None)
        return row  # type: ignore[no-any-return]

    def session_resources(self, workspace: Workspace, session: int) -> set[str]:  # noqa: ARG002 - numbers are the file's
        """What finds a session by its resources."""
        rows = self._all("SELECT resource FROM session_resources WHERE session=?", session)
        return {resource for (resource,) in rows}

    def has_session_actor(self, workspace: Workspace, actor_id: str, sorted_at: int, session: int) -> bool:
        """Whether the row is there that finds a session by this actor."""
        sql = "SELECT 1 FROM session_actors WHERE workspace_number=? AND actor_id=? AND sorted_at=? AND session=?"
        return self._one(sql, workspace.number, actor_id, sorted_at, session) is not None

    def session_counts(self, workspace: Workspace) -> tuple[int, int, int]:
        """How many sessions, actors in sessions, and resources in sessions are stored."""
        first, last = row_id(workspace, 0), row_id(workspace, 1 << SEQ_BITS) - 1
        return (
            self._one("SELECT count(*) FROM sessions WHERE workspace_number=?", workspace.number),
            self._one("SELECT count(*) FROM session_actors WHERE workspace_number=?", workspace.number),
            self._one("SELECT count(*) FROM session_resources WHERE session BETWEEN ? AND ?", first, last),
        )

    def summaries(self, workspace: Workspace) -> Iterator[bytes]:
        """All summaries."""
        rows = self._all("SELECT summary FROM sessions WHERE workspace_number=?", workspace.number)
        return (summary for (summary,) in rows)

    def latest_inferred(self, workspace: Workspace) -> dict[str, str | None]:
        """Actor to the id of the inferred session stored as the latest; None where it leads nowhere."""
        rows = self._all(
            "SELECT i.actor_id, s.session_id FROM inferred_sessions i "
            "LEFT JOIN sessions s ON s.id = i.session AND s.inferred = 1 AND s.workspace_number = i.workspace_number "
            "WHERE i.workspace_number=?",
            workspace.number,
        )
        return dict(rows)

    def list_trouble(self) -> str | None:
        """What is wrong with the indexes that lists of sessions are read from."""
        trouble: str = self._one("PRAGMA integrity_check(sessions)")
        return None if trouble == "ok" else trouble

    def _all(self, sql: str, *bindings: Any) -> Iterator[Any]:
        return iter(self.connection.execute(sql, bindings))

    def _one(self, sql: str, *bindings: Any) -> Any:
        return one(self.connection, sql, bindings)


def _span(workspace: Workspace, first: int, last: int | None) -> tuple[str, tuple[int, int, int]]:
    if last is None:
        return "workspace_number=? AND seq NOT BETWEEN ? AND ?", (workspace.number, 1, first - 1)
    return "workspace_number=? AND seq BETWEEN ? AND ?", (workspace.number, first, last)
