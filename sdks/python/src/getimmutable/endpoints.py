"""Every call of the API, once: its name, parameters, path and answer. Pure; both clients take their methods from here.

The docstrings are those of the clients' methods.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from getimmutable.download import File
from getimmutable.idempotency import with_key
from getimmutable.request import Request, instant, parameters, path
from getimmutable.types import (
    AlertResult,
    AnchorResult,
    AnchorsResult,
    AnchorVerdictResult,
    BatchResponse,
    CheckpointResult,
    CheckpointsResult,
    ConsistencyResult,
    EventPayload,
    EventResponse,
    EventResult,
    ExportResponse,
    ExportStatus,
    HistoryResult,
    InclusionResult,
    Instant,
    QueryResult,
    SessionResult,
    SessionsResult,
    SharedResource,
    ShareLinkResult,
    ShareLinksResult,
    SigningKeysResult,
    VerifyResult,
    ViewerTokenResponse,
)

MAX_PAGE = 100
"""The most items that the server puts on one page."""


def track(payload: EventPayload) -> Request[EventResponse]:
    """Send one event and return its receipt, once it is durable.

    Without an `idempotency_key` one is made, so that a retry cannot store the event twice; a receipt then says
    `duplicate` where the first try had arrived after all.
    """
    return Request("POST", "/v1/events", body=with_key(payload))


def track_batch(events: Sequence[EventPayload], atomic: bool = False) -> Request[BatchResponse]:
    """Send several events in one request, up to the server's limit (100 by default), kept adjacent and in order.

    The receipts come in the order sent. An invalid event is `rejected` in its place and the others are kept; with
    `atomic`, one invalid event refuses all of them (ImmutableError, 422).
    """
    body = {"events": [with_key(event) for event in events]}
    return Request("POST", "/v1/events/batch", {"atomic": "true"} if atomic else {}, body)


def get_events(  # noqa: PLR0913 - one for each filter of the API
    *,
    actor_id: str | None = None,
    action: str | None = None,
    resource: str | None = None,
    resource_id: str | None = None,
    tenant_id: str | None = None,
    session_id: str | None = None,
    target_type: str | None = None,
    target_id: str | None = None,
    search: str | None = None,
    from_date: Instant | None = None,
    to_date: Instant | None = None,
    cursor: str | None = None,
    limit: int | None = None,
    order: str | None = None,
) -> Request[QueryResult]:
    """Read one page of the events that meet all filters: newest first, those of a session oldest first.

    `action` may end in `*`: `document.*`. `order` is `asc` or `desc`. `limit` is 1 to 100.
    """
    filters = {
        "actor_id": actor_id,
        "action": action,
        "resource": resource,
        "resource_id": resource_id,
        "tenant_id": tenant_id,
        "session_id": session_id,
        "target_type": target_type,
        "target_id": target_id,
        "search": search,
        "order": order,
    }
    return _list("/v1/events", filters, from_date, to_date, cursor, limit)


def get_event(event_id: str) -> Request[EventResult]:
    """Read one event: `{"data": event}`."""
    return Request("GET", path("/v1/events/{event_id}", event_id=event_id))


def get_sessions(  # noqa: PLR0913 - one for each filter of the API
    *,
    actor_id: str | None = None,
    tenant_id: str | None = None,
    resource_id: str | None = None,
    action: str | None = None,
    from_date: Instant | None = None,
    to_date: Instant | None = None,
    search: str | None = None,
    inferred: bool | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> Request[SessionsResult]:
    """Read one page of the sessions that meet all filters, newest first."""
    filters = {
        "actor_id": actor_id,
        "tenant_id": tenant_id,
        "resource_id": resource_id,
        "action": action,
        "search": search,
        "inferred": inferred,
    }
    return _list("/v1/sessions", filters, from_date, to_date, cursor, limit)


def get_session(session_id: str, *, cursor: str | None = None, limit: int | None = None) -> Request[SessionResult]:
    """Read one session: its summary and, as `timeline`, its events oldest first with the time between them.

    A timeline longer than the server's page goes on with `cursor`.
    """
    where = path("/v1/sessions/{session_id}", session_id=session_id)
    return Request("GET", where, parameters({"cursor": cursor, "limit": limit}))


def get_resource_history(
    type: str,  # noqa: A002
    id: str,  # noqa: A002
    *,
    cursor: str | None = None,
    limit: int | None = None,
) -> Request[HistoryResult]:
    """Read one page of all that happened to a resource, as resource or as target, across sessions, oldest first."""
    where = path("/v1/resources/{type}/{id}/history", type=type, id=id)
    return Request("GET", where, parameters({"cursor": cursor, "limit": limit}))


def verify(
    *,
    from_date: Instant | None = None,
    to_date: Instant | None = None,
    limit: int | None = None,
    cursor: str | None = None,
) -> Request[VerifyResult]:
    """Have the server check the hash chain, whole or in a range of time.

    The server checks a long log part by part; without a `limit` all parts are asked for and make one verdict. With a
    `limit` it is one request, and `is_complete` and `next_cursor` say whether and where to go on.
    """
    return _list("/v1/verify", {}, from_date, to_date, cursor, limit)


def get_checkpoints(*, cursor: str | None = None, limit: int | None = None) -> Request[CheckpointsResult]:
    """Read one page of the signed checkpoints, newest first."""
    return Request("GET", "/v1/checkpoints", parameters({"cursor": cursor, "limit": limit}))


def get_checkpoint(size: int | None = None) -> Request[CheckpointResult]:
    """Read the signed checkpoint of the first `size` events; without it, the latest.

    `not_found` while nothing was signed: the server signs within a second or so of an event.
    """
    return Request("GET", path("/v1/checkpoints/{size}", size="latest" if size is None else str(size)))


def get_inclusion_proof(event_id: str, *, size: int | None = None) -> Request[InclusionResult]:
    """Read the proof that an event is in the latest checkpoint, or in that of `size` events.

    Check it with `getimmutable.proofs`. 409 while the event is newer than the checkpoint: ask again in a second.
    """
    where = path("/v1/events/{event_id}/proof", event_id=event_id)
    return Request("GET", where, parameters({"size": size}))


def get_consistency_proof(from_size: int, to_size: int | None = None) -> Request[ConsistencyResult]:
    """Read the proof that the log of `to_size` events, by default of the latest checkpoint, begins with that of `from_size`.

    Check it with `getimmutable.proofs`.
    """
    return Request("GET", "/v1/proofs/consistency", parameters({"from": from_size, "to": to_size}))


def get_signing_keys() -> Request[SigningKeysResult]:
    """Read the public keys that check checkpoints, retired ones too."""
    return Request("GET", "/v1/signing-keys")


def get_session_evidence(session_id: str, file: File, *, withhold: str | None = None) -> Request[int]:
    """Write the evidence pack of a session to `file`, a path or an open binary file; returns its size in bytes.

    It proves, offline, what the log says: check it with `immutable-verify`. `withhold` keeps details back: `all`;
    `others:ID`, all but those of what the actor of this id did; or `events:7,12-15`, those of these events. The log tells
    of every pack that is made, so it is asked for again only where it surely was not begun.
    """
    where = path("/v1/sessions/{session_id}/evidence", session_id=session_id)
    return _pack(where, {"withhold": withhold}, file)


def get_resource_evidence(
    type: str,  # noqa: A002
    id: str,  # noqa: A002
    file: File,
    *,
    withhold: str | None = None,
) -> Request[int]:
    """Write the evidence pack of all that happened to a resource to `file`; as `get_session_evidence`."""
    return _pack(path("/v1/resources/{type}/{id}/evidence", type=type, id=id), {"withhold": withhold}, file)


def get_evidence(  # noqa: PLR0913 - one for each filter of the API
    file: File,
    *,
    actor_id: str | None = None,
    action: str | None = None,
    resource: str | None = None,
    resource_id: str | None = None,
    tenant_id: str | None = None,
    session_id: str | None = None,
    target_type: str | None = None,
    target_id: str | None = None,
    search: str | None = None,
    from_date: Instant | None = None,
    to_date: Instant | None = None,
    withhold: str | None = None,
) -> Request[int]:
    """Write the evidence pack of the events that meet all filters to `file`; as `get_session_evidence`."""
    filters = {
        "actor_id": actor_id,
        "action": action,
        "resource": resource,
        "resource_id": resource_id,
        "tenant_id": tenant_id,
        "session_id": session_id,
        "target_type": target_type,
        "target_id": target_id,
        "search": search,
        "from": from_date,
        "to": to_date,
        "withhold": withhold,
    }
    return _pack("/v1/evidence", filters, file)


def create_share_link(
    *,
    session_id: str | None = None,
    resource: SharedResource | None = None,
    filters: Mapping[str, str] | None = None,
    ttl: int | None = None,
    withhold: str | None = None,
) -> Request[ShareLinkResult]:
    """Make a link by which whoever has it reads one case, without a key, for `ttl` seconds (a week). Needs an `admin` key.

    Say exactly one of `session_id`, `resource` and `filters`. The address is the server's, followed by the answer's `path`,
    which is told this once. The log tells that it was made and each time it is opened.
    """
    body = {"session_id": session_id, "resource": resource, "filters": filters, "ttl": ttl, "withhold": withhold}
    # Not repeatable: every request that arrives makes one more link.
    return Request("POST", "/v1/evidence/links", body=_present(body), repeatable=False)


def get_share_links(*, cursor: str | None = None, limit: int | None = None) -> Request[ShareLinksResult]:
    """Read one page of the share links, newest first. Needs an `admin` key."""
    return Request("GET", "/v1/evidence/links", parameters({"cursor": cursor, "limit": limit}))


def revoke_share_link(link_id: str, reason: str) -> Request[ShareLinkResult]:
    """Take a share link back: it shows nothing from now on. The log keeps the reason. Needs an `admin` key."""
    where = path("/v1/evidence/links/{link_id}/revoke", link_id=link_id)
    return Request("POST", where, body={"reason": reason}, repeatable=False)


def create_viewer_token(
    *,
    tenant_id: str | None = None,
    actor_id: str | None = None,
    ttl: int | None = None,
    session_id: str | None = None,
) -> Request[ViewerTokenResponse]:
    """Make a token for the embeddable viewer that reads only what the given ids cover. `ttl` in seconds."""
    body = _present({"tenant_id": tenant_id, "actor_id": actor_id, "ttl": ttl, "session_id": session_id})
    return Request("POST", "/v1/viewer-token", body=body)


def get_alerts(
    *,
    rule_type: str | None = None,
    from_date: Instant | None = None,
    to_date: Instant | None = None,
    limit: int | None = None,
    cursor: str | None = None,
) -> Request[AlertResult]:
    """Read one page of the alerts that were triggered."""
    return _list("/v1/alerts", {"rule_type": rule_type}, from_date, to_date, cursor, limit)


def create_export(  # noqa: PLR0913 - one for each filter of the API
    *,
    from_date: Instant | None = None,
    to_date: Instant | None = None,
    actor_id: str | None = None,
    action: str | None = None,
    resource: str | None = None,
    tenant_id: str | None = None,
    session_id: str | None = None,
    search: str | None = None,
    format: str | None = None,  # noqa: A002
) -> Request[ExportResponse]:
    """Begin an export of the events that meet all filters. `format`: `csv` (default), `jsonl` or `parquet`."""
    body = {
        "actor_id": actor_id,
        "action": action,
        "resource": resource,
        "tenant_id": tenant_id,
        "session_id": session_id,
        "search": search,
        "format": format,
        "from": None if from_date is None else instant(from_date),
        "to": None if to_date is None else instant(to_date),
    }
    # Not repeatable: every request that arrives begins one more export.
    return Request("POST", "/v1/exports", body=_present(body), repeatable=False)


def get_export(export_id: str) -> Request[ExportStatus]:
    """Read how far an export is, and once it is completed, where its file lies."""
    return Request("GET", path("/v1/exports/{export_id}", export_id=export_id))


def get_anchors(*, limit: int | None = None) -> Request[AnchorsResult]:
    """Read the newest anchors: states of the log that were time-stamped outside the server's control."""
    return Request("GET", "/v1/anchors", parameters({"limit": limit}))


def get_anchor(anchor_id: str) -> Request[AnchorResult]:
    """Read one anchor."""
    return Request("GET", path("/v1/anchors/{anchor_id}", anchor_id=anchor_id))


def verify_anchor(anchor_id: str) -> Request[AnchorVerdictResult]:
    """Have the server compute an anchor's Merkle root again and compare."""
    return Request("GET", path("/v1/anchors/{anchor_id}/verify", anchor_id=anchor_id))


def _pack(where: str, params: Mapping[str, object], file: File) -> Request[int]:
    return Request("GET", where, parameters(params), repeatable=False, into=file)


def _list(
    where: str,
    filters: Mapping[str, object],
    from_date: Instant | None,
    to_date: Instant | None,
    cursor: str | None,
    limit: int | None,
) -> Request[Any]:
    params = {**filters, "from": from_date, "to": to_date, "cursor": cursor, "limit": limit}
    return Request("GET", where, parameters(params))


def _present(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
