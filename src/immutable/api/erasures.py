"""POST /erasures: forget the details of events, on the record (`retention/erasure.py`); and what that would do."""

from typing import Annotated, ClassVar

import msgspec

from immutable.api.answer import Answer, json_answer
from immutable.api.decode import invalid
from immutable.api.decode_body import body_as
from immutable.api.endpoint import Call
from immutable.api.event_input import Text
from immutable.api.events import event_filter
from immutable.api.responsible import responsible
from immutable.api.schemas import Count, Hash, Id, Sequence
from immutable.model.filters import EventFilter
from immutable.retention.erasure import erase
from immutable.retention.preview import preview

_MOST = 20_000
"""Events that one request looks at, or an archive more; the answer says where the next one goes on."""

Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=1_000, description="Why; it is kept in the log.")]


class ErasedEvents(
    msgspec.Struct, kw_only=True, forbid_unknown_fields=True, rename={"created_from": "from", "created_to": "to"}
):
    """Which events are meant: those that meet all conditions given, of which there is at least one."""

    EXAMPLE: ClassVar = {"actor_id": "usr_8842"}

    actor_id: Text | None = None
    action: Text | None = None
    resource: Text | None = None
    resource_id: Text | None = None
    tenant_id: Text | None = None
    session_id: Text | None = None
    target_type: Text | None = None
    target_id: Text | None = None
    created_from: Text | None = None
    created_to: Text | None = None


class ErasureInput(
    ErasedEvents, kw_only=True, forbid_unknown_fields=True, rename={"created_from": "from", "created_to": "to"}
):
    """Which events lose their details, and why."""

    EXAMPLE: ClassVar = {"actor_id": "usr_8842", "reason": "Request of the data subject, ticket 5120"}

    reason: Reason
    after_sequence: Annotated[int, msgspec.Meta(ge=0, le=2**40)] = 0


class ErasureReceipt(msgspec.Struct):
    """The event that tells of an erasure."""

    id: Id
    sequence: Sequence
    event_hash: Hash


class ArchiveOutOfReach(msgspec.Struct):
    """An archive that could not be looked into. Details of the events that it holds may be there still: send the same again."""

    archive: Annotated[str, msgspec.Meta(description="Its name, without the endings of its files.")]
    at: Annotated[str, msgspec.Meta(description="Where it should lie.")]
    first_sequence: Sequence
    last_sequence: Sequence
    problem: str


class ErasureDone(msgspec.Struct):
    """What was erased. Where `is_complete` is false, send the same again with `after_sequence` as `last_sequence`."""

    erased: Annotated[int, msgspec.Meta(ge=0, description="Events that lost their details, those in archives too.")]
    erased_in_archives: Annotated[int, msgspec.Meta(ge=0, description="Of these, events that were pruned before.")]
    held: Annotated[int, msgspec.Meta(description="Events that are under a hold, and keep their details.")]
    unreached_archives: Annotated[
        list[ArchiveOutOfReach], msgspec.Meta(description="Archives that the erasure did not reach.")
    ]
    erasures: list[ErasureReceipt]
    last_sequence: Count
    is_complete: bool


class ErasureAnswer(msgspec.Struct):
    """What came of an erasure."""

    data: ErasureDone


class ErasurePreview(msgspec.Struct):
    """What an erasure would do: of `events`, `erasable` lose their details, and the others keep them, or lost them before."""

    events: Annotated[int, msgspec.Meta(ge=0, description="Events that are meant.")]
    erasable: Annotated[int, msgspec.Meta(ge=0, description="Events whose details would be erased.")]
    held: Annotated[int, msgspec.Meta(ge=0, description="Events that are under a hold, and would keep their details.")]
    erased: Annotated[int, msgspec.Meta(ge=0, description="Events whose details were erased before.")]
    own: Annotated[int, msgspec.Meta(ge=0, description="The server's own events, which keep theirs.")]
    pruned: Annotated[
        int, msgspec.Meta(ge=0, description="Events that were pruned. Which of those are meant, this does not tell.")
    ]


class ErasurePreviewAnswer(msgspec.Struct):
    """What an erasure would do."""

    data: ErasurePreview


async def post_erasure(call: Call) -> Answer:
    """Erase the details of events for good: names, metadata, changes, address, city and device.

    The events themselves stay with their hashes and proofs, and an event in the log says what was erased, by whom and why.
    Events under a hold are passed over. What retention archived is erased in its archives, oldest first, and then in the log;
    an archive out of reach is named, and the rest goes on. One request looks at about 20,000 events; then go on with
    `after_sequence`.
    """
    given = body_as(call.body, ErasureInput)
    wanted, services = _wanted(given), call.services
    done = await services.work(
        erase,
        services.eraser,
        call.workspace,
        wanted,
        by=responsible(call),
        reason=given.reason,
        silence=services.silence,
        after_seq=given.after_sequence,
        most=_MOST,
    )
    receipts = [ErasureReceipt(one.id, one.seq, one.event_hash.hex()) for one in done.receipts]
    unreached = [ArchiveOutOfReach(*msgspec.structs.astuple(one)) for one in done.unreached]
    answer = ErasureDone(
        done.erased, done.erased_in_archives, done.held, unreached, receipts, done.last_seq, done.is_complete
    )
    return json_answer(ErasureAnswer(answer))


async def post_erasure_preview(call: Call) -> Answer:
    """What an erasure would do, without doing it: how many events it means, and how many of them keep their details."""
    wanted, services = _wanted(body_as(call.body, ErasedEvents)), call.services
    found = await services.work(preview, services.store, call.workspace, wanted)
    counts = ErasurePreview(**msgspec.structs.asdict(found))
    return json_answer(ErasurePreviewAnswer(counts))


def _wanted(given: ErasedEvents) -> EventFilter:
    fields = msgspec.to_builtins(given)
    conditions = {
        name: value for name, value in fields.items() if value is not None and name not in {"reason", "after_sequence"}
    }
    if not conditions:
        raise invalid(
            {"": ["Say which events are meant: at least one of actor_id, session_id, resource_id and so on."]}
        )
    return event_filter(conditions)
