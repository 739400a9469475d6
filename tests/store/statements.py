"""Whether each statement that the store sends touches the rows of one workspace only, and so one shard on Citus.

Every statement is taken as it is sent, with its values, and read from its plan: what scans a distributed table must be
held to a workspace's number there, and what is inserted must carry one. On Citus the plan must name one task.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import psycopg

from immutable.store.postgres.connection import Connection, Database
from immutable.store.postgres.distribute import LOCAL

ACROSS = {
    "FROM workspaces w LEFT JOIN heads h": "which trees are behind: asked by the one process that integrates, once a turn",
    "SELECT workspace_number, seq FROM heads": "which indexes are behind: asked by the one process that builds them, once a turn",
    "FROM trees t JOIN workspaces w": "which checkpoints lack a witness: asked by the one process that asks witnesses",
    "FROM anchors a JOIN workspaces w": "anchors that are not finished, for the one process that anchors; and one by its id, "
    "for outsiders who know no workspace",
    "FROM signing_keys k JOIN workspaces w": "the keys of all, asked when they are copied or their secret is changed",
    "FROM entries WHERE workspace_number > ": "verification of an empty log looks whether it lies under another number",
    "FROM periods p LEFT JOIN pruned": "whether a whole month may be dropped, asked once an hour",
}
"""Statements that reach every workspace, by what is only in them, each with the reason why it may."""

_NO_ROWS = ("BEGIN", "COMMIT", "ROLLBACK", "SET ", "LISTEN ", "NOTIFY ")
_ONE_ROW_FORM = {"COPY postings FROM STDIN (FORMAT BINARY)": "each row begins with the number of the one workspace"}
_HELD = re.compile(r"\bworkspace_number = ('?\d+|\$\d+)")
_ALIKE = re.compile(r"\bworkspace_number = \w+\.workspace_number")
"""The same workspace as a row that was found already; that one is held to the number."""
_NUMBER = re.compile(r"^\(?'?\d+'?\)?(::\w+)?$")

Sent = dict[str, tuple[Any, ...]]
"""Statements, each with the values with which it was first sent."""


@contextmanager
def taken() -> Iterator[Sent]:
    """What psycopg is given to send, meanwhile, in this process."""
    sent: Sent = {}
    execute, copy = psycopg.Connection.execute, psycopg.Cursor.copy

    def executing(connection: Any, query: Any, params: Any = None, **options: Any) -> Any:
        sent.setdefault(str(query), tuple(params or ()))
        return execute(connection, query, params, **options)

    def copying(cursor: Any, statement: Any, params: Any = None, **options: Any) -> Any:
        sent.setdefault(str(statement), tuple(params or ()))
        return copy(cursor, statement, params, **options)

    with (
        mock.patch.object(psycopg.Connection, "execute", executing),
        mock.patch.object(psycopg.Cursor, "copy", copying),
    ):
        yield sent


def across_shards(database: Database, sent: Sent) -> list[str]:
    """Those of the statements that touch the rows of more than one workspace and are not allowed to."""
    found = []
    with database.connect() as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'immutable'").fetchall()
        distributed = {re.sub(r"_\d+$", "", name) for (name,) in names} - set(LOCAL)
        for sql, values in list(sent.items()):  # what runs behind the log goes on
            tables = {table for table in distributed if re.search(rf"\b{table}(_\d+)?\b", sql)}
            if not tables or sql.startswith(_NO_ROWS) or sql in _ONE_ROW_FORM:
                continue
            if not any(known in sql for known in ACROSS) and not _is_held(connection, sql, values, distributed):
                found.append(sql)
    return found


def _is_held(connection: Connection, sql: str, values: tuple[Any, ...], distributed: set[str]) -> bool:
    rows = connection.execute("EXPLAIN (VERBOSE, FORMAT JSON) " + sql, values, prepare=False).fetchall()
    plan = rows[0][0][0] if not isinstance(rows[0][0], str) else json.loads(rows[0][0])[0]
    if _has_citus(connection):
        counts = re.findall(r'"Task Count": (\d+)', json.dumps(plan))
        return "INSERT ... SELECT" not in json.dumps(plan) and set(counts) <= {"0", "1"} and bool(counts)
    text = json.dumps(plan)
    return _plan_is_held(plan["Plan"], distributed) and (not _ALIKE.search(text) or bool(_HELD.search(text)))


def _has_citus(connection: Connection) -> bool:
    return bool(connection.execute("SELECT 1 FROM pg_extension WHERE extname = 'citus'").fetchall())


def _plan_is_held(node: dict[str, Any], distributed: set[str]) -> bool:
    inside: list[dict[str, Any]] = node.get("Plans", [])
    table = re.sub(r"_\d+$", "", node.get("Relation Name", ""))
    if table in distributed and node["Node Type"] == "ModifyTable":
        if node["Operation"] == "Insert" and not all(_NUMBER.match(one["Output"][0]) for one in inside):
            return False
    elif table in distributed:
        conditions = " ".join(
            str(of.get(kind, "")) for of in (node, *inside) for kind in ("Index Cond", "Filter", "Recheck Cond")
        )
        if not _HELD.search(conditions) and not _ALIKE.search(conditions):
            return False
    return all(_plan_is_held(one, distributed) for one in inside)
