"""An event before it has a place in the log (EventDraft), in it (LogEntry), and the receipt for it.

The wire form that clients send is in `api/decode.py`; the hashed form in `integrity/record.py`.
"""

from typing import Any

import msgspec


class Named(msgspec.Struct, frozen=True, gc=False):
    """Something with a type and an id, and a name that may have to be forgotten."""

    type: str | None = None
    id: str | None = None
    name: str | None = None


class Target(msgspec.Struct, frozen=True, gc=False):
    """What an action also touched."""

    type: str
    id: str | None = None
    name: str | None = None
    metadata: dict[str, Any] | None = None


class Producer(msgspec.Struct, frozen=True, gc=False):
    """Who sent an event, and as which one: each run of a producer counts from 1, so that a missing number shows a gap."""

    id: str
    run: str | None
    sequence: int


class EventDraft(msgspec.Struct, gc=False):
    """A validated event that has no place in the log yet. Times are microseconds since 1970, UTC."""

    actor_id: str
    action: str
    actor_name: str | None = None
    actor_type: str | None = None
    action_category: str | None = None
    resource_type: str | None = None
    resource_id: str | None = None
    resource_name: str | None = None
    targets: tuple[Target, ...] = ()
    metadata: dict[str, Any] | None = None
    tenant_id: str | None = None
    session_id: str | None = None
    occurred_at: int | None = None
    ip_address: str | None = None
    ip_country: str | None = None
    ip_city: str | None = None
    user_agent: str | None = None
    idempotency_key: str | None = None
    version: int | None = None
    changes: dict[str, Any] | None = None
    on_behalf_of: Named | None = None
    trace_id: str | None = None
    request_id: str | None = None
    producer: Producer | None = None


class LogEntry(msgspec.Struct, frozen=True, gc=False):
    """An event as stored: the bytes that were hashed, its place, and its hash. `details` is None once erased."""

    seq: int
    record: bytes
    details: bytes | None
    salt: bytes | None
    previous_hash: bytes
    event_hash: bytes


class Head(msgspec.Struct, frozen=True, gc=False):
    """The end of a workspace's chain; `seq` 0 and 32 zero bytes before the first event."""

    seq: int
    event_hash: bytes
    created_at: int


EMPTY_HEAD = Head(seq=0, event_hash=bytes(32), created_at=0)


class Receipt(msgspec.Struct, frozen=True, gc=False):
    """What the sender gets for an event: where it is in the chain. `is_duplicate`: it was there before."""

    id: str
    seq: int
    event_hash: bytes
    is_duplicate: bool
