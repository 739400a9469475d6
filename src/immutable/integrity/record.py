"""Record format, version 1: an event as two byte strings that are stored as they were hashed.

`record` holds what must stay for ever, `details` what may have to be forgotten. Both are UTF-8 JSON with sorted keys and
no insignificant white space; a field that is absent is left out. They are encoded once, here, and only ever decoded
afterwards. The whole format is told in `docs/specs/record-format.md`.
"""

import hashlib
from typing import Any

import msgspec

from immutable import clock
from immutable.model.event import EventDraft

FORMAT_VERSION = 1


class Reference(msgspec.Struct, omit_defaults=True, frozen=True, gc=False):
    """An actor, resource or target without its name. Fields in the order of the format: sorted."""

    id: str | None = None
    type: str | None = None


class Numbered(msgspec.Struct, omit_defaults=True, frozen=True, gc=False):
    """The number that the sender gave the event. Fields in the order of the format: sorted."""

    id: str = ""
    run: str | None = None
    sequence: int = 0


class Record(msgspec.Struct, omit_defaults=True, frozen=True, gc=False):
    """The part of an event that stays. Fields in the order of the format: sorted.

    Fields that every record has are given defaults all the same, because that lets a record be made by position: twenty
    keywords cost more than encoding and hashing it.
    """

    action: str = ""
    action_category: str | None = None
    actor: Reference = Reference()
    created_at: str = ""
    details_digest: str = ""
    id: str = ""
    idempotency_key: str | None = None
    ip_country: str | None = None
    occurred_at: str = ""
    on_behalf_of: Reference | None = None
    producer: Numbered | None = None
    request_id: str | None = None
    resource: Reference | None = None
    seq: int = 0
    session_id: str | None = None
    targets: tuple[Reference, ...] = ()
    tenant_id: str | None = None
    trace_id: str | None = None
    v: int = 0
    version: int | None = None
    workspace_id: str = ""


class TargetDetails(msgspec.Struct, omit_defaults=True, frozen=True, gc=False):
    """What a target carries beyond its type and id; at the same index as in the record's `targets`."""

    metadata: dict[str, Any] | None = None
    name: str | None = None


class NameOnly(msgspec.Struct, omit_defaults=True, frozen=True, gc=False):
    """The name of the person on whose behalf the actor acted."""

    name: str | None = None


class Details(msgspec.Struct, omit_defaults=True, frozen=True, gc=False):
    """The part of an event that an erasure removes. Fields in the order of the format: sorted."""

    actor_name: str | None = None
    changes: dict[str, Any] | None = None
    ip_address: str | None = None
    ip_city: str | None = None
    metadata: dict[str, Any] | None = None
    on_behalf_of: NameOnly | None = None
    resource_name: str | None = None
    targets: tuple[TargetDetails, ...] = ()
    user_agent: str | None = None


_encoder = msgspec.json.Encoder(order="sorted")
encode_record = (
    msgspec.json.Encoder().encode
)  # its fields are defined in sorted order, and it holds no free-form object
decode_record = msgspec.json.Decoder(Record).decode
decode_details = msgspec.json.Decoder(Details).decode


def encode_details(draft: EventDraft) -> bytes:
    """The `details` bytes of an event."""
    behalf = draft.on_behalf_of
    targets: tuple[TargetDetails, ...] = ()
    if draft.targets and any(target.name is not None or target.metadata is not None for target in draft.targets):
        targets = tuple(TargetDetails(metadata=target.metadata, name=target.name) for target in draft.targets)
    return _encoder.encode(
        Details(
            draft.actor_name,
            draft.changes,
            draft.ip_address,
            draft.ip_city,
            draft.metadata,
            NameOnly(behalf.name) if behalf is not None and behalf.name is not None else None,
            draft.resource_name,
            targets,
            draft.user_agent,
        )
    )


def details_digest(salt: bytes, details: bytes) -> str:
    """Hex SHA-256 of `salt` followed by `details`."""
    return hashlib.sha256(salt + details).hexdigest()


def make_record(
    draft: EventDraft, *, workspace_id: str, seq: int, event_id: str, created_at: int, digest: str
) -> Record:
    """The record of an event at place `seq`; `created_at` in microseconds."""
    created = clock.to_text(created_at)
    behalf, producer = draft.on_behalf_of, draft.producer
    has_resource = draft.resource_type is not None or draft.resource_id is not None
    return Record(
        draft.action,
        draft.action_category,
        Reference(draft.actor_id, draft.actor_type),
        created,
        digest,
        event_id,
        draft.idempotency_key,
        draft.ip_country,
        created if draft.occurred_at is None else clock.to_text(draft.occurred_at),
        None if behalf is None else Reference(behalf.id, behalf.type),
        None if producer is None else Numbered(producer.id, producer.run, producer.sequence),
        draft.request_id,
        Reference(draft.resource_id, draft.resource_type) if has_resource else None,
        seq,
        draft.session_id,
        tuple(Reference(target.id, target.type) for target in draft.targets) if draft.targets else (),
        draft.tenant_id,
        draft.trace_id,
        FORMAT_VERSION,
        draft.version,
        workspace_id,
    )
