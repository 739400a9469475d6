"""Writes what is made from the log into the index file beside it."""

from collections.abc import Sequence

import apsw

from immutable.model.producer import ProducerRun, encode_run
from immutable.model.workspace import Workspace
from immutable.store.lookup import EPOCH
from immutable.store.sqlite import text
from immutable.store.sqlite.entries import row_id
from immutable.store.sqlite.rows import write_rows


class SqliteIndexWriter:
    """Writes over a connection of its own."""

    def __init__(self, connection: apsw.Connection) -> None:
        self.connection = connection

    def write_epoch(self, workspace: Workspace, epoch: int, postings: Sequence[tuple[str, bytes]]) -> None:
        """Store a full epoch's terms and count it as sealed."""
        rows = [(workspace.number, epoch, term, places) for term, places in postings]
        with self.connection:
            write_rows(self.connection, "INSERT OR REPLACE INTO postings", rows)
            self.connection.execute(
                "INSERT INTO progress (workspace_number, sealed_epochs) VALUES (?,?) "
                "ON CONFLICT DO UPDATE SET sealed_epochs = max(sealed_epochs, excluded.sealed_epochs)",
                (workspace.number, epoch + 1),
            )

    def write_texts(self, workspace: Workspace, texts: Sequence[tuple[int, list[str]]], through: int) -> None:
        """Index the fields of events and note through which event they go."""
        with self.connection:
            text.write(self.connection, workspace, texts)
            self.connection.execute(
                "INSERT INTO progress (workspace_number, text_seq) VALUES (?,?) "
                "ON CONFLICT DO UPDATE SET text_seq = excluded.text_seq",
                (workspace.number, through),
            )

    def rewrite_texts(self, workspace: Workspace, texts: Sequence[tuple[int, list[str]]], followed: int) -> None:
        """Replace the texts of events and note through which event erasures are followed."""
        with self.connection:
            text.remove(self.connection, workspace, [seq for seq, _ in texts])
            text.write(self.connection, workspace, texts)
            self.connection.execute(
                "INSERT OR REPLACE INTO erasures_followed VALUES (?,?)", (workspace.number, followed)
            )

    def sweep(self, workspace: Workspace, through: int) -> None:
        """Forget what finds events up to `through`, which ends an epoch."""
        first, last = row_id(workspace, 1), row_id(workspace, through)
        with self.connection:
            self.connection.execute(
                "DELETE FROM postings WHERE workspace_number=? AND epoch < ?", (workspace.number, through // EPOCH)
            )
            self.connection.execute("DELETE FROM text_index WHERE rowid BETWEEN ? AND ?", (first, last))

    def write_producers(
        self,
        workspace: Workspace,
        runs: Sequence[ProducerRun],
        gone: Sequence[tuple[str, str | None]],
        followed: int,
        forgotten: int,
    ) -> None:
        """Store what came of producers' runs, and through which event."""
        number = workspace.number
        with self.connection:
            self.connection.executemany(
                "DELETE FROM producer_runs WHERE workspace_number=? AND producer=? AND run=?",
                [(number, producer, run or "") for producer, run in gone],
            )
            rows = [(number, one.producer, one.run or "", encode_run(one)) for one in runs]
            write_rows(self.connection, "INSERT OR REPLACE INTO producer_runs", rows)
            self.connection.execute(
                "INSERT OR REPLACE INTO producers_followed VALUES (?,?,?)", (number, followed, forgotten)
            )

    def drop(self, workspace: Workspace) -> None:
        """Forget the index of a workspace, so that it is made again."""
        number = workspace.number
        with self.connection:
            self.connection.execute("DELETE FROM postings WHERE workspace_number=?", (number,))
            self.connection.execute("DELETE FROM progress WHERE workspace_number=?", (number,))
            self.connection.execute("DELETE FROM erasures_followed WHERE workspace_number=?", (number,))
            self.connection.execute("DELETE FROM producer_runs WHERE workspace_number=?", (number,))
            self.connection.execute("DELETE FROM producers_followed WHERE workspace_number=?", (number,))
            self.connection.execute(
                "DELETE FROM text_index WHERE rowid BETWEEN ? AND ?", (number << 40, (number + 1 << 40) - 1)
            )
