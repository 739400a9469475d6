"""The pruning verbs on SQLite, within transactions of the one appending process."""

import json
from collections.abc import Sequence
from itertools import islice

from immutable.integrity.verify import readable
from immutable.model.event import Head
from immutable.model.workspace import Workspace
from immutable.sessions.fold import SessionState
from immutable.store.pruning import DroppedSession
from immutable.store.sqlite.append import SqliteAppender
from immutable.store.sqlite.entries import read_records, row_id

_LISTED = "(SELECT value FROM json_each(?))"


class SqlitePruning:
    """Moves the beginning of a log."""

    def __init__(self, append: SqliteAppender) -> None:
        self.append = append

    def prune(self, workspace: Workspace, through: Head) -> None:
        """Let the log begin after this event."""
        self.append.connection.execute(
            "INSERT INTO pruned VALUES (?,?,?,?) ON CONFLICT DO UPDATE SET seq = excluded.seq, "
            "event_hash = excluded.event_hash, created_at = excluded.created_at WHERE excluded.seq > pruned.seq",
            (workspace.number, through.seq, through.event_hash, through.created_at),
        )

    def replace_sessions(
        self, workspace: Workspace, dropped: Sequence[DroppedSession], states: Sequence[SessionState]
    ) -> None:
        """Drop these sessions, and store new ones for what is left of them."""
        connection, number = self.append.connection, workspace.number
        actors = json.dumps(sorted({next(iter(one.summary.actors)) for one in states if one.summary.inferred}))
        pointers = connection.execute(
            f"SELECT actor_id, session FROM inferred_sessions WHERE workspace_number=? AND actor_id IN {_LISTED}",
            (number, actors),
        ).fetchall()
        gone = {one.number for one in dropped}
        connection.executemany(
            "DELETE FROM session_actors WHERE workspace_number=? AND actor_id=? AND sorted_at=? AND session=?",
            [(number, actor, one.sorted_at, one.number) for one in dropped for actor in one.actors],
        )
        connection.executemany(
            "DELETE FROM inferred_sessions WHERE workspace_number=? AND actor_id=? AND session=?",
            [(number, actor, one.number) for one in dropped for actor in one.actors],
        )
        for sql in ("DELETE FROM session_resources WHERE session=?", "DELETE FROM sessions WHERE id=?"):
            connection.executemany(sql, [(one,) for one in gone])
        self.append.forget_sessions(workspace)
        self.append.touch_sessions(workspace, states)
        # What is left of an earlier session does not become its actor's latest.
        connection.executemany(
            "INSERT OR REPLACE INTO inferred_sessions VALUES (?,?,?)",
            [(number, actor, session) for actor, session in pointers if session not in gone],
        )
        self.append.forget_sessions(workspace)


def sweep(append: SqliteAppender, workspace: Workspace, through: int, most: int) -> list[int]:
    """Delete the oldest events up to `through`, at most so many, with their idempotency keys; their places."""
    records = list(islice(read_records(append.connection, append.codec, workspace, 1, through), most))
    if not records:
        return []
    keys = [found.idempotency_key for _, text in records if (found := readable(text)) and found.idempotency_key]
    last = records[-1][0]
    append.connection.execute(
        f"DELETE FROM idempotency WHERE workspace_number=? AND seq <= ? AND key IN {_LISTED}",
        (workspace.number, last, json.dumps(keys)),
    )
    base = row_id(workspace, 0)
    append.connection.execute("DELETE FROM entries WHERE id BETWEEN ? AND ?", (base + 1, base + last))
    return [seq for seq, _ in records]
