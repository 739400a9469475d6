"""/investigations: what is gathered under a ticket (`evidence/investigations.py`). Its pack is in `evidence.py`.

Who reads the log sees them; to change one, a key or member must also be allowed to write into the log, because each change does.
"""

from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from immutable import clock
from immutable.api import parameters, render, schemas
from immutable.api.answer import Answer, json_answer
from immutable.api.decode import invalid
from immutable.api.decode_body import body_as
from immutable.api.endpoint import Call
from immutable.api.event_input import Text
from immutable.api.links import Links
from immutable.api.parameters import choice_of, limit_of
from immutable.api.responsible import responsible
from immutable.api.sign_in import Nothing
from immutable.errors import Forbidden
from immutable.evidence import investigations
from immutable.log.system_events import PREFIX, Responsible
from immutable.model.event import LogEntry
from immutable.model.investigation import Investigation, Item, Kind
from immutable.model.workspace import Workspace, may
from immutable.sessions.destructive import DestructiveRule

CLOSED = parameters.flag("closed", "Only investigations that are closed, or only those that are open.")
LIST_PARAMETERS = (CLOSED, parameters.LIMIT, parameters.CURSOR)

Note = Annotated[str, msgspec.Meta(min_length=1, max_length=10_000, description="It can never be changed.")]
What = Literal["opened", "item_added", "item_removed", "note_added", "closed", "reopened"]


class InvestigationInput(msgspec.Struct, forbid_unknown_fields=True):
    """What is investigated."""

    EXAMPLE: ClassVar = {"ticket": "4821", "title": "Where did the Q3 Budget Report go?"}

    ticket: Annotated[Text, msgspec.Meta(description="Its number in the ticket system, as `ticket_link` wants it.")]
    title: Text


class ItemInput(msgspec.Struct, forbid_unknown_fields=True):
    """A session or an event: exactly one of them."""

    EXAMPLE: ClassVar = {"session_id": "sess_9f2c"}

    session_id: Text | None = None
    event_id: Text | None = None


class NoteInput(msgspec.Struct, forbid_unknown_fields=True):
    """What is noted."""

    EXAMPLE: ClassVar = {"text": "Lisa confirmed on the phone that she emptied the trash."}

    text: Note


class InvestigationView(msgspec.Struct):
    """An investigation; it is open while `closed_at` is null."""

    id: str
    ticket: str
    ticket_url: Annotated[str | None, msgspec.Meta(description="Where the ticket can be read, by `ticket_link`.")]
    title: str
    created_by: Annotated[str, msgspec.Meta(description="Id of the member or key that opened it.")]
    created_at: schemas.Time
    closed_at: schemas.Time | None


class ItemView(msgspec.Struct):
    """Something gathered. Of `session` and `event`, what it is; null where it is no longer in the log."""

    kind: Kind
    id: str
    added_at: schemas.Time
    session: schemas.Session | None
    event: schemas.Event | None


class Told(msgspec.Struct):
    """What the log tells of an investigation: who did what to it. `event_id` is the event that proves it."""

    event_id: schemas.Id
    sequence: schemas.Sequence
    at: schemas.Time
    by: schemas.Named
    what: What
    item: Annotated[schemas.Named | None, msgspec.Meta(description="The session or event that was added or removed.")]
    note: Annotated[str | None, msgspec.Meta(description="The text of a note; null once its details were erased.")]


class WholeInvestigation(InvestigationView):
    """An investigation with what it holds, and its notes and history from the log, newest first."""

    items: list[ItemView]
    history: Annotated[list[Told], msgspec.Meta(description="The newest 1,000.")]
    has_more_history: Annotated[
        bool,
        msgspec.Meta(description="Whether the log tells more: `GET /events?resource=investigation&resource_id=…`."),
    ]


class InvestigationAnswer(msgspec.Struct):
    """One investigation."""

    data: WholeInvestigation


class InvestigationList(msgspec.Struct):
    """Investigations, newest first."""

    data: list[InvestigationView]
    pagination: schemas.Page


async def post_investigation(call: Call) -> Answer:
    """Open an investigation under a ticket. This and every change of it is an event of the workspace's log.

    Changes need a key that also has the scope `ingest`, or a member who is more than a viewer.
    """
    given, services, by = body_as(call.body, InvestigationInput), call.services, _writer(call)
    made = await services.work(
        services.investigations.open, call.workspace, ticket=given.ticket, title=given.title, by=by
    )
    return await _whole(call, made.id)


async def list_investigations(call: Call) -> Answer:
    """The workspace's investigations, newest first."""
    services, query, limit = call.services, call.query, limit_of(call.query)
    is_closed = choice_of(query, CLOSED)
    before = None
    if "cursor" in query:
        at, number = services.cursors.read(call.workspace, "investigations", query["cursor"])
        before = (at, f"case_{number:016x}")
    page = services.store.catalog.investigations.page
    found = await services.read(page, call.workspace, is_closed=is_closed, before=before, limit=limit + 1)
    cursor = None
    if len(found) > limit:
        last = found[limit - 1]
        number = int(last.id.removeprefix("case_"), 16)
        cursor = services.cursors.make(call.workspace, "investigations", last.created_at, number)
    links = (await services.shown(call.workspace)).links
    views = [InvestigationView(**_head(one, links)) for one in found[:limit]]
    return json_answer(InvestigationList(views, schemas.Page(cursor is not None, cursor)))


async def get_investigation(call: Call) -> Answer:
    """One investigation: what it holds, with its facts, and its notes and history."""
    return await _whole(call, call.path["id"])


async def post_item(call: Call) -> Answer:
    """Add a session or an event to an investigation."""
    return await _change_item(call, call.services.investigations.add)


async def post_item_removal(call: Call) -> Answer:
    """Take a session or an event out of an investigation; the log goes on telling that it was in."""
    return await _change_item(call, call.services.investigations.remove)


async def post_note(call: Call) -> Answer:
    """Write a note. It is an event of the log, and so can be proved, and never be changed."""
    given, services, by = body_as(call.body, NoteInput), call.services, _writer(call)
    await services.work(services.investigations.note, call.workspace, call.path["id"], given.text, by=by)
    return await _whole(call, call.path["id"])


async def post_closing(call: Call) -> Answer:
    """Close an investigation: it takes nothing more until it is reopened."""
    return await _set_closed(call, is_closed=True)


async def post_reopening(call: Call) -> Answer:
    """Reopen an investigation."""
    return await _set_closed(call, is_closed=False)


async def _change_item(call: Call, change: Callable[..., None]) -> Answer:
    given, by = body_as(call.body, ItemInput), _writer(call)
    kind: Kind = "event" if given.session_id is None else "session"
    item_id = given.session_id or given.event_id
    if item_id is None or (given.session_id is not None and given.event_id is not None):
        raise invalid({"": ["Say what is meant: exactly one of session_id and event_id."]})
    await call.services.work(change, call.workspace, call.path["id"], kind, item_id, by=by)
    return await _whole(call, call.path["id"])


async def _set_closed(call: Call, *, is_closed: bool) -> Answer:
    body_as(call.body or b"{}", Nothing)
    services, by = call.services, _writer(call)
    await services.work(services.investigations.set_closed, call.workspace, call.path["id"], is_closed=is_closed, by=by)
    return await _whole(call, call.path["id"])


def _writer(call: Call) -> Responsible:
    """Who changes it. Raises Forbidden where they may only read."""
    key = call.key
    if key is None or not may(call.workspace, key.scopes, "ingest"):
        raise Forbidden(
            "You may read investigations here, not change them: "
            "that takes the role member, or a key with the scopes read and ingest."
        )
    return responsible(call)


async def _whole(call: Call, investigation_id: str) -> Answer:
    return json_answer({"data": await call.services.read(_read, call, investigation_id)})


def _read(call: Call, investigation_id: str) -> dict[str, Any]:
    kept, workspace = call.services.investigations, call.workspace
    shown = call.services.showing.of(workspace)
    one = kept.one(workspace, investigation_id)
    items = call.services.store.catalog.investigations.items(workspace, one.id)
    told = kept.told(workspace, one.id)
    return {
        **_head(one, shown.links),
        "items": [_item(call, workspace, item, shown.rule) for item in items],
        "history": [_told(entry) for entry in told.entries],
        "has_more_history": told.has_more,
    }


def _head(one: Investigation, links: Links) -> dict[str, Any]:
    return {
        "id": one.id,
        "ticket": one.ticket,
        "ticket_url": links.of_ticket(one.ticket),
        "title": one.title,
        "created_by": one.created_by,
        "created_at": clock.to_text(one.created_at),
        "closed_at": None if one.closed_at is None else clock.to_text(one.closed_at),
    }


def _item(call: Call, workspace: Workspace, item: Item, rule: DestructiveRule) -> dict[str, Any]:
    store = call.services.store
    session = store.session(workspace, item.id) if item.kind == "session" else None
    entry = store.entry(workspace, item.id) if item.kind == "event" else None
    return {
        "kind": item.kind,
        "id": item.id,
        "added_at": clock.to_text(item.added_at),
        "session": None if session is None else render.session(session, rule),
        "event": None if entry is None else render.event(entry),
    }


def _told(entry: LogEntry) -> dict[str, Any]:
    shown = render.event(entry)
    targets = [{name: one[name] for name in ("id", "name", "type")} for one in shown["targets"]]
    return {
        "event_id": shown["id"],
        "sequence": shown["sequence"],
        "at": shown["created_at"],
        "by": shown["actor"],
        "what": shown["action"].removeprefix(PREFIX + investigations.RESOURCE + "_"),
        "item": targets[0] if targets else None,
        "note": (shown["metadata"] or {}).get("note"),
    }
