"""The rows that a transaction has to write, put by until its end: then one statement per table.

For all its workspaces together; on Citus (`distribute.py`) one per table and workspace, whose rows are in one shard.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from immutable.store.postgres.arrays import bigint_array, boolean_array, bytea_array, integer_array, text_array

_Column = Callable[[Sequence[Any]], object]
_INTEGER, _BIGINT, _TEXT, _BYTEA, _BOOLEAN = integer_array, bigint_array, text_array, bytea_array, boolean_array


class _Into(NamedTuple):
    together: str
    """Writes rows of any number of workspaces; all its values are arrays."""
    apart: str
    """Writes rows of one workspace, so that Citus sends it to one shard: the number, then arrays."""
    columns: tuple[_Column, ...]


def _into(table: str, columns: tuple[_Column, ...], conflict: str = "") -> _Into:
    marks = ", ".join(["%s"] * (len(columns) + 1))
    rows = ", ".join(["unnest(%s)"] * len(columns))
    return _Into(
        f"INSERT INTO {table} SELECT * FROM unnest({marks}) {conflict}".strip(),
        f"INSERT INTO {table} VALUES (%s, {rows}) {conflict}".strip(),
        columns,
    )


_IGNORE = "ON CONFLICT DO NOTHING"
_INTO: dict[str, _Into] = {
    # Where tables are distributed, the month was made before: no other table may be made from within a shard.
    "periods": _into("periods", (_INTEGER, _BIGINT), _IGNORE)._replace(
        together="INSERT INTO periods SELECT * FROM unnest(%s, %s, %s) AS new (number, period, first_seq) "
        "WHERE make_period(new.period) IS NOT NULL ON CONFLICT DO NOTHING"
    ),
    "entries": _into("entries", (_INTEGER, _BIGINT, _BYTEA, _BYTEA, _BYTEA, _BYTEA, _BYTEA)),
    "idempotency": _into("idempotency", (_TEXT, _BIGINT)),
    "sessions": _into(
        "sessions",
        (_BIGINT, _TEXT, _BOOLEAN, _TEXT, _BIGINT, _BYTEA),
        "ON CONFLICT (workspace_number, number) DO UPDATE SET tenant_id = excluded.tenant_id, summary = excluded.summary",
    ),
    "session_actors": _into("session_actors", (_TEXT, _BIGINT, _BIGINT), _IGNORE),
    "session_resources": _into("session_resources", (_BIGINT, _BYTEA), _IGNORE),
    "inferred_sessions": _into(
        "inferred_sessions",
        (_TEXT, _BIGINT),
        "ON CONFLICT (workspace_number, actor_id) DO UPDATE SET session = excluded.session",
    ),
    "heads": _into(
        "heads",
        (_BIGINT, _BYTEA, _BIGINT),
        "ON CONFLICT (workspace_number) DO UPDATE SET seq = excluded.seq, event_hash = excluded.event_hash, "
        "created_at = excluded.created_at",
    )._replace(
        together="UPDATE heads SET seq = moved.seq, event_hash = moved.event_hash, created_at = moved.created_at "
        "FROM unnest(%s, %s, %s, %s) AS moved (number, seq, event_hash, created_at) "
        "WHERE heads.workspace_number = moved.number"
    ),
}
"""Per table, in the order in which they are written."""


class PendingRows:
    """Rows by table. No row of a table but `entries` may be put by twice: PostgreSQL refuses to update one twice."""

    def __init__(self, *, apart: bool) -> None:
        """`apart`: each statement writes rows of one workspace."""
        self._apart = apart
        self._columns: dict[str, dict[int, list[list[Any]]]] = {}

    def add(self, table: str, workspace_number: int, *columns: Sequence[Any]) -> None:
        """Put by rows of one workspace, column by column."""
        if not columns[0]:
            return
        groups = self._columns.setdefault(table, {})
        group = workspace_number if self._apart else 0
        kept = groups.get(group)
        if kept is None:
            kept = groups[group] = [[] for _ in range(len(columns) + 1)]
        kept[0] += [workspace_number] * len(columns[0])
        for rows, column in zip(kept[1:], columns, strict=True):
            rows.extend(column)

    def statements(self) -> Iterator[tuple[str, list[object]]]:
        """The statements that write them, with their values; afterwards there are none."""
        taken, self._columns = self._columns, {}
        for table, into in _INTO.items():
            for number, (numbers, *columns) in taken.get(table, {}).items():
                values = [kind(column) for kind, column in zip(into.columns, columns, strict=True)]
                if self._apart:
                    yield into.apart, [number, *values]
                else:
                    yield into.together, [integer_array(numbers), *values]
