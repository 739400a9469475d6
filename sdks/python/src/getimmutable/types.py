"""The shapes of what is sent and received, as typed dictionaries. Nothing here runs.

Values arrive as the server's JSON says them: times are RFC 3339 text in UTC with microseconds, hashes are hex text.
"""

from datetime import date, datetime
from typing import Any, Generic, NotRequired, TypedDict, TypeVar

T = TypeVar("T")

Instant = str | datetime | date
"""A time as parameters take it: RFC 3339 text, a datetime with its time zone, or a plain date."""


class Target(TypedDict, total=False):
    """What an action also touched. `type` is required."""

    type: str
    id: str | None
    name: str | None
    metadata: dict[str, Any] | None


class Change(TypedDict, total=False):
    """A field's value before and after."""

    old: Any
    new: Any


class Actor(TypedDict, total=False):
    """Who did it."""

    id: str
    name: str | None
    type: str | None


class Resource(TypedDict, total=False):
    """What it was done to."""

    type: str | None
    id: str | None
    name: str | None


class Producer(TypedDict):
    """Who made an event, and as which one: numbers run from 1 without gaps in each run of a producer."""

    id: str
    run: NotRequired[str | None]
    sequence: int


class EventPayload(TypedDict, total=False):
    """An event to send. `actor_id` and `action` are required."""

    actor_id: str
    action: str
    actor_name: str
    actor_type: str
    action_category: str
    resource: str | Resource
    resource_id: str
    resource_name: str
    targets: list[Target]
    metadata: dict[str, Any]
    tenant_id: str
    session_id: str
    idempotency_key: str
    version: int
    occurred_at: str | datetime
    ip_address: str
    user_agent: str
    changes: dict[str, Change]
    on_behalf_of: Actor
    trace_id: str
    request_id: str
    producer: Producer


class EventResponse(TypedDict):
    """The receipt for an event; keep `sequence` and `event_hash` as proof of its place in the log."""

    id: str
    status: str  # 'queued' | 'duplicate'
    sequence: NotRequired[int]
    event_hash: NotRequired[str]


class BatchReceipt(TypedDict):
    """The answer for one event of a batch. A rejected one has no id and says what is wrong with it."""

    id: str | None
    status: str  # 'queued' | 'duplicate' | 'rejected'
    sequence: NotRequired[int]
    event_hash: NotRequired[str]
    error: NotRequired[str]
    message: NotRequired[str]
    errors: NotRequired[dict[str, list[str]]]


class BatchResponse(TypedDict):
    """The answers for a batch, in the order sent."""

    events: list[BatchReceipt]


class Integrity(TypedDict):
    """The event's hash and its predecessor's; null for the first event of a log."""

    event_hash: str | None
    previous_event_hash: str | None
    details_erased: NotRequired[bool]


class Event(TypedDict):
    """An event as the log holds it. The last five keys repeat the nested values flat."""

    id: str
    actor: Actor
    action: str
    action_category: str | None
    resource: Resource
    targets: list[Target]
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
    on_behalf_of: Actor | None
    trace_id: str | None
    request_id: str | None
    producer: Producer | None
    integrity: Integrity
    occurred_at: str | None
    created_at: str
    sequence: int
    actor_id: str
    actor_name: str | None
    actor_type: str | None
    resource_id: str | None
    resource_name: str | None


class Links(TypedDict):
    """Where to read more of an event, by the templates of the workspace or of the server's operator."""

    trace: str | None
    logs: str | None
    errors: str | None


class Mark(TypedDict):
    """What stands out at a step against an earlier one by the same actor, so many seconds before: a hint, by rule."""

    kind: str
    since_sequence: int
    seconds: int
    km: int | None


class Step(Event):
    """An event in a session: milliseconds since the session began and since the step before."""

    elapsed_ms: int
    gap_ms: int
    destructive: bool
    device: str | None
    marks: NotRequired[list[Mark]]
    links: NotRequired[Links]


class HistoryEvent(Event):
    """An event in the history of a resource."""

    destructive: bool


class Pagination(TypedDict):
    """Where a list goes on. `total_is_exact` false: there are at least `total`."""

    has_more: bool
    next_cursor: str | None
    total: int
    total_is_exact: NotRequired[bool]


class Page(TypedDict, Generic[T]):
    """One page of a list."""

    data: list[T]
    pagination: Pagination


QueryResult = Page[Event]
HistoryResult = Page[HistoryEvent]


class EventResult(TypedDict):
    """One event."""

    data: Event


class Place(TypedDict):
    """Where from, as far as the address tells."""

    country: str | None
    city: str | None


class Session(TypedDict):
    """What happened in one go. `inferred`: grouped by the server, for want of a session id."""

    session_id: str
    inferred: bool
    actors: list[Actor]
    tenant_id: str | None
    started_at: str
    ended_at: str
    duration_ms: int
    events_count: int
    actions: dict[str, int]
    resources_count: int
    places: list[Place]
    devices: list[str]
    destructive_count: int


SessionsResult = Page[Session]


class SessionStory(Session):
    """A session and its timeline, oldest first."""

    timeline: list[Step]


class SessionResult(TypedDict):
    """One session; its pagination is that of the timeline."""

    data: SessionStory
    pagination: Pagination


class VerifyBreak(TypedDict, total=False):
    """A place where the log is not what was hashed."""

    event_id: str | None
    sequence: int
    type: str
    kind: str
    expected_hash: str | None
    actual_hash: str | None
    message: str


class VerifyData(TypedDict):
    """Whether the log is whole. `is_complete` false: what follows `last_sequence` was not checked; see `next_cursor`."""

    valid: bool
    events_checked: int
    breaks: list[VerifyBreak]
    details_erased: NotRequired[int]
    pruned_through: NotRequired[int]
    scope: NotRequired[list[dict[str, Any]]]
    erased: NotRequired[list[dict[str, int]]]
    checkpoints_checked: NotRequired[int]
    rollbacks: NotRequired[list[dict[str, Any]]]
    signing_halted: NotRequired[str | None]
    first_sequence: NotRequired[int | None]
    last_sequence: NotRequired[int | None]
    sessions_checked: NotRequired[bool]
    is_complete: NotRequired[bool]
    next_cursor: NotRequired[str | None]


class VerifyResult(TypedDict):
    """The answer of a verification."""

    data: VerifyData


class CosignatureData(TypedDict):
    """What a witness signed of a checkpoint, and when."""

    witness: str
    cosigned_at: str | None


class CheckpointData(TypedDict):
    """What was signed of the log: the root of its first `size` events. `note` is the signed text with all signatures."""

    origin: str
    size: int
    root_hash: str
    created_at: str
    note: str
    cosignatures: list[CosignatureData]


CheckpointsResult = Page[CheckpointData]


class CheckpointResult(TypedDict):
    """One checkpoint. `halted`, of the latest: why nothing more is signed, if so."""

    data: CheckpointData
    halted: NotRequired[str | None]


class InclusionData(TypedDict):
    """That an event is in a checkpoint: the hashes from its leaf to the root."""

    event_id: str
    sequence: int
    event_hash: str
    leaf_index: int
    leaf_hash: str
    hashes: list[str]
    checkpoint: CheckpointData


class InclusionResult(TypedDict):
    """An inclusion proof."""

    data: InclusionData


class ConsistencyData(TypedDict):
    """That the log of `to_size` events begins with that of `from_size`."""

    from_size: int
    from_root_hash: str
    to_size: int
    to_root_hash: str
    hashes: list[str]


class ConsistencyResult(TypedDict):
    """A consistency proof."""

    data: ConsistencyData


class SigningKeyData(TypedDict):
    """A key that signs checkpoints, or did; it signed trees larger than `first_size`."""

    verifier_key: str
    origin: str
    public_key: str
    first_size: int
    created_at: str
    retired_at: str | None


class SigningKeysResult(TypedDict):
    """All keys, oldest first."""

    data: list[SigningKeyData]


class SharedResource(TypedDict):
    """A resource, whose history is shared."""

    type: str
    id: str


class ShareLinkData(TypedDict):
    """A link to one case. `path` has the secret, and is told once, when the link is made."""

    id: str
    asked: str
    created_at: str
    created_by: str
    expires_at: str
    is_revoked: bool
    path: str | None


ShareLinksResult = Page[ShareLinkData]


class ShareLinkResult(TypedDict):
    """One share link."""

    data: ShareLinkData


class AnchorData(TypedDict):
    """A checkpoint that somebody outside the server's control has dated; `merkle_root` covers the first `tree_size` events."""

    id: str
    merkle_root: str
    previous_anchor_hash: str | None
    events_count: int
    tree_size: int
    period_start: str
    period_end: str
    chain: str
    status: str  # 'pending' | 'submitted' | 'confirmed' | 'failed'
    tx_hash: str | None
    block_number: int | None
    explorer_url: str | None
    confirmed_at: str | None
    created_at: str


class AnchorDetail(AnchorData):
    """An anchor with all that is needed to check it without the server. `time_stamp` is the RFC 3161 response, as base64."""

    first_event_hash: str
    last_event_hash: str
    error: str | None
    checkpoint: str
    time_stamp: str | None


AnchorsResult = Page[AnchorData]


class AnchorResult(TypedDict):
    """One anchor."""

    data: AnchorDetail


class AnchorVerdictData(TypedDict):
    """`expected`: the root that is anchored; `actual`: the log's, computed anew. `problems` says what is wrong, in words."""

    anchor_id: str
    merkle_root: str
    valid: bool
    chain_valid: bool
    expected: str
    actual: str | None
    events_count: int
    tree_size: int
    tx_hash: str | None
    explorer_url: str | None
    anchored_at: str | None
    problems: list[str]


class AnchorVerdictResult(TypedDict):
    """An anchor's verification."""

    data: AnchorVerdictData


class AlertEvent(TypedDict, total=False):
    """The event that set off an alert."""

    id: str
    action: str
    actor_id: str


class AlertItem(TypedDict):
    """An alert that was triggered."""

    id: str
    rule_name: str | None
    rule_type: str | None
    reason: str
    event: AlertEvent | None
    notified_at: str | None
    triggered_at: str


AlertResult = Page[AlertItem]


class ExportData(TypedDict, total=False):
    """An export as it is asked for."""

    id: str
    status: str  # 'pending' | 'processing' | 'completed' | 'failed'


class ExportResponse(TypedDict):
    """The answer to asking for an export."""

    data: ExportData


class ExportStatusData(TypedDict, total=False):
    """How far an export is, and where its file lies once it is completed."""

    id: str
    status: str
    filters: dict[str, str]
    total_rows: int | None
    file_size: int | None
    download_url: str | None
    error_message: str | None
    created_at: str
    expires_at: str | None


class ExportStatus(TypedDict):
    """The answer about an export."""

    data: ExportStatusData


class ViewerTokenResponse(TypedDict):
    """A token for the embeddable viewer. `expires_at`: seconds since 1970."""

    token: str
    viewer_token: NotRequired[str]
    expires_at: int
