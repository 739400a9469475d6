"""The rows that a transaction has to write, of all its workspaces, put by until its end: then one statement per table."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from immutable.store.postgres.arrays import bigint_array, boolean_array, bytea_array, integer_array, text_array

_Column = Callable[[Sequence[Any]], object]
_INTEGER, _BIGINT, _TEXT, _BYTEA, _BOOLEAN = integer_array, bigint_array, text_array, bytea_array, boolean_array

_INTO: dict[str, tuple[str, tuple[_Column, ...]]] = {
    "periods": (
        (
            "INSERT INTO periods SELECT * FROM unnest(%s, %s, %s) AS new (number, period, first_seq) "
            "WHERE make_period(new.period) IS NOT NULL ON CONFLICT DO NOTHING"
        ),
        (_INTEGER, _INTEGER, _BIGINT),
    ),
    "entries": (
        "INSERT INTO entries SELECT * FROM unnest(%s, %s, %s, %s, %s, %s, %s, %s)",
        (_INTEGER, _INTEGER, _BIGINT, _BYTEA, _BYTEA, _BYTEA, _BYTEA, _BYTEA),
    ),
    "idempotency": ("INSERT INTO idempotency SELECT * FROM unnest(%s, %s, %s)", (_INTEGER, _TEXT, _BIGINT)),
    "sessions": (
        (
            "INSERT INTO sessions SELECT * FROM unnest(%s, %s, %s, %s, %s, %s, %s) "
            "ON CONFLICT (workspace_number, number) DO UPDATE SET tenant_id = excluded.tenant_id, summary = excluded.summary"
        ),
        (_INTEGER, _BIGINT, _TEXT, _BOOLEAN, _TEXT, _BIGINT, _BYTEA),
    ),
    "session_actors": (
        "INSERT INTO session_actors SELECT * FROM unnest(%s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (_INTEGER, _TEXT, _BIGINT, _BIGINT),
    ),
    "session_resources": (
        "INSERT INTO session_resources SELECT * FROM unnest(%s, %s, %s) ON CONFLICT DO NOTHING",
        (_INTEGER, _BIGINT, _BYTEA),
    ),
    "inferred_sessions": (
        (
            "INSERT INTO inferred_sessions SELECT * FROM unnest(%s, %s, %s) "
            "ON CONFLICT (workspace_number, actor_id) DO UPDATE SET session = excluded.session"
        ),
        (_INTEGER, _TEXT, _BIGINT),
    ),
    "heads": (
        (
            "UPDATE heads SET seq = moved.seq, event_hash = moved.event_hash, created_at = moved.created_at "
            "FROM unnest(%s, %s, %s, %s) AS moved (number, seq, event_hash, created_at) "
            "WHERE heads.workspace_number = moved.number"
        ),
        (_INTEGER, _BIGINT, _BYTEA, _BIGINT),
    ),
}
"""Per table, in the order in which they are written: the statement, and its columns. The first is the workspace."""


class PendingRows:
    """Rows by table. No row of a table but `entries` may be put by twice: PostgreSQL refuses to update one twice."""

    def __init__(self) -> None:
        self._columns: dict[str, list[list[Any]]] = {}

    def add(self, table: str, workspace_number: int, *columns: Sequence[Any]) -> None:
        """Put by rows of one workspace, column by column."""
        if not columns[0]:
            return
        kept = self._columns.get(table)
        if kept is None:
            kept = self._columns[table] = [[] for _ in range(len(columns) + 1)]
        kept[0] += [workspace_number] * len(columns[0])
        for rows, column in zip(kept[1:], columns, strict=True):
            rows.extend(column)

    def statements(self) -> Iterator[tuple[str, list[object]]]:
        """The statements that write them, with their values; afterwards there are none."""
        taken, self._columns = self._columns, {}
        for table, (sql, kinds) in _INTO.items():
            if table in taken:
                yield sql, [kind(column) for kind, column in zip(kinds, taken[table], strict=True)]
