"""The shape of every answer, for the OpenAPI document. What an answer holds is put together in `render.py`.

Lists of events are too many and too hot to pass through these types; tests/api/test_openapi.py holds real answers
against the document that is made from them. What clients send is in `decode.py`.
"""

from typing import Annotated, Any, Literal

import msgspec

from immutable.integrity.scope import ErasedRange, SealedRange
from immutable.integrity.succession import Rollback
from immutable.integrity.verify import Break
from immutable.sessions.marks import Mark

Id = Annotated[str, msgspec.Meta(description="The event's UUID.", extra_json_schema={"format": "uuid"})]
Time = Annotated[
    str, msgspec.Meta(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$", description="UTC, in microseconds.")
]
Hash = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$", description="SHA-256 as hex.")]
Count = Annotated[int, msgspec.Meta(ge=0)]
Sequence = Annotated[int, msgspec.Meta(ge=1, description="The event's place in the log, from 1, without gaps.")]


def ref(one: type) -> dict[str, str]:
    """Where the OpenAPI document has the schema of a type."""
    return {"$ref": f"#/components/schemas/{one.__name__}"}


class Error(msgspec.Struct):
    """What went wrong: a code for programs, and a sentence that says what to do."""

    error: str
    message: str


class ValidationError(msgspec.Struct):
    """What is wrong with each field; the key is the field's path, such as `targets.0.type`."""

    error: Literal["validation_failed"]
    message: str
    errors: dict[str, list[str]]


class Receipt(msgspec.Struct, gc=False):
    """The event is durable, hashed and readable: where it lies in the chain. Worth keeping."""

    id: Id
    status: Literal["queued", "duplicate"]
    sequence: Sequence
    event_hash: Hash


class Rejection(msgspec.Struct, gc=False):
    """An event of a batch that was not kept."""

    message: str
    errors: dict[str, list[str]]
    id: None = None
    status: Literal["rejected"] = "rejected"
    error: Literal["validation_failed"] = "validation_failed"


class BatchReceipt(msgspec.Struct):
    """An answer for each event, in the order sent."""

    events: Annotated[list[Any], msgspec.Meta(extra_json_schema={"items": {"anyOf": [ref(Receipt), ref(Rejection)]}})]


class Named(msgspec.Struct):
    """Something with a type, an id and a name."""

    id: str | None
    name: str | None
    type: str | None


class ProducerNumber(msgspec.Struct):
    """The sender's own number for the event, from 1 without gaps in each run."""

    id: str
    run: str | None
    sequence: Annotated[int, msgspec.Meta(ge=1)]


class EventTarget(msgspec.Struct):
    """What the action also touched."""

    type: str
    id: str | None
    name: str | None
    metadata: dict[str, Any] | None


class Change(msgspec.Struct):
    """A field's value before and after."""

    old: Any
    new: Any


class Integrity(msgspec.Struct):
    """The event's link in the chain."""

    event_hash: Hash
    previous_event_hash: Hash | None
    details_erased: Annotated[bool, msgspec.Meta(description="Whether the details were erased, on the record.")]


class Event(msgspec.Struct):
    """One thing that somebody did. Every key is always there; what is unknown is null. The last five repeat others."""

    id: Id
    actor: Named
    action: str
    action_category: str | None
    resource: Named
    targets: list[EventTarget]
    metadata: dict[str, Any] | None
    tenant_id: str | None
    session_id: str | None
    ip_address: str | None
    ip_country: str | None
    ip_city: str | None
    user_agent: str | None
    idempotency_key: str | None
    version: int | None
    changes: dict[str, Change] | None
    on_behalf_of: Named | None
    trace_id: str | None
    request_id: str | None
    producer: ProducerNumber | None
    integrity: Integrity
    occurred_at: Time
    created_at: Time
    sequence: Sequence
    actor_id: str
    actor_name: str | None
    actor_type: str | None
    resource_id: str | None
    resource_name: str | None


class HistoryEvent(Event):
    """An event of a resource's history."""

    destructive: bool


class Links(msgspec.Struct):
    """Where to read more of an event, by the workspace's templates or the server's; null without one, or without a value."""

    trace: Annotated[str | None, msgspec.Meta(description="Its trace.")]
    logs: Annotated[str | None, msgspec.Meta(description="The application's log lines.")]
    errors: Annotated[str | None, msgspec.Meta(description="Its errors, where these are tracked.")]


class Step(HistoryEvent):
    """An event of a session's timeline."""

    elapsed_ms: Annotated[int, msgspec.Meta(description="Milliseconds since the session began.")]
    gap_ms: Annotated[int, msgspec.Meta(description="Milliseconds since the step before; 0 for the first.")]
    device: str | None
    marks: Annotated[
        list[Mark],
        msgspec.Meta(description="What stands out against the step before by the same actor: hints, by rule."),
    ]
    links: Links


class Place(msgspec.Struct):
    """Where from, as far as the address tells."""

    country: str | None
    city: str | None


class Session(msgspec.Struct):
    """What somebody did in one go. `inferred`: grouped by the actor's pauses, not named by the client."""

    session_id: str
    inferred: bool
    actors: list[Named]
    tenant_id: str | None
    started_at: Time
    ended_at: Time
    duration_ms: Count
    events_count: Count
    actions: dict[str, Count]
    resources_count: Count
    places: list[Place]
    devices: list[str]
    destructive_count: Count


class SessionTimeline(Session):
    """A session and its steps, oldest first."""

    timeline: list[Step]


class Pagination(msgspec.Struct):
    """Where the list goes on. `total_is_exact` false: there are at least `total`."""

    has_more: bool
    next_cursor: str | None
    total: Count
    total_is_exact: bool


class Page(msgspec.Struct):
    """Where a list goes on that is not counted."""

    has_more: bool
    next_cursor: str | None


class EventAnswer(msgspec.Struct):
    """One event."""

    data: Event


class EventPage(msgspec.Struct):
    """Some events."""

    data: list[Event]
    pagination: Pagination


class HistoryPage(msgspec.Struct):
    """Some events of a resource's history."""

    data: list[HistoryEvent]
    pagination: Pagination


class SessionPage(msgspec.Struct):
    """Some sessions."""

    data: list[Session]
    pagination: Pagination


class SessionAnswer(msgspec.Struct):
    """One session; `pagination` is that of its timeline."""

    data: SessionTimeline
    pagination: Pagination


class Verification(msgspec.Struct):
    """What was checked, and what was found. `breaks` holds the first hundred."""

    valid: bool
    events_checked: Count
    breaks: list[Break]
    details_erased: Annotated[
        int, msgspec.Meta(ge=0, description="Events whose details an erasure on the record removed: no break.")
    ]
    erased: Annotated[list[ErasedRange], msgspec.Meta(description="Where they are: the first hundred ranges.")]
    pruned_through: Annotated[
        int, msgspec.Meta(ge=0, description="The last event that was pruned on the record: the log begins behind it.")
    ]
    first_sequence: Count
    last_sequence: Count
    sessions_checked: Annotated[bool, msgspec.Meta(description="Whether the whole log was checked, sessions included.")]
    scope: Annotated[
        list[SealedRange],
        msgspec.Meta(
            description="The checked events, cut where what stands behind them changes; no seals: not signed yet."
        ),
    ]
    checkpoints_checked: Annotated[
        int,
        msgspec.Meta(
            ge=0,
            description="The log's own checkpoints, the newest, that were looked at; the newest witnessed one besides.",
        ),
    ]
    rollbacks: Annotated[
        list[Rollback],
        msgspec.Meta(
            description="Older copies of the log that an operator went on with, on the record (accept-rollback)."
        ),
    ]
    signing_halted: Annotated[
        str | None, msgspec.Meta(description="Why the server signs nothing more of this log, if so.")
    ]
    is_complete: bool
    next_cursor: str | None


class VerificationAnswer(msgspec.Struct):
    """A verification's result."""

    data: Verification


class Health(msgspec.Struct):
    """The server's own state."""

    status: Literal["ok", "ready"]
