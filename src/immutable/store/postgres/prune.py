"""The pruning verbs on PostgreSQL, within transactions that hold the workspace's head."""

from collections.abc import Sequence

from immutable.integrity.verify import readable
from immutable.model.event import Head
from immutable.model.workspace import Workspace
from immutable.sessions.fold import SessionState
from immutable.store.postgres.append import PostgresAppender
from immutable.store.postgres.arrays import bigint_array, text_array
from immutable.store.postgres.periods import IN_PERIODS
from immutable.store.pruning import DroppedSession


class PostgresPruning:
    """Moves the beginning of a log."""

    def __init__(self, append: PostgresAppender) -> None:
        self.append = append

    def prune(self, workspace: Workspace, through: Head) -> None:
        """Let the log begin after this event."""
        self.append.execute(
            "INSERT INTO pruned VALUES (%s,%s,%s,%s) ON CONFLICT (workspace_number) DO UPDATE SET seq = excluded.seq, "
            "event_hash = excluded.event_hash, created_at = excluded.created_at WHERE excluded.seq > pruned.seq",
            (workspace.number, through.seq, through.event_hash, through.created_at),
        )

    def replace_sessions(
        self, workspace: Workspace, dropped: Sequence[DroppedSession], states: Sequence[SessionState]
    ) -> None:
        """Drop these sessions, and store new ones for what is left of them."""
        number, append = workspace.number, self.append
        actors = sorted({next(iter(one.summary.actors)) for one in states if one.summary.inferred})
        pointers = append.select(
            "SELECT actor_id, session FROM inferred_sessions WHERE workspace_number=%s AND actor_id = ANY(%s)",
            (number, text_array(actors)),
        )
        gone = bigint_array([one.number for one in dropped])
        found_by = [(actor, one.sorted_at, one.number) for one in dropped for actor in sorted(one.actors)]
        append.execute(
            "DELETE FROM session_actors a USING unnest(%s, %s, %s) AS gone (actor_id, sorted_at, session) WHERE "
            "a.workspace_number=%s AND a.actor_id = gone.actor_id AND a.sorted_at = gone.sorted_at "
            "AND a.session = gone.session",
            (
                text_array([actor for actor, _, _ in found_by]),
                bigint_array([at for _, at, _ in found_by]),
                bigint_array([session for _, _, session in found_by]),
                number,
            ),
        )
        append.execute(
            "DELETE FROM inferred_sessions WHERE workspace_number=%s AND session = ANY(%s) AND actor_id = ANY(%s)",
            (number, gone, text_array(sorted({actor for actor, _, _ in found_by}))),
        )
        append.execute("DELETE FROM session_resources WHERE workspace_number=%s AND session = ANY(%s)", (number, gone))
        append.execute("DELETE FROM sessions WHERE workspace_number=%s AND number = ANY(%s)", (number, gone))
        append.forget_sessions(workspace)
        append.touch_sessions(workspace, states)
        append.flush()
        # What is left of an earlier session does not become its actor's latest.
        numbers = {one.number for one in dropped}
        kept = [(actor, session) for actor, session in pointers if session not in numbers]
        append.execute(
            "INSERT INTO inferred_sessions VALUES (%s, unnest(%s), unnest(%s)) "
            "ON CONFLICT (workspace_number, actor_id) DO UPDATE SET session = excluded.session",
            (number, text_array([actor for actor, _ in kept]), bigint_array([session for _, session in kept])),
        )
        append.forget_sessions(workspace)


def sweep(append: PostgresAppender, workspace: Workspace, through: int, most: int) -> list[int]:
    """Delete the oldest events up to `through`, at most so many, with their idempotency keys; their places."""
    number = workspace.number
    sql = f"SELECT seq, record FROM entries WHERE workspace_number=%s AND seq <= %s AND {IN_PERIODS} ORDER BY seq LIMIT %s"
    rows = append.select(sql, (number, through, number, 1, number, through, most))
    if not rows:
        return []
    texts = append.codec.decompress_all([record for _, record in rows])
    keys = [found.idempotency_key for text in texts if (found := readable(text)) and found.idempotency_key]
    last = rows[-1][0]
    append.execute(
        "DELETE FROM idempotency WHERE workspace_number=%s AND seq <= %s AND key = ANY(%s)",
        (number, last, text_array(keys)),
    )
    append.execute(
        f"DELETE FROM entries WHERE workspace_number=%s AND seq <= %s AND {IN_PERIODS}",
        (number, last, number, rows[0][0], number, last),
    )
    return [seq for seq, _ in rows]
