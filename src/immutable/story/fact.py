"""An event as a story tells it: made of the very bytes that were hashed, without what is withheld."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import msgspec

from immutable import clock
from immutable.integrity.record import Details, decode_details, decode_record
from immutable.model.event import LogEntry
from immutable.sessions.destructive import DestructiveRule
from immutable.sessions.devices import device_of
from immutable.story.words import visible

_MOST_FREE_TEXT = 1_500
"""Letters of metadata and changes that the report shows; the rest is in events.jsonl."""


class Fact(msgspec.Struct, gc=False):
    """One event. All texts are safe to look at, and still to be escaped. Times in microseconds."""

    seq: int
    id: str
    session_id: str | None
    occurred_at: int
    created_at: int
    action: str
    actor_id: str
    actor: str
    resource_key: tuple[str | None, str | None]
    """(type, id) of what it was done to, as they were sent."""
    resource_type: str
    resource: str
    """What it was done to: its name, or else its id."""
    targets: str
    place: str
    address: str
    device: str
    free_text: str
    metadata: Mapping[str, Any]
    """As it was sent: not safe to look at."""
    is_destructive: bool
    absent: str | None
    event_hash: str
    gap_ms: int = 0


def fact_of(entry: LogEntry, absent: str | None, rule: DestructiveRule) -> Fact:
    """The fact of an entry; `absent` says why its details are not shown, if so."""
    record = decode_record(entry.record)
    details = decode_details(entry.details) if absent is None and entry.details is not None else Details()
    resource = record.resource
    names = [one.name for one in details.targets]
    targets = [
        f"{target.type} {(names[at] if at < len(names) else None) or target.id or ''}".strip()
        for at, target in enumerate(record.targets)
    ]
    where = ", ".join(part for part in (details.ip_city, record.ip_country) if part)
    return Fact(
        seq=entry.seq,
        id=record.id,
        session_id=record.session_id,
        occurred_at=clock.from_text(record.occurred_at),
        created_at=clock.from_text(record.created_at),
        action=visible(record.action),
        actor_id=visible(record.actor.id or ""),
        actor=visible(details.actor_name or record.actor.id or "somebody unknown"),
        resource_key=(None, None) if resource is None else (resource.type, resource.id),
        resource_type=visible((resource.type if resource else None) or ""),
        resource=visible(details.resource_name or (resource.id if resource else None) or ""),
        targets=visible(", ".join(targets)),
        place=visible(where),
        address=visible(details.ip_address or ""),
        device=visible(device_of(details.user_agent)) if details.user_agent else "",
        free_text=_free_text(details),
        metadata=details.metadata or {},
        is_destructive=rule.covers(record.action),
        absent=absent,
        event_hash=entry.event_hash.hex(),
    )


def in_time(facts: list[Fact]) -> list[Fact]:
    """The facts in the order in which they occurred, each with the time since the one before."""
    ordered = sorted(facts, key=lambda fact: (fact.occurred_at, fact.seq))
    for before, fact in pairwise(ordered):
        fact.gap_ms = (fact.occurred_at - before.occurred_at) // 1_000
    return ordered


def _free_text(details: Details) -> str:
    parts = []
    for name, value in (("changes", details.changes), ("metadata", details.metadata)):
        if value:
            parts.append(f"{name}: {msgspec.json.encode(value).decode()}")
    return visible("  ".join(parts), _MOST_FREE_TEXT)
