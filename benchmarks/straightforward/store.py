"""The SQL: append under the workspace's lock, and list."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from benchmarks.straightforward.wire import EventIn, Filters, Receipt

JSON_COLUMNS = ("targets", "metadata", "changes", "on_behalf_of")
COLUMNS = (
    "workspace_id", "sequence", "id", "actor_id", "actor_name", "actor_type", "action", "action_category", "resource",
    "resource_id", "resource_name", "tenant_id", "session_id", "targets", "metadata", "changes", "on_behalf_of",
    "trace_id", "request_id", "version", "ip_address", "user_agent", "idempotency_key", "occurred_at", "created_at",
    "previous_event_hash", "event_hash",
)  # fmt: skip
INSERT = f"INSERT INTO events ({', '.join(COLUMNS)}) VALUES ({', '.join(f'%({column})s' for column in COLUMNS)})"
HEAD = "SELECT sequence, event_hash FROM events WHERE workspace_id = %s ORDER BY sequence DESC LIMIT 1"
SEEN = "SELECT id, sequence, event_hash FROM events WHERE workspace_id = %s AND idempotency_key = %s"
KEY = "SELECT workspace_id FROM api_keys WHERE key_hash = %s AND revoked_at IS NULL"


async def workspace_of(connection: AsyncConnection, key: str) -> int | None:
    """The workspace that an API key belongs to."""
    found = await connection.execute(KEY, [hashlib.sha256(key.encode()).digest()])
    row = await found.fetchone()
    return row[0] if row else None


async def append(
    connection: AsyncConnection, workspace_id: int, events: list[EventIn], caller_address: str | None
) -> list[Receipt]:
    """Chain and insert the events; durable when the connection's transaction has been committed."""
    await connection.execute("SELECT pg_advisory_xact_lock(%s)", [workspace_id])
    head = await (await connection.execute(HEAD, [workspace_id])).fetchone()
    sequence, previous_hash = head or (0, None)
    receipts = []
    for event in events:
        if event.idempotency_key is not None:
            seen = await (await connection.execute(SEEN, [workspace_id, event.idempotency_key])).fetchone()
            if seen:
                receipts.append(Receipt(id=seen[0], status="duplicate", sequence=seen[1], event_hash=seen[2]))
                continue
        sequence += 1
        row = _row(event, workspace_id, sequence, previous_hash, caller_address)
        await connection.execute(INSERT, row)
        previous_hash = row["event_hash"]
        receipts.append(Receipt(id=row["id"], status="queued", sequence=sequence, event_hash=previous_hash))
    return receipts


def _row(
    event: EventIn, workspace_id: int, sequence: int, previous_hash: str | None, caller_address: str | None
) -> dict[str, Any]:
    created_at = datetime.now(UTC)
    row = event.model_dump(mode="json")
    row |= {
        "workspace_id": workspace_id,
        "sequence": sequence,
        "id": str(uuid4()),
        "ip_address": row["ip_address"] or caller_address,
        "occurred_at": (event.occurred_at or created_at).isoformat(),
        "created_at": created_at.isoformat(),
        "previous_event_hash": previous_hash,
    }
    canonical = json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    row["event_hash"] = hashlib.sha256(((previous_hash or "") + canonical).encode()).hexdigest()
    for column in JSON_COLUMNS:
        if row[column] is not None:
            row[column] = Jsonb(row[column])
    return row


async def list_events(connection: AsyncConnection, workspace_id: int, filters: Filters) -> dict[str, Any]:
    """One page of events and how many there are in all; a session oldest first, else newest first."""
    clauses, values = ["workspace_id = %(workspace_id)s"], filters.model_dump() | {"workspace_id": workspace_id}
    exact = ("actor_id", "session_id", "resource", "resource_id", "tenant_id")
    clauses += [f"{column} = %({column})s" for column in exact if values[column] is not None]
    if filters.action and filters.action.endswith("*"):
        values["action"] = _like(filters.action[:-1]) + "%"
        clauses.append("action LIKE %(action)s")
    elif filters.action:
        clauses.append("action = %(action)s")
    if filters.from_:
        clauses.append("created_at >= %(from_)s")
    if filters.to:
        clauses.append("created_at <= %(to)s")
    if filters.search:
        values["search"] = f"%{_like(filters.search)}%"
        searched = ("actor_name", "action", "resource_name", "metadata::text")
        clauses.append("(" + " OR ".join(f"{column} ILIKE %(search)s" for column in searched) + ")")
    counted = await connection.execute(f"SELECT count(*) FROM events WHERE {' AND '.join(clauses)}", values)
    (total,) = await counted.fetchone() or (0,)
    order, beyond = ("ASC", ">") if filters.session_id else ("DESC", "<")
    if filters.cursor is not None:
        clauses.append(f"sequence {beyond} %(cursor)s")
    cursor = connection.cursor(row_factory=dict_row)
    await cursor.execute(
        f"SELECT * FROM events WHERE {' AND '.join(clauses)} ORDER BY sequence {order} LIMIT %(limit)s + 1", values
    )
    rows = await cursor.fetchall()
    has_more = len(rows) > filters.limit
    rows = rows[: filters.limit]
    next_cursor = str(rows[-1]["sequence"]) if has_more else None
    return {
        "data": [_rendered(row) for row in rows],
        "pagination": {"has_more": has_more, "next_cursor": next_cursor, "total": total},
    }


def _like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _rendered(row: dict[str, Any]) -> dict[str, Any]:
    """A row as the API answers it: nested, and the nested values again flat."""
    del row["workspace_id"]
    hashes = {name: row.pop(name) for name in ("event_hash", "previous_event_hash")}
    return row | {
        "actor": {"id": row["actor_id"], "name": row["actor_name"], "type": row["actor_type"]},
        "resource": {"type": row["resource"], "id": row["resource_id"], "name": row["resource_name"]},
        "integrity": hashes,
        "ip_country": None,
        "ip_city": None,
    }
