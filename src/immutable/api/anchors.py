"""Anchors: of the key's own workspace, and without a key for whoever knows an anchor's id or transaction.

Without a key nothing is shown but hashes, counts and times; the id cannot be guessed, and a transaction is public already.
"""

import base64
from typing import Annotated, ClassVar, Literal

import msgspec

from immutable import clock
from immutable.anchors.verify import verify_anchor
from immutable.api import parameters, schemas
from immutable.api.answer import Answer, json_answer
from immutable.api.decode_body import body_as
from immutable.api.endpoint import Call
from immutable.api.parameters import Parameter, limit_of
from immutable.errors import BadRequest, NotFound
from immutable.model.workspace import Workspace
from immutable.store.anchor_store import StoredAnchor

LIST_PARAMETERS = (parameters.LIMIT, parameters.CURSOR)
TX_HASH = Parameter(
    "tx_hash",
    "The transaction on the chain; for RFC 3161 the SHA-256 of the time-stamp response.",
    {"type": "string", "maxLength": 80},
)
_NOTHING = "There is no such anchor."

Time = schemas.Time


class Anchor(msgspec.Struct, kw_only=True):
    """A checkpoint that somebody outside our control has dated; `merkle_root` covers the first `tree_size` events."""

    id: str
    merkle_root: schemas.Hash
    previous_anchor_hash: Annotated[
        schemas.Hash | None,
        msgspec.Meta(
            description="SHA-256 of merkle_root and tx_hash, as text, of the confirmed anchor before on this chain."
        ),
    ]
    events_count: Annotated[int, msgspec.Meta(ge=0, description="Events since the anchor before.")]
    tree_size: schemas.Count
    period_start: Time
    period_end: Time
    chain: Annotated[str, msgspec.Meta(description="rfc3161:<authority> or eip155:<chain id>.")]
    status: Literal["pending", "submitted", "confirmed", "failed"]
    tx_hash: str | None
    block_number: int | None
    explorer_url: str | None
    confirmed_at: Annotated[Time | None, msgspec.Meta(description="The time that the authority, or the block, says.")]
    created_at: Time


class OneAnchor(Anchor, kw_only=True):
    """An anchor with all that is needed to check it without us."""

    first_event_hash: schemas.Hash
    last_event_hash: schemas.Hash
    error: Annotated[str | None, msgspec.Meta(description="Why the last attempt failed, if it did.")]
    checkpoint: Annotated[
        str, msgspec.Meta(description="The signed note; its text, without signatures, is what is stamped.")
    ]
    time_stamp: Annotated[str | None, msgspec.Meta(description="The time-stamp response (RFC 3161), as base64.")]


class AnchorAnswer(msgspec.Struct):
    """One anchor."""

    data: OneAnchor


class PublicAnchorAnswer(msgspec.Struct):
    """One anchor, as everybody may see it."""

    data: Anchor


class AnchorList(msgspec.Struct):
    """Some anchors."""

    data: list[Anchor]
    pagination: schemas.Pagination


class AnchorsBegun(msgspec.Struct):
    """The anchors that were begun, one for each place that is configured."""

    data: list[Anchor]


class AnchorInput(msgspec.Struct, forbid_unknown_fields=True):
    """Nothing is to be said: the latest checkpoint is anchored wherever that is configured."""

    EXAMPLE: ClassVar[dict[str, str]] = {}


class AnchorVerdictView(msgspec.Struct, kw_only=True):
    """`expected`: the root that is anchored; `actual`: the log's, computed anew. `problems` says what is wrong, in words."""

    anchor_id: str
    merkle_root: schemas.Hash
    valid: bool
    chain_valid: bool
    expected: schemas.Hash
    actual: schemas.Hash | None
    events_count: schemas.Count
    tree_size: schemas.Count
    tx_hash: str | None
    explorer_url: str | None
    anchored_at: Time | None
    problems: list[str]


class AnchorVerdictAnswer(msgspec.Struct):
    """An anchor's verification."""

    data: AnchorVerdictView


async def list_anchors(call: Call) -> Answer:
    """The anchors of the log, newest first."""
    services, limit = call.services, limit_of(call.query)
    before = (
        services.cursors.read(call.workspace, "anchors", call.query["cursor"])[0] if "cursor" in call.query else None
    )
    anchors = services.store.anchors
    found = await services.read(anchors.anchors, call.workspace, before=before, limit=limit + 1)
    total = await services.read(anchors.count, call.workspace)
    shown, has_more = found[:limit], len(found) > limit
    cursor = services.cursors.make(call.workspace, "anchors", shown[-1].created_at) if has_more else None
    page = schemas.Pagination(has_more, cursor, total, True)
    return json_answer(AnchorList([_view(call, one) for one in shown], page))


async def post_anchor(call: Call) -> Answer:
    """Anchor the latest checkpoint now, not at the period's end; ask for the anchor until it is confirmed."""
    body_as(call.body, AnchorInput)
    begun = await call.services.read(call.services.anchoring.request, call.workspace)
    return json_answer(AnchorsBegun([_view(call, one) for one in begun]), 202)


async def get_anchor(call: Call) -> Answer:
    """One anchor, with its checkpoint and its time-stamp."""
    anchor = await _own(call)
    view = OneAnchor(
        **msgspec.structs.asdict(_view(call, anchor)),
        first_event_hash=anchor.first_event_hash.hex(),
        last_event_hash=anchor.last_event_hash.hex(),
        error=anchor.error,
        checkpoint=anchor.note.decode(),
        time_stamp=None if anchor.time_stamp is None else base64.b64encode(anchor.time_stamp).decode(),
    )
    return json_answer(AnchorAnswer(view))


async def get_anchor_verdict(call: Call) -> Answer:
    """Compute the log's root again, and hold it against what is anchored."""
    return await _verified(call, call.workspace, await _own(call))


async def get_public_anchor(call: Call) -> Answer:
    """The anchor of a transaction, for everybody."""
    call.services.limits.take_public(call.caller)
    tx_hash = call.query.get("tx_hash", "").lower()
    if not tx_hash:
        raise BadRequest("tx_hash is missing: the transaction, or the SHA-256 of the time-stamp response.")
    found = await call.services.read(call.services.store.anchors.everybodys, tx_hash=tx_hash)
    if found is None:
        raise NotFound(_NOTHING)
    return json_answer(PublicAnchorAnswer(_view(call, found[1])))


async def get_public_anchor_verdict(call: Call) -> Answer:
    """The same verification, for everybody who knows the anchor's id."""
    call.services.limits.take_public(call.caller)
    found = await call.services.read(call.services.store.anchors.everybodys, anchor_id=call.path["id"])
    if found is None:
        raise NotFound(_NOTHING)
    return await _verified(call, *found)


async def _own(call: Call) -> StoredAnchor:
    anchor = await call.services.read(call.services.store.anchors.anchor, call.workspace, call.path["id"])
    if anchor is None:
        raise NotFound("There is no anchor of this id in this workspace.")
    return anchor


async def _verified(call: Call, workspace: Workspace, anchor: StoredAnchor) -> Answer:
    services = call.services
    async with services.verifying_anchors:  # it reads a period's events: one at a time
        anchorer = services.anchorers.get(anchor.chain)
        verdict = await services.work(verify_anchor, services.store, workspace, anchor, anchorer)
    shown = _view(call, anchor)
    view = AnchorVerdictView(
        anchor_id=anchor.id,
        merkle_root=shown.merkle_root,
        valid=verdict.valid,
        chain_valid=verdict.chain_valid,
        expected=verdict.expected.hex(),
        actual=None if verdict.actual is None else verdict.actual.hex(),
        events_count=shown.events_count,
        tree_size=anchor.size,
        tx_hash=anchor.tx_hash,
        explorer_url=shown.explorer_url,
        anchored_at=_time(verdict.anchored_at),
        problems=verdict.problems,
    )
    return json_answer(AnchorVerdictAnswer(view))


def _view(call: Call, anchor: StoredAnchor) -> Anchor:
    anchorer = call.services.anchorers.get(anchor.chain)
    return Anchor(
        id=anchor.id,
        merkle_root=anchor.root.hex(),
        previous_anchor_hash=None if anchor.previous_hash is None else anchor.previous_hash.hex(),
        events_count=anchor.size - anchor.first_seq + 1,
        tree_size=anchor.size,
        period_start=clock.to_text(anchor.period_start),
        period_end=clock.to_text(anchor.period_end),
        chain=anchor.chain,
        status=anchor.status,
        tx_hash=anchor.tx_hash,
        block_number=anchor.block_number,
        explorer_url=None if anchorer is None else anchorer.explorer_url(anchor),
        confirmed_at=_time(anchor.confirmed_at),
        created_at=clock.to_text(anchor.created_at),
    )


def _time(at: int | None) -> str | None:
    return None if at is None else clock.to_text(at)
