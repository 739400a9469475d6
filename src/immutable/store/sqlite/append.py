"""The append verbs on SQLite: one statement per batch each, inside one transaction of the one appending process.

What this process has just written it also keeps (heads, open sessions), which is safe because the database's lock makes
it the only one that appends. After a failed commit all of that is forgotten and read again.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import apsw

from immutable.errors import Overloaded
from immutable.integrity.chain import Placed
from immutable.model.event import EMPTY_HEAD, EventDraft, Head, LogEntry
from immutable.model.workspace import Workspace
from immutable.sessions.fold import OpenSessions, SessionState
from immutable.store.codec import Codec
from immutable.store.find_sessions import decode_summary, encode_summary
from immutable.store.session_cache import SessionCache
from immutable.store.sqlite.connection import Database
from immutable.store.sqlite.entries import read_entry, row_id
from immutable.store.sqlite.rows import write_rows

_MAX_KNOWN_RESOURCES = 100
"""For each of the open sessions that are kept; more are looked up in the database."""


class SqliteAppender:
    """The append verbs, and what this process knows of the log's end."""

    def __init__(self, database: Database, codec: Codec) -> None:
        self.connection = database.writer()
        self.codec = codec
        self._heads: dict[int, Head] = {}
        self._sessions = SessionCache()
        self._next_session: dict[int, int] = {}

    @contextmanager
    def transaction(self) -> Iterator["SqliteAppender"]:
        """Begin, and commit durably at the end; where anything raises, leave no trace and know nothing."""
        self.inserted: list[tuple[Workspace, Sequence[Placed]]] = []
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            yield self
            self.connection.execute("COMMIT")
        except BaseException as error:
            # The connection is kept: reopening it would let SQLite recover the frames of a commit whose sync failed,
            # which may not be on disk. On this connection they do not exist, and the next commit overwrites them.
            self._forget()
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            if isinstance(error, apsw.FullError | apsw.IOError | apsw.BusyError | apsw.ReadOnlyError):
                raise Overloaded(
                    f"The log cannot be written now ({error}). Nothing was stored; try again.", 5
                ) from error
            raise

    def lock_heads(self, workspaces: Sequence[Workspace]) -> None:
        """Nothing to do: the lock is the transaction itself."""

    def read_ahead(self, batches: Sequence[tuple[Workspace, Sequence[EventDraft]]]) -> None:
        """Nothing to do: a question here is a call, not a round trip."""

    def lock_head(self, workspace: Workspace) -> Head:
        """The end of the chain. The lock is the transaction itself."""
        head = self._heads.get(workspace.number)
        if head is None:
            row = self.connection.execute(
                "SELECT seq, event_hash, created_at FROM heads WHERE workspace_number=?", (workspace.number,)
            ).fetchone()
            head = EMPTY_HEAD if row is None else Head(*row)
        return head

    def seen(self, workspace: Workspace, keys: Sequence[str]) -> dict[str, LogEntry]:
        """The entries that already carry these idempotency keys, by key."""
        rows: list[Any] = self.connection.execute(
            "SELECT key, seq FROM idempotency WHERE workspace_number=? AND key IN (SELECT value FROM json_each(?))",
            (workspace.number, json.dumps(keys)),
        ).fetchall()
        return {key: read_entry(self.connection, self.codec, workspace, seq) for key, seq in rows}

    def insert(self, workspace: Workspace, placed: Sequence[Placed]) -> None:
        """Store the entries and their idempotency keys."""
        self.inserted.append((workspace, placed))
        entries = [one.entry for one in placed]
        texts = [entry.record for entry in entries] + [entry.details or b"" for entry in entries]
        frames = self.codec.compress(texts)
        base = row_id(workspace, 0)
        write_rows(
            self.connection,
            "INSERT INTO entries",
            [
                (
                    base + entry.seq,
                    record,
                    None if entry.details is None else detail,
                    entry.salt,
                    entry.previous_hash,
                    entry.event_hash,
                )
                for entry, record, detail in zip(entries, frames[: len(entries)], frames[len(entries) :], strict=True)
            ],
        )
        keys = [
            (workspace.number, one.draft.idempotency_key, one.entry.seq)
            for one in placed
            if one.draft.idempotency_key is not None
        ]
        write_rows(self.connection, "INSERT INTO idempotency", keys)

    def open_sessions(self, workspace: Workspace, session_ids: Iterable[str], actor_ids: Iterable[str]) -> OpenSessions:
        """The named sessions, and the latest inferred session of each actor."""
        by_id, missing = self._sessions.by_id(workspace, session_ids)
        if missing:
            rows = self.connection.execute(
                "SELECT id, session_id, summary FROM sessions WHERE workspace_number=? AND inferred=0 "
                "AND session_id IN (SELECT value FROM json_each(?))",
                (workspace.number, json.dumps(missing)),
            )
            for number, session_id, summary in rows:
                by_id[session_id] = SessionState(decode_summary(summary), number, [], set(), [])
        inferred, missing = self._sessions.inferred(workspace, actor_ids)
        if missing:
            rows = self.connection.execute(
                "SELECT s.id, i.actor_id, s.summary FROM inferred_sessions i JOIN sessions s ON s.id = i.session "
                "WHERE i.workspace_number=? AND i.actor_id IN (SELECT value FROM json_each(?))",
                (workspace.number, json.dumps(missing)),
            )
            for number, actor_id, summary in rows:
                inferred[actor_id] = SessionState(decode_summary(summary), number, [], set(), [])
        return OpenSessions(by_id, inferred)

    def touch_sessions(self, workspace: Workspace, states: Sequence[SessionState]) -> None:
        """Store the summaries, and index new sessions, actors and resources."""
        inferred: list[tuple[int, str, int]] = []
        for state in states:
            if state.number is None:
                state.number = self._new_session(workspace)
                if state.summary.inferred:
                    inferred.append((workspace.number, next(iter(state.summary.actors)), state.number))
        self._count_resources(states)
        self._write_sessions(workspace, states)
        actors = [
            (workspace.number, actor_id, state.summary.sorted_at, state.number)
            for state in states
            for actor_id in state.new_actors
        ]
        write_rows(self.connection, "INSERT OR IGNORE INTO session_actors", actors)
        write_rows(self.connection, "INSERT OR REPLACE INTO inferred_sessions", inferred)
        for state in states:
            state.new_actors.clear()
            self._sessions.keep(workspace, state)

    def move_head(self, workspace: Workspace, head: Head) -> None:
        """Make `head` the end of the chain."""
        self.connection.execute(
            "INSERT OR REPLACE INTO heads VALUES (?,?,?,?)",
            (workspace.number, head.seq, head.event_hash, head.created_at),
        )
        self._heads[workspace.number] = head

    def _write_sessions(self, workspace: Workspace, states: Sequence[SessionState]) -> None:
        rows = [
            (
                state.number,
                workspace.number,
                state.summary.session_id,
                state.summary.inferred,
                state.summary.tenant_id,
                state.summary.sorted_at,
                encode_summary(state.summary),
            )
            for state in states
        ]
        write_rows(
            self.connection,
            "INSERT INTO sessions",
            rows,
            "ON CONFLICT (id) DO UPDATE SET tenant_id = excluded.tenant_id, summary = excluded.summary",
        )

    def _count_resources(self, states: Sequence[SessionState]) -> None:
        by_number = {state.number: state for state in states if state.new_resources}
        if not by_number:
            return
        rows = [(number, resource) for number, state in by_number.items() for resource in state.new_resources]
        added = write_rows(self.connection, "INSERT OR IGNORE INTO session_resources", rows, "RETURNING session")
        for (number,) in added:
            by_number[number].summary.resources_count += 1
        for state in by_number.values():
            state.new_resources.clear()
            if len(state.resources) > _MAX_KNOWN_RESOURCES:
                state.resources.clear()
                state.knows_resources = False

    def _new_session(self, workspace: Workspace) -> int:
        number = self._next_session.get(workspace.number)
        if number is None:
            first, last = row_id(workspace, 0), row_id(workspace, -1) + (1 << 40)
            highest = self.connection.execute("SELECT max(id) FROM sessions WHERE id BETWEEN ? AND ?", (first, last))
            row = highest.fetchone()
            number = first + 1 if row is None or row[0] is None else row[0] + 1
        self._next_session[workspace.number] = number + 1
        return number

    def forget_sessions(self, workspace: Workspace) -> None:
        """Believe nothing that is kept about a workspace's sessions: somebody changed them in this transaction."""
        self._sessions.forget(workspace)

    def _forget(self) -> None:
        self._heads.clear()
        self._sessions.clear()
        self._next_session.clear()

    def close(self) -> None:
        """Fold the write-ahead log back into the file and close."""
        self.connection.close()
