"""What travels: the event as it is sent, and the answers to it."""

import json
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, IPvAnyAddress, field_validator, model_validator

Text = Annotated[str, Field(min_length=1, max_length=255)]


class _Input(BaseModel):
    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)


class Target(_Input):
    """What was also touched."""

    type: Text
    id: Text | None = None
    name: Text | None = None
    metadata: dict[str, Any] | None = None


class Person(_Input):
    """In whose name the actor acted."""

    id: Text
    name: Text | None = None
    type: Text | None = None


class EventIn(_Input):
    """One event as a client sends it."""

    actor_id: Text
    action: Text
    actor_name: Text | None = None
    actor_type: Text | None = None
    action_category: Text | None = None
    resource: Text | None = None
    resource_id: Text | None = None
    resource_name: Text | None = None
    tenant_id: Text | None = None
    session_id: Text | None = None
    targets: Annotated[list[Target], Field(max_length=100)] = []
    metadata: Annotated[dict[str, Any], Field(max_length=50)] | None = None
    changes: dict[str, Any] | None = None
    on_behalf_of: Person | None = None
    trace_id: Text | None = None
    request_id: Text | None = None
    occurred_at: datetime | None = None
    ip_address: IPvAnyAddress | None = None
    user_agent: Annotated[str, Field(max_length=1024)] | None = None
    idempotency_key: Text | None = None
    version: Annotated[int, Field(ge=1)] = 1

    @model_validator(mode="before")
    @classmethod
    def _flatten_resource(cls, data: Any) -> Any:
        """`resource` may be an object `{type, id, name}`."""
        if isinstance(data, dict) and isinstance(resource := data.get("resource"), dict):
            flat = {"resource": resource.get("type")}
            flat |= {f"resource_{name}": resource[name] for name in ("id", "name") if name in resource}
            return data | flat
        return data

    @field_validator("metadata")
    @classmethod
    def _limit_metadata(cls, metadata: dict[str, Any] | None) -> dict[str, Any] | None:
        if metadata is not None and len(json.dumps(metadata)) > 65_536:
            raise ValueError("metadata must be at most 64 KiB as JSON")
        return metadata


class BatchIn(_Input):
    """Events that are kept all or not at all."""

    events: Annotated[list[EventIn], Field(min_length=1, max_length=100)]


class Receipt(BaseModel):
    """The answer to one event."""

    id: UUID
    status: Literal["queued", "duplicate"]
    sequence: int
    event_hash: str


class BatchOut(BaseModel):
    """The answers to a batch, in the order sent."""

    events: list[Receipt]


class Filters(_Input):
    """What `GET /events` can be asked."""

    actor_id: str | None = None
    session_id: str | None = None
    action: str | None = None
    resource: str | None = None
    resource_id: str | None = None
    tenant_id: str | None = None
    search: str | None = None
    from_: Annotated[datetime | None, Field(alias="from")] = None
    to: datetime | None = None
    cursor: int | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 25
