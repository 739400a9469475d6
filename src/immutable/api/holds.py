"""POST and GET /holds: what must not be forgotten (`retention/holds.py`)."""

from typing import Annotated, ClassVar

import msgspec

from immutable import clock
from immutable.api.answer import Answer, json_answer
from immutable.api.decode import invalid
from immutable.api.decode_body import body_as
from immutable.api.endpoint import Call
from immutable.api.erasures import Reason
from immutable.api.event_input import Text
from immutable.api.parameters import span_of
from immutable.api.responsible import responsible
from immutable.api.schemas import Time
from immutable.model.hold import HeldEvents, Hold
from immutable.retention.holds import place_hold, release_hold


class HoldInput(msgspec.Struct, forbid_unknown_fields=True, rename={"created_from": "from", "created_to": "to"}):
    """Which events are held: those that meet all conditions given, of which there is at least one."""

    EXAMPLE: ClassVar = {"session_id": "sess_9f2c", "reason": "Case 7 before the labour court"}

    reason: Reason
    actor_id: Text | None = None
    tenant_id: Text | None = None
    session_id: Text | None = None
    resource_type: Text | None = None
    resource_id: Annotated[
        Text | None, msgspec.Meta(description="With resource_type: what touched it, as its resource or as a target.")
    ] = None
    created_from: Text | None = None
    created_to: Text | None = None


class ReleaseInput(msgspec.Struct, forbid_unknown_fields=True):
    """Why a hold is released."""

    EXAMPLE: ClassVar = {"reason": "Case 7 is settled"}

    reason: Reason


class HoldView(msgspec.Struct, rename={"created_from": "from", "created_to": "to"}):
    """A hold; it holds while `released_at` is null."""

    id: str
    reason: str
    actor_id: str | None
    tenant_id: str | None
    session_id: str | None
    resource_type: str | None
    resource_id: str | None
    created_from: Time | None
    created_to: Time | None
    created_at: Time
    released_at: Time | None


class HoldAnswer(msgspec.Struct):
    """One hold."""

    data: HoldView


class HoldList(msgspec.Struct):
    """All holds, oldest first."""

    data: list[HoldView]


async def post_hold(call: Call) -> Answer:
    """Hold events, those to come too: their details are not erased and they are not pruned until it is released."""
    given = body_as(call.body, HoldInput)
    created_from, created_to = span_of(
        {name: text for name, text in (("from", given.created_from), ("to", given.created_to)) if text is not None}
    )
    events = HeldEvents(
        given.actor_id,
        given.tenant_id,
        given.session_id,
        given.resource_type,
        given.resource_id,
        created_from,
        created_to,
    )
    if events == HeldEvents():
        raise invalid(
            {"": ["Say which events are meant: an actor, a session, a resource, a tenant or a span of time."]}
        )
    services = call.services
    hold = await services.work(
        place_hold, services.store, call.workspace, events, by=responsible(call), reason=given.reason,
        silence=services.silence,
    )  # fmt: skip
    return json_answer(HoldAnswer(_view(hold)))


async def list_holds(call: Call) -> Answer:
    """All holds of the workspace, released ones too."""
    holds = await call.services.read(call.services.store.catalog.holds, call.workspace)
    return json_answer(HoldList([_view(hold) for hold in holds]))


async def post_release(call: Call) -> Answer:
    """Release a hold for good."""
    given = body_as(call.body, ReleaseInput)
    services = call.services
    hold = await services.work(
        release_hold, services.store, call.workspace, call.path["id"], by=responsible(call), reason=given.reason,
        silence=services.silence,
    )  # fmt: skip
    return json_answer(HoldAnswer(_view(hold)))


def _view(hold: Hold) -> HoldView:
    events = hold.events
    return HoldView(
        hold.id, hold.reason, events.actor_id, events.tenant_id, events.session_id, events.resource_type,
        events.resource_id, _time(events.created_from), _time(events.created_to), clock.to_text(hold.created_at),
        _time(hold.released_at),
    )  # fmt: skip


def _time(at: int | None) -> str | None:
    return None if at is None else clock.to_text(at)
