"""POST and GET /events: into the log, and out of it."""

from collections.abc import Mapping

import msgspec

from immutable.api import render
from immutable.api.answer import Answer, json_answer
from immutable.api.endpoint import Call
from immutable.api.parameters import choice_of, limit_of, span_of
from immutable.errors import BadRequest, InvalidEvent, NotFound
from immutable.model.event import EventDraft, Receipt
from immutable.model.filters import EventFilter
from immutable.telemetry import metrics

FILTERS = (
    "actor_id",
    "action",
    "resource",
    "resource_id",
    "tenant_id",
    "session_id",
    "target_type",
    "target_id",
    "search",
)
LIST_PARAMETERS = frozenset({*FILTERS, "from", "to", "cursor", "limit", "order"})

_QUEUED = metrics.EVENTS.labels("queued")
_DUPLICATE = metrics.EVENTS.labels("duplicate")
_REJECTED = metrics.EVENTS.labels("rejected")


class ReceiptView(msgspec.Struct, gc=False):
    """The answer for one event: durable, and where it lies in the chain."""

    id: str
    status: str
    sequence: int
    event_hash: str


class RejectionView(msgspec.Struct, gc=False):
    """The answer for an event of a batch that was not kept."""

    message: str
    errors: dict[str, list[str]]
    id: None = None
    status: str = "rejected"
    error: str = "validation_failed"


async def ingest(call: Call) -> Answer:
    """Append one event."""
    draft = call.services.decoder.event(call.body, call.caller)
    receipts = await call.services.appender.submit(call.workspace, [draft], len(call.body))
    return json_answer(_receipt(receipts[0]), 202)


async def ingest_batch(call: Call) -> Answer:
    """Append the valid events of a batch together, or, with atomic=true, all or none."""
    atomic = choice_of(call.query, "atomic", {"true": True, "false": False})
    decoded = call.services.decoder.batch(call.body, call.caller)
    drafts = [one for one in decoded if isinstance(one, EventDraft)]
    if len(drafts) < len(decoded):
        _REJECTED.inc(len(decoded) - len(drafts))
        if atomic or not drafts:
            raise _rejected(decoded, atomic=bool(atomic))
    receipts = iter(await call.services.appender.submit(call.workspace, drafts, len(call.body)))
    views = [
        RejectionView(one.message, one.errors) if isinstance(one, InvalidEvent) else _receipt(next(receipts))
        for one in decoded
    ]
    return json_answer({"events": views}, 202)


async def list_events(call: Call) -> Answer:
    """The events that meet all filters; newest first, a session's oldest first."""
    query = call.query
    ascending = choice_of(query, "order", {"asc": True, "desc": False})
    if ascending is None:
        ascending = "session_id" in query
    wanted = event_filter(query)
    kind = "events+" if ascending else "events-"
    after = call.services.cursors.read(call.workspace, kind, query["cursor"])[0] if "cursor" in query else None
    page = await call.services.read(
        call.services.store.find, call.workspace, wanted, ascending=ascending, after_seq=after, limit=limit_of(query)
    )
    cursor = call.services.cursors.make(call.workspace, kind, page.entries[-1].seq) if page.has_more else None
    return json_answer(
        render.page(
            [render.event(entry) for entry in page.entries],
            next_cursor=cursor,
            total=page.total,
            total_is_exact=page.total_is_exact,
        )
    )


async def get_event(call: Call) -> Answer:
    """One event."""
    entry = await call.services.read(call.services.store.entry, call.workspace, call.path["id"].lower())
    if entry is None:
        raise NotFound("There is no event of this id in this workspace.")
    return json_answer({"data": render.event(entry)})


def event_filter(query: Mapping[str, str]) -> EventFilter:
    """The filter that the parameters ask for. Raises BadRequest."""
    values = {name: query[name] for name in FILTERS if name in query}
    for name, value in values.items():
        if len(value) > 255:
            raise BadRequest(f"{name} is longer than 255 characters.")
    if "*" in values.get("action", "").removesuffix("*"):
        raise BadRequest("action takes * only as the last segment or as a whole: document.* or *.")
    created_from, created_to = span_of(query)
    return msgspec.convert({**values, "created_from": created_from, "created_to": created_to}, EventFilter)


def _receipt(receipt: Receipt) -> ReceiptView:
    (_DUPLICATE if receipt.is_duplicate else _QUEUED).inc()
    status = "duplicate" if receipt.is_duplicate else "queued"
    return ReceiptView(receipt.id, status, receipt.seq, receipt.event_hash.hex())


def _rejected(decoded: list[EventDraft | InvalidEvent], *, atomic: bool) -> InvalidEvent:
    errors = {
        f"events.{index}.{path}" if path else f"events.{index}": texts
        for index, one in enumerate(decoded)
        if isinstance(one, InvalidEvent)
        for path, texts in one.errors.items()
    }
    path, texts = next(iter(errors.items()))
    why = "Nothing was stored, because atomic=true and" if atomic else "Nothing was stored:"
    return InvalidEvent(f"{why} {path}: {texts[0]}", errors)
