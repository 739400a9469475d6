"""Entries and sessions as the contract shows them. An event is made from the very bytes that its hash covers."""

from collections.abc import Sequence
from typing import Any

from immutable import clock
from immutable.api.links import Links
from immutable.integrity.record import Details, decode_details, decode_record
from immutable.model.event import LogEntry
from immutable.model.session import SessionSummary
from immutable.sessions.destructive import DestructiveRule
from immutable.sessions.marks import Mark
from immutable.sessions.timeline import Step

_NO_DETAILS = Details()
_NO_HASH = bytes(32)


def event(entry: LogEntry) -> dict[str, Any]:
    """An event as `shared/api.md` has it; every key is there, what is unknown is None."""
    record = decode_record(entry.record)
    details = _NO_DETAILS if entry.details is None else decode_details(entry.details)
    resource, behalf, producer = record.resource, record.on_behalf_of, record.producer
    resource_type = None if resource is None else resource.type
    resource_id = None if resource is None else resource.id
    targets = []
    for index, target in enumerate(record.targets):
        more = details.targets[index] if index < len(details.targets) else None
        targets.append(
            {
                "type": target.type,
                "id": target.id,
                "name": None if more is None else more.name,
                "metadata": None if more is None else more.metadata,
            }
        )
    return {
        "id": record.id,
        "actor": {"id": record.actor.id, "name": details.actor_name, "type": record.actor.type},
        "action": record.action,
        "action_category": record.action_category,
        "resource": {"type": resource_type, "id": resource_id, "name": details.resource_name},
        "targets": targets,
        "metadata": details.metadata,
        "tenant_id": record.tenant_id,
        "session_id": record.session_id,
        "ip_address": details.ip_address,
        "ip_country": record.ip_country,
        "ip_city": details.ip_city,
        "user_agent": details.user_agent,
        "idempotency_key": record.idempotency_key,
        "version": record.version,
        "changes": details.changes,
        "on_behalf_of": None
        if behalf is None
        else {
            "id": behalf.id,
            "name": None if details.on_behalf_of is None else details.on_behalf_of.name,
            "type": behalf.type,
        },
        "trace_id": record.trace_id,
        "request_id": record.request_id,
        "producer": None
        if producer is None
        else {"id": producer.id, "run": producer.run, "sequence": producer.sequence},
        "integrity": {
            "event_hash": entry.event_hash.hex(),
            "previous_event_hash": None if entry.previous_hash == _NO_HASH else entry.previous_hash.hex(),
            "details_erased": entry.details is None,
        },
        "occurred_at": record.occurred_at,
        "created_at": record.created_at,
        "sequence": record.seq,
        "actor_id": record.actor.id,
        "actor_name": details.actor_name,
        "actor_type": record.actor.type,
        "resource_id": resource_id,
        "resource_name": details.resource_name,
    }


def session(summary: SessionSummary, rule: DestructiveRule) -> dict[str, Any]:
    """A session's summary."""
    return {
        "session_id": summary.session_id,
        "inferred": summary.inferred,
        "actors": [{"id": one.id, "name": one.name, "type": one.type} for one in summary.actors.values()],
        "tenant_id": summary.tenant_id,
        "started_at": clock.to_text(summary.started_at),
        "ended_at": clock.to_text(summary.ended_at),
        "duration_ms": (summary.ended_at - summary.started_at) // 1000,
        "events_count": summary.events_count,
        "actions": summary.actions,
        "resources_count": summary.resources_count,
        "places": [{"country": place.country, "city": place.city} for place in summary.places],
        "devices": summary.devices,
        "destructive_count": rule.count(summary.actions),
    }


def step(one: Step, links: Links, marks: Sequence[Mark] = ()) -> dict[str, Any]:
    """A step of a timeline: the event, when it came, and where to read more of it."""
    shown = event(one.entry)
    shown["elapsed_ms"] = one.elapsed_ms
    shown["gap_ms"] = one.gap_ms
    shown["destructive"] = one.is_destructive
    shown["device"] = one.device
    shown["marks"] = marks
    shown["links"] = links.of(shown)
    return shown


def page(items: list[dict[str, Any]], *, next_cursor: str | None, total: int, total_is_exact: bool) -> dict[str, Any]:
    """A list answer."""
    return {
        "data": items,
        "pagination": pagination(next_cursor=next_cursor, total=total, total_is_exact=total_is_exact),
    }


def pagination(*, next_cursor: str | None, total: int, total_is_exact: bool) -> dict[str, Any]:
    """Where a list goes on. `total_is_exact` false: there are at least `total`."""
    return {
        "has_more": next_cursor is not None,
        "next_cursor": next_cursor,
        "total": total,
        "total_is_exact": total_is_exact,
    }
