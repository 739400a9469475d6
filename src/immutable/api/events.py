"""POST and GET /events: into the log, and out of it."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from immutable.api import parameters, render, schemas
from immutable.api.answer import Answer, json_answer
from immutable.api.endpoint import Call
from immutable.api.parameters import choice_of, limit_of, span_of, text, texts_of
from immutable.errors import InvalidEvent, NotFound
from immutable.model.event import EventDraft, Receipt
from immutable.model.filters import EventFilter
from immutable.telemetry import metrics

FILTERS = (
    text("actor_id", "Who did it.", "usr_8842"),
    parameters.ACTION,
    text("resource", "The type of what it was done to.", "invoice"),
    text("resource_id", "The id of what it was done to.", "inv_2041"),
    text("tenant_id", "The customer's customer.", "acme"),
    text("session_id", "One session; its events are answered oldest first.", "sess_9f2c"),
    text("target_type", "The type of something that it also touched.", "folder"),
    text("target_id", "The id of something that it also touched.", "fld_7"),
    text("search", "In the actor's name, the action, the resource's name or the metadata, in any case.", "quarterly"),
)
ORDER = parameters.choice("order", "Oldest or newest first.", {"asc": True, "desc": False})
LIST_PARAMETERS = (*FILTERS, *parameters.span("was created"), parameters.CURSOR, parameters.LIMIT, ORDER)
ATOMIC = parameters.flag("atomic", "All events or none: one that is invalid keeps the others out.")


async def ingest(call: Call) -> Answer:
    """Append one event."""
    draft = call.services.decoder.event(call.body, call.caller)
    _count(call, 1)
    receipts = await call.services.appender.submit(call.workspace, [draft], _weight(call.body))
    return json_answer(_receipt(receipts[0]), 202)


async def ingest_batch(call: Call) -> Answer:
    """Append the valid events of a batch together, or, with atomic=true, all or none."""
    atomic = choice_of(call.query, ATOMIC)
    decoded = call.services.decoder.batch(call.body, call.caller)
    _count(call, len(decoded))
    drafts = [one for one in decoded if isinstance(one, EventDraft)]
    if len(drafts) < len(decoded):
        metrics.REJECTED.inc(len(decoded) - len(drafts))
        if atomic or not drafts:
            raise _rejected(decoded, atomic=bool(atomic))
    receipts = iter(await call.services.appender.submit(call.workspace, drafts, _weight(call.body)))
    views = [
        schemas.Rejection(one.message, one.errors) if isinstance(one, InvalidEvent) else _receipt(next(receipts))
        for one in decoded
    ]
    return json_answer({"events": views}, 202)


async def list_events(call: Call) -> Answer:
    """The events that meet all filters; newest first, a session's oldest first."""
    return json_answer(await page_of(call))


async def page_of(call: Call) -> dict[str, Any]:
    """What `list_events` answers, before it is written."""
    query = call.query
    ascending = choice_of(query, ORDER)
    if ascending is None:
        ascending = "session_id" in query
    wanted = event_filter(query)
    kind = "events+" if ascending else "events-"
    after = call.services.cursors.read(call.workspace, kind, query["cursor"])[0] if "cursor" in query else None
    page = await call.services.read(
        call.services.store.find, call.workspace, wanted, ascending=ascending, after_seq=after, limit=limit_of(query)
    )
    cursor = call.services.cursors.make(call.workspace, kind, page.entries[-1].seq) if page.has_more else None
    return render.page(
        [render.event(entry) for entry in page.entries],
        next_cursor=cursor,
        total=page.total,
        total_is_exact=page.total_is_exact,
    )


async def get_event(call: Call) -> Answer:
    """One event."""
    entry = await call.services.read(call.services.store.entry, call.workspace, call.path["id"].lower())
    if entry is None:
        raise NotFound("There is no event of this id in this workspace.")
    return json_answer({"data": render.event(entry)})


def event_filter(query: Mapping[str, str]) -> EventFilter:
    """The filter that the parameters ask for. Raises BadRequest."""
    values = texts_of(query, FILTERS)
    created_from, created_to = span_of(query)
    return msgspec.convert({**values, "created_from": created_from, "created_to": created_to}, EventFilter)


def _count(call: Call, events: int) -> None:
    """Count what was sent against the key's limit. Raises RateLimited."""
    if call.key is not None:
        call.services.limits.take_events(call.key, events)


def _weight(body: bytes) -> int:
    """About how many bytes of memory a decoded body takes at most: empty lists and objects weigh far more than their text."""
    return len(body) + 64 * (body.count(b"[") + body.count(b"{")) + 16 * body.count(b",")


def _receipt(receipt: Receipt) -> schemas.Receipt:
    status: Literal["queued", "duplicate"] = "duplicate" if receipt.is_duplicate else "queued"
    return schemas.Receipt(receipt.id, status, receipt.seq, receipt.event_hash.hex())


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
