"""Writes what is made from the log, over the connection that holds the followers' lease: who lost it cannot write."""

from collections.abc import Sequence

from immutable.model.producer import ProducerRun, encode_run
from immutable.model.workspace import Workspace
from immutable.store.lookup import EPOCH
from immutable.store.postgres.arrays import BigintArray, TextArray, bigint_array, integer_array, text_array
from immutable.store.postgres.connection import Connection, send
from immutable.store.postgres.periods import IN_PERIODS, periods_of

_SEPARATOR = "\x1f"


class PostgresIndexWriter:
    """Writes over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def write_epoch(self, workspace: Workspace, epoch: int, postings: Sequence[tuple[str, bytes]]) -> None:
        """Store a full epoch's terms and count it as sealed."""
        number = workspace.number
        with self._connection.transaction():
            send(self._connection, "DELETE FROM postings WHERE workspace_number=%s AND epoch=%s", (number, epoch))
            copying = self._connection.cursor().copy("COPY postings FROM STDIN (FORMAT BINARY)")
            with copying as copy:
                copy.set_types(["int4", "int8", "bytea", "bytea"])
                for term, places in postings:
                    copy.write_row((number, epoch, term.encode(), places))
            send(
                self._connection,
                "INSERT INTO progress (workspace_number, sealed_epochs) VALUES (%s,%s) ON CONFLICT (workspace_number) "
                "DO UPDATE SET sealed_epochs = greatest(progress.sealed_epochs, excluded.sealed_epochs)",
                (number, epoch + 1),
            )

    def write_texts(self, workspace: Workspace, texts: Sequence[tuple[int, list[str]]], through: int) -> None:
        """Index the fields of events and note through which event they go."""
        number = workspace.number
        months = periods_of(self._connection, number, [seq for seq, _ in texts])
        with self._connection.transaction():
            send(
                self._connection,
                "INSERT INTO event_texts VALUES (%s, unnest(%s), unnest(%s), unnest(%s)) ON CONFLICT DO NOTHING",
                (number, integer_array(months), *_columns(texts)),
            )
            send(
                self._connection,
                "INSERT INTO progress (workspace_number, text_seq) VALUES (%s,%s) ON CONFLICT (workspace_number) "
                "DO UPDATE SET text_seq = greatest(progress.text_seq, excluded.text_seq)",
                (number, through),
            )

    def sweep(self, workspace: Workspace, through: int) -> None:
        """Forget what finds events up to `through`, which ends an epoch."""
        number = workspace.number
        with self._connection.transaction():
            send(
                self._connection,
                "DELETE FROM postings WHERE workspace_number=%s AND epoch < %s",
                (number, through // EPOCH),
            )
            send(self._connection, "DELETE FROM event_texts WHERE workspace_number=%s AND seq <= %s", (number, through))

    def rewrite_texts(self, workspace: Workspace, texts: Sequence[tuple[int, list[str]]], followed: int) -> None:
        """Replace the texts of events and note through which event erasures are followed."""
        number = workspace.number
        first, last = (texts[0][0], texts[-1][0]) if texts else (0, 0)
        with self._connection.transaction():
            send(
                self._connection,
                "UPDATE event_texts SET text = new.text FROM unnest(%s::bigint[], %s::text[]) AS new (seq, text) "
                f"WHERE workspace_number=%s AND event_texts.seq = new.seq AND {IN_PERIODS}",
                (*_columns(texts), number, number, first, number, last),
            )
            send(
                self._connection,
                "INSERT INTO erasures_followed VALUES (%s,%s) ON CONFLICT (workspace_number) "
                "DO UPDATE SET seq = greatest(erasures_followed.seq, excluded.seq)",
                (number, followed),
            )

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
        with self._connection.transaction():
            for producer, run in gone:
                send(
                    self._connection,
                    "DELETE FROM producer_runs WHERE workspace_number=%s AND producer=%s AND run=%s",
                    (number, producer.encode(), (run or "").encode()),
                )
            send(
                self._connection,
                "INSERT INTO producer_runs VALUES (%s, unnest(%s::bytea[]), unnest(%s::bytea[]), unnest(%s::bytea[])) "
                "ON CONFLICT (workspace_number, producer, run) DO UPDATE SET state = excluded.state",
                (
                    number,
                    [one.producer.encode() for one in runs],
                    [(one.run or "").encode() for one in runs],
                    [encode_run(one) for one in runs],
                ),
            )
            send(
                self._connection,
                "INSERT INTO producers_followed VALUES (%s,%s,%s) ON CONFLICT (workspace_number) "
                "DO UPDATE SET seq = excluded.seq, forgotten = excluded.forgotten",
                (number, followed, forgotten),
            )


def _columns(texts: Sequence[tuple[int, list[str]]]) -> tuple[BigintArray, TextArray]:
    return bigint_array([seq for seq, _ in texts]), text_array([_SEPARATOR.join(fields) for _, fields in texts])
