"""The append verbs on PostgreSQL: one short transaction that locks the workspace's head, and statements sent in a row.

Any number of processes append. What this one has written it also keeps (open sessions), and believes for as long as the
head it locks is the one it left: then nobody else appended in between. Whatever writes is put by and sent at the end, with
the commit, without waiting in between (pipeline mode): so a transaction costs a few round trips, whatever its size, and
while we think the server sees an idle transaction, which it ends if this process stops.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
import structlog
from psycopg import errors

from immutable import clock
from immutable.errors import Overloaded
from immutable.integrity.chain import Placed
from immutable.model.event import EMPTY_HEAD, EventDraft, Head, LogEntry
from immutable.model.workspace import Workspace
from immutable.sessions.fold import OpenSessions, SessionState
from immutable.store.codec import Codec
from immutable.store.find_sessions import decode_summary, encode_summary
from immutable.store.postgres.arrays import bigint_array, bytea_array, text_array
from immutable.store.postgres.connection import AWAY, DISTRIBUTED, Connection, Database, away, run, send
from immutable.store.postgres.pending_rows import PendingRows
from immutable.store.postgres.periods import WAIT_FOR_MAKERS, period_of
from immutable.store.postgres.read_ahead import Name, ReadAhead, named, next_sessions
from immutable.store.postgres.reader import PostgresReader
from immutable.store.session_cache import SessionCache

_MAX_KNOWN_RESOURCES = 100
"""For each of the open sessions that are kept; more are looked up in the database."""
_LOCK_ALL = (
    "SELECT workspace_number, seq, event_hash, created_at FROM heads WHERE workspace_number = ANY(%s) "
    "ORDER BY workspace_number FOR UPDATE"
)
_NEW_RESOURCES = (
    "INSERT INTO session_resources VALUES (%s, unnest(%s), unnest(%s)) ON CONFLICT DO NOTHING RETURNING session"
)
_FIND_OUT_SECONDS = 10.0
"""How long to try to learn what became of a commit whose answer was lost."""

_log = structlog.get_logger(__name__)


class PostgresAppender:
    """The append verbs, over one connection that is made again when it is lost. Not for several threads."""

    def __init__(self, database: Database, codec: Codec, open_sessions: int) -> None:
        """`open_sessions`: so many are kept at most."""
        self._database = database
        self.codec = codec
        self._open: Connection | None = None
        self._heads: dict[int, Head] = {}
        self._sessions = SessionCache(open_sessions)
        self._next_session: dict[int, int] = {}

    @contextmanager
    def transaction(self) -> Iterator["PostgresAppender"]:
        """Begin, and commit durably at the end; where anything raises, leave no trace and know nothing.

        Raises Overloaded while the server is away. Where the answer to a commit is lost, what became of it is found out.
        """
        self.inserted: list[tuple[Workspace, Sequence[Placed]]] = []
        self._moved: dict[int, Head] = {}
        self._rows = PendingRows(apart=self._database.is_distributed)
        self._locked: dict[int, Head] = {}
        self._periods: dict[int, int] = {}
        self._ahead = ReadAhead()
        self._has_begun = is_committing = False
        try:
            yield self
            if not self._has_begun:
                return
            with self._connection.pipeline():
                self._send_rows()
                is_committing = True
                send(self._connection, "COMMIT")
        except BaseException as error:
            self._forget()
            # A Citus worker that dies while it commits is an internal error of the coordinator.
            if is_committing and isinstance(
                error, psycopg.OperationalError | psycopg.InterfaceError | errors.InternalError_
            ):
                self._find_out(error)
                return
            if isinstance(error, AWAY):
                raise away(error) from error
            raise
        self._heads.update(self._moved)

    def lock_heads(self, workspaces: Sequence[Workspace]) -> None:
        """Lock the ends of several chains with one statement, in the order of their numbers."""
        numbers = [workspace.number for workspace in workspaces]
        connection = self._connection if self._has_begun else self._begin()
        if self._database.is_distributed:  # Citus locks within one shard only: one after the other, as each is reached
            return
        for number, *head in run(connection, _LOCK_ALL, (bigint_array(numbers),)):
            self._locked[number] = Head(*head)

    def read_ahead(self, batches: Sequence[tuple[Workspace, Sequence[EventDraft]]]) -> None:
        """Look for all that these batches name at once; where it is one batch, each verb asks as much by itself."""
        if len(batches) == 1 or self._database.is_distributed:  # on Citus each statement goes to one shard
            return
        keys: list[Name] = []
        sessions: list[Name] = []
        actors: list[Name] = []
        for workspace, drafts in batches:
            number = workspace.number
            if number not in self._locked:  # new: its head is made when it is reached
                continue
            self._believe(workspace, self._locked[number])
            of_keys, of_sessions, of_actors = named(drafts)
            keys += [(number, key) for key in of_keys]
            sessions += [(number, name) for name in self._sessions.by_id(workspace, of_sessions)[1]]
            actors += [(number, actor) for actor in self._sessions.inferred(workspace, of_actors)[1]]
        self._ahead.read(self._connection, keys, sessions, actors)
        unknown = {number for number, _ in (*sessions, *actors)} - self._next_session.keys()
        self._next_session.update(next_sessions(self._connection, sorted(unknown)))

    def lock_head(self, workspace: Workspace) -> Head:
        """The end of the chain, locked until the commit."""
        if workspace.number in self._moved:  # a second batch: it has to see the first
            self._send_rows()
            self._ahead = ReadAhead()
            return self._moved[workspace.number]
        head = self._locked.get(workspace.number)
        if head is None:
            head = _lock(self._connection if self._has_begun else self._begin(), workspace.number)
        self._believe(workspace, head)
        self._periods[workspace.number] = period_of(clock.to_text(head.created_at)) if head.seq else 0
        return head

    def seen(self, workspace: Workspace, keys: Sequence[str]) -> dict[str, LogEntry]:
        """The entries that already carry these idempotency keys, by key."""
        rows, missing = self._ahead.places.of(workspace.number, keys)
        if missing:
            sql = "SELECT key, seq FROM idempotency WHERE workspace_number=%s AND key = ANY(%s)"
            rows += self._run(sql, (workspace.number, text_array(missing)))
        if not rows:
            return {}
        reader = PostgresReader(self._run, self.codec)
        entries = {entry.seq: entry for entry in reader.places(workspace, [seq for _, seq in rows])}
        for key, seq in rows:
            if seq not in entries:
                raise LookupError(
                    f"Event {seq} of workspace {workspace.name} (key {key!r}) is missing: run `immutable verify`."
                )
        return {key: entries[seq] for key, seq in rows}

    def insert(self, workspace: Workspace, placed: Sequence[Placed]) -> None:
        """Store the entries and their idempotency keys."""
        self.inserted.append((workspace, placed))
        entries = [one.entry for one in placed]
        frames = self.codec.compress([entry.record for entry in entries] + [entry.details or b"" for entry in entries])
        details = frames[len(entries) :]
        self._rows.add(
            "entries",
            workspace.number,
            self._enter_periods(workspace, placed),
            [entry.seq for entry in entries],
            frames[: len(entries)],
            [None if entry.details is None else frame for entry, frame in zip(entries, details, strict=True)],
            [entry.salt for entry in entries],
            [entry.previous_hash for entry in entries],
            [entry.event_hash for entry in entries],
        )
        keyed = [one for one in placed if one.draft.idempotency_key is not None]
        self._rows.add(
            "idempotency", workspace.number, [one.draft.idempotency_key for one in keyed], [one.seq for one in keyed]
        )

    def open_sessions(self, workspace: Workspace, session_ids: Iterable[str], actor_ids: Iterable[str]) -> OpenSessions:
        """The named sessions, and the latest inferred session of each actor."""
        by_id, missing = self._sessions.by_id(workspace, session_ids)
        rows, missing = self._ahead.sessions.of(workspace.number, missing)
        if missing:
            sql = (
                "SELECT session_id, number, summary FROM sessions "
                "WHERE workspace_number=%s AND session_id = ANY(%s) AND NOT inferred"
            )
            rows += self._run(sql, (workspace.number, text_array(missing)))
        for session_id, number, summary in rows:
            by_id[session_id] = SessionState(decode_summary(summary), number, [], set(), [])
        inferred, missing = self._sessions.inferred(workspace, actor_ids)
        rows, missing = self._ahead.inferred.of(workspace.number, missing)
        if missing:
            sql = (
                "SELECT i.actor_id, s.number, s.summary FROM inferred_sessions i "
                "JOIN sessions s ON s.workspace_number = i.workspace_number AND s.number = i.session "
                "WHERE i.workspace_number=%s AND i.actor_id = ANY(%s)"
            )
            rows += self._run(sql, (workspace.number, text_array(missing)))
        for actor_id, number, summary in rows:
            inferred[actor_id] = SessionState(decode_summary(summary), number, [], set(), [])
        return OpenSessions(by_id, inferred)

    def touch_sessions(self, workspace: Workspace, states: Sequence[SessionState]) -> None:
        """Store the summaries, and index new sessions, actors and resources."""
        latest: dict[str, int] = {}
        for state in states:
            if state.number is None:
                state.number = self._new_session(workspace)
                if state.summary.inferred:
                    latest[next(iter(state.summary.actors))] = state.number
        self._count_resources(workspace, states)
        self._write_sessions(workspace, states)
        actors = [(actor, state) for state in states for actor in state.new_actors]
        self._rows.add(
            "session_actors",
            workspace.number,
            [actor for actor, _ in actors],
            [state.summary.sorted_at for _, state in actors],
            [state.number for _, state in actors],
        )
        self._rows.add("inferred_sessions", workspace.number, list(latest), list(latest.values()))
        for state in states:
            state.new_actors.clear()
            self._sessions.keep(workspace, state)

    def move_head(self, workspace: Workspace, head: Head) -> None:
        """Make `head` the end of the chain."""
        self._rows.add("heads", workspace.number, [head.seq], [head.event_hash], [head.created_at])
        self._moved[workspace.number] = head

    def forget_sessions(self, workspace: Workspace) -> None:
        """Believe nothing that is kept about a workspace's sessions: somebody changed them in this transaction."""
        self._sessions.forget(workspace)

    def select(self, sql: str, values: Sequence[object]) -> list[Any]:
        """The rows of one statement more, within the transaction, after a head was locked."""
        return self._run(sql, values)

    def flush(self) -> None:
        """Send the rows that were put by, so that the next statement sees them."""
        self._send_rows()

    def execute(self, sql: str, values: Sequence[object]) -> None:
        """One statement more, within the transaction, after a head was locked."""
        send(self._connection, sql, values)

    def close(self) -> None:
        """Close the connection."""
        if self._open is not None:
            self._open.close()
            self._open = None

    @property
    def _connection(self) -> Connection:
        assert self._open is not None  # noqa: S101 - the verbs are called inside a transaction
        return self._open

    def _run(self, sql: str, values: Sequence[object], *, prepare: bool | None = None) -> list[Any]:
        return run(self._connection, sql, values, prepare=prepare)

    def _send_rows(self) -> None:
        for sql, values in self._rows.statements():
            send(self._connection, sql, values)

    def _begin(self) -> Connection:
        """A connection on which a transaction has begun; one that the server closed meanwhile is made again."""
        if self._open is not None:
            try:
                send(self._open, "BEGIN")
            except AWAY:
                self.close()
        if self._open is None:
            self._open = self._database.connect()
            ((commits, distributed),) = run(
                self._open, f"SELECT current_setting('synchronous_commit'), {DISTRIBUTED}", ()
            )
            self._database.is_distributed = distributed
            self._rows = PendingRows(apart=distributed)
            if commits == "off":  # an acknowledged event must not be lost to a crash, whatever the server's default is
                send(self._open, "SET synchronous_commit = on")
            send(self._open, "BEGIN")
        self._has_begun = True
        return self._open

    def _believe(self, workspace: Workspace, head: Head) -> None:
        """Forget what is known of a workspace whose locked head is not the one this process left."""
        if self._heads.get(workspace.number) != head:
            self._sessions.forget(workspace)
            self._next_session.pop(workspace.number, None)
            self._heads[workspace.number] = head

    def _find_out(self, error: Exception) -> None:
        """Return where the transaction did commit. Raises Overloaded where it did not, or where nobody can tell yet.

        Whoever holds the head's lock sees either all of a transaction or nothing of it, and nothing of it to come.
        """
        deadline = time.monotonic() + _FIND_OUT_SECONDS
        while self._moved and time.monotonic() < deadline:
            try:
                with self._database.connect() as connection, connection.transaction():
                    number, head = next(iter(self._moved.items()))
                    found = _lock(connection, number)
                    sql = "SELECT event_hash FROM entries WHERE workspace_number=%s AND seq=%s"
                    rows = run(connection, sql, (number, head.seq))
            except AWAY:
                time.sleep(0.2)
                continue
            if found.seq >= head.seq and rows and rows[0][0] == head.event_hash:
                _log.warning("commit_found", error=str(error).strip(), seq=head.seq)
                return
            raise away(error) from error
        raise Overloaded(
            "PostgreSQL went away during a commit; the events may or may not have been stored. Send them again with the "
            "same idempotency keys.", 2
        ) from error  # fmt: skip

    def _enter_periods(self, workspace: Workspace, placed: Sequence[Placed]) -> list[int]:
        """The month of each event; those that are new to the workspace are noted, and made where they are missing."""
        first, last = (period_of(one.record.created_at) for one in (placed[0], placed[-1]))
        periods = [first] * len(placed) if first == last else [period_of(one.record.created_at) for one in placed]
        entered: dict[int, int] = {}
        if last != self._periods[workspace.number]:
            for one, period in zip(placed, periods, strict=True):
                if period > self._periods[workspace.number]:
                    entered[period] = one.seq
                    self._periods[workspace.number] = period
        if self._database.is_distributed:
            for period in entered:  # apart: what makes a table on every node must not hold up or break this transaction
                self._database.read("SELECT make_period(%s::integer)", (period,))
        elif entered:
            self._run(WAIT_FOR_MAKERS, ())
        self._rows.add("periods", workspace.number, list(entered), list(entered.values()))
        return periods

    def _write_sessions(self, workspace: Workspace, states: Sequence[SessionState]) -> None:
        summaries = [state.summary for state in states]
        self._rows.add(
            "sessions",
            workspace.number,
            [state.number for state in states],
            [summary.session_id for summary in summaries],
            [summary.inferred for summary in summaries],
            [summary.tenant_id for summary in summaries],
            [summary.sorted_at for summary in summaries],
            [encode_summary(summary) for summary in summaries],
        )

    def _count_resources(self, workspace: Workspace, states: Sequence[SessionState]) -> None:
        """Count the resources that are new to each session; where not all of them are known, the database knows."""
        unsure: list[tuple[SessionState, bytes]] = []
        for state in states:
            resources = [resource.encode() for resource in state.new_resources]
            if not resources:
                continue
            if state.knows_resources:
                state.summary.resources_count += len(resources)
                self._rows.add("session_resources", workspace.number, [state.number] * len(resources), resources)
            else:
                unsure += [(state, resource) for resource in resources]
            state.new_resources.clear()
            if len(state.resources) > _MAX_KNOWN_RESOURCES:
                state.resources.clear()
                state.knows_resources = False
        if unsure:
            by_number = {state.number: state for state, _ in unsure}
            numbers = bigint_array([state.number or 0 for state, _ in unsure])
            values = (workspace.number, numbers, bytea_array([resource for _, resource in unsure]))
            for (number,) in self._run(_NEW_RESOURCES, values):
                by_number[number].summary.resources_count += 1

    def _new_session(self, workspace: Workspace) -> int:
        number = self._next_session.get(workspace.number)
        if number is None:
            sql = "SELECT coalesce(max(number), 0)::bigint + 1 FROM sessions WHERE workspace_number=%s"
            ((number,),) = run(self._connection, sql, (workspace.number,))
        self._next_session[workspace.number] = number + 1
        return int(number)

    def _forget(self) -> None:
        """Whatever was under way is given up with its connection, and nothing that was known is believed."""
        self.close()
        self._heads.clear()
        self._sessions.clear()
        self._next_session.clear()


def _lock(connection: Connection, number: int) -> Head:
    """Lock a workspace's head until the transaction ends."""
    sql = "SELECT seq, event_hash, created_at FROM heads WHERE workspace_number=%s FOR UPDATE"
    rows = run(connection, sql, (number,))
    if not rows:
        send(connection, "INSERT INTO heads VALUES (%s,0,%s,0) ON CONFLICT DO NOTHING", (number, EMPTY_HEAD.event_hash))
        rows = run(connection, sql, (number,))
    return Head(*rows[0])
