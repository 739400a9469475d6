"""The erasing verbs on PostgreSQL, within a transaction that holds the workspace's head."""

from collections.abc import Sequence

from immutable.model.session import SessionSummary
from immutable.model.workspace import Workspace
from immutable.store.find_sessions import encode_summary
from immutable.store.postgres.append import PostgresAppender
from immutable.store.postgres.arrays import bigint_array, bytea_array
from immutable.store.postgres.periods import IN_PERIODS


class PostgresErasing:
    """Forgets details. The rows' old versions go with the next vacuum."""

    def __init__(self, append: PostgresAppender) -> None:
        self.append = append

    def erase_details(self, workspace: Workspace, seqs: Sequence[int]) -> None:
        """Forget the details and salts of the events at these places."""
        if not seqs:
            return
        number = workspace.number
        sql = f"UPDATE entries SET details=NULL, salt=NULL WHERE workspace_number=%s AND seq = ANY(%s) AND {IN_PERIODS}"
        self.append.execute(sql, (number, bigint_array(list(seqs)), number, min(seqs), number, max(seqs)))

    def replace_summaries(self, workspace: Workspace, summaries: Sequence[tuple[int, SessionSummary]]) -> None:
        """Store these summaries, by the sessions' numbers."""
        numbers, texts = [number for number, _ in summaries], [encode_summary(summary) for _, summary in summaries]
        sql = (
            "UPDATE sessions SET summary = new.summary FROM unnest(%s, %s) AS new (number, summary) "
            "WHERE sessions.workspace_number=%s AND sessions.number = new.number"
        )
        self.append.execute(sql, (bigint_array(numbers), bytea_array(texts), workspace.number))
        self.append.forget_sessions(workspace)
