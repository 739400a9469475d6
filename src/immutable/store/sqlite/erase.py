"""The erasing verbs on SQLite, within a transaction of the one appending process."""

from collections.abc import Sequence

from immutable.model.session import SessionSummary
from immutable.model.workspace import Workspace
from immutable.store.find_sessions import encode_summary
from immutable.store.sqlite.append import SqliteAppender
from immutable.store.sqlite.entries import row_id


class SqliteErasing:
    """Forgets details. SQLite overwrites them in the file (`secure_delete`), and does not only unlink them."""

    def __init__(self, append: SqliteAppender) -> None:
        self.append = append

    def erase_details(self, workspace: Workspace, seqs: Sequence[int]) -> None:
        """Forget the details and salts of the events at these places."""
        base = row_id(workspace, 0)
        rows = [(base + seq,) for seq in seqs]
        self.append.connection.executemany("UPDATE entries SET details=NULL, salt=NULL WHERE id=?", rows)

    def replace_summaries(self, workspace: Workspace, summaries: Sequence[tuple[int, SessionSummary]]) -> None:
        """Store these summaries, by the sessions' numbers."""
        rows = [(encode_summary(summary), number, workspace.number) for number, summary in summaries]
        sql = "UPDATE sessions SET summary=? WHERE id=? AND workspace_number=?"
        self.append.connection.executemany(sql, rows)
        self.append.forget_sessions(workspace)
