"""/evidence/links: share one case with somebody who has no key, for a while; see them, and take them back."""

from typing import Annotated, ClassVar

import msgspec

from immutable import clock
from immutable.api import parameters, schemas
from immutable.api.answer import Answer, json_answer
from immutable.api.decode import invalid
from immutable.api.decode_body import body_as
from immutable.api.endpoint import Call
from immutable.api.event_input import Text
from immutable.api.events import FILTERS
from immutable.api.evidence import checked_withholding, filtered_scope
from immutable.api.parameters import limit_of
from immutable.api.responsible import responsible
from immutable.errors import NotFound
from immutable.evidence.links import LEAST_SECONDS, MOST_SECONDS, Link
from immutable.evidence.scope import Scope, entries_of
from immutable.evidence.withholding import MOST_LETTERS
from immutable.model.investigation import Gathered

LIST_PARAMETERS = (parameters.LIMIT, parameters.CURSOR)
_WEEK = 7 * 86_400
_FILTERS = frozenset({*(one.name for one in FILTERS), "from", "to"})

Seconds = Annotated[int, msgspec.Meta(ge=LEAST_SECONDS, le=MOST_SECONDS, description="How long the link works.")]
Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=1_000, description="Why; it is kept in the log.")]


class SharedResource(msgspec.Struct, forbid_unknown_fields=True):
    """A resource, whose history is shared."""

    type: Text
    id: Text


class LinkInput(msgspec.Struct, forbid_unknown_fields=True):
    """What is shared: exactly one of a session, a resource's history, events by the filters of their list, an investigation."""

    EXAMPLE: ClassVar = {"session_id": "sess_9f2c", "ttl": 86400}

    session_id: Text | None = None
    resource: SharedResource | None = None
    filters: dict[str, Text] | None = None
    investigation_id: Text | None = None
    notes: Annotated[bool, msgspec.Meta(description="Of an investigation, also its notes and who gathered what.")] = (
        False
    )
    ttl: Seconds = _WEEK
    withhold: Annotated[str, msgspec.Meta(max_length=MOST_LETTERS)] | None = None


class RevocationInput(msgspec.Struct, forbid_unknown_fields=True):
    """Why a link is taken back."""

    EXAMPLE: ClassVar = {"reason": "Sent to the wrong address"}

    reason: Reason


class LinkView(msgspec.Struct):
    """A share link. `path` has the token, and is told once, when the link is made."""

    id: str
    asked: str
    created_at: schemas.Time
    created_by: str
    expires_at: schemas.Time
    is_revoked: bool
    path: str | None = None


class LinkAnswer(msgspec.Struct):
    """One share link."""

    data: LinkView


class LinkList(msgspec.Struct):
    """Share links, newest first."""

    data: list[LinkView]
    pagination: schemas.Page


async def post_link(call: Call) -> Answer:
    """Make a link to a case: whoever has it reads the report and takes the pack, without a key, until it ends.

    What it shows ends at the log's end of now. The log tells that it was made, each time it is opened, and that it is revoked.
    """
    given, services = body_as(call.body, LinkInput), call.services
    scope = _scope(given, await _gathered(call, given))
    by = responsible(call)

    def create() -> tuple[Link, str]:
        if next(entries_of(services.store, call.workspace, scope), None) is None:
            raise NotFound("No event of this workspace is what you ask to share.")
        return services.shares.create(call.workspace, scope, seconds=given.ttl, by=by)

    link, token = await services.work(create)
    return json_answer(LinkAnswer(_view(link, f"/share/{token}")))


async def list_links(call: Call) -> Answer:
    """The workspace's share links, newest first."""
    services, query = call.services, call.query
    after = services.cursors.read(call.workspace, "links", query["cursor"])[0] if "cursor" in query else None
    links, last = await services.read(services.shares.links, call.workspace, after_seq=after, limit=limit_of(query))
    cursor = None if last is None else services.cursors.make(call.workspace, "links", last)
    return json_answer(LinkList([_view(link) for link in links], schemas.Page(cursor is not None, cursor)))


async def post_revocation(call: Call) -> Answer:
    """Take a link back: it shows nothing from now on."""
    given, services = body_as(call.body, RevocationInput), call.services
    by, workspace = responsible(call), call.workspace
    link = await services.work(services.shares.revoke, workspace, call.path["id"], by=by, reason=given.reason)
    return json_answer(LinkAnswer(_view(link)))


async def _gathered(call: Call, given: LinkInput) -> Gathered | None:
    services, investigation_id = call.services, given.investigation_id
    if investigation_id is None:
        return None
    gathered = services.investigations.gathered
    return await services.read(gathered, call.workspace, investigation_id, notes=given.notes)


def _scope(given: LinkInput, gathered: Gathered | None) -> Scope:
    withhold = checked_withholding(given.withhold)
    if [given.session_id, given.resource, given.filters, gathered].count(None) != 3:
        raise invalid({"": ["Say what is shared: exactly one of session_id, resource, filters and investigation_id."]})
    if gathered is not None:
        return Scope(gathered=gathered, withhold=withhold)
    if given.session_id is not None:
        return Scope(session_id=given.session_id, withhold=withhold)
    if given.resource is not None:
        return Scope(resource=(given.resource.type, given.resource.id), withhold=withhold)
    filters = given.filters or {}
    unknown = filters.keys() - _FILTERS
    if unknown:
        raise invalid({f"filters.{min(unknown)}": ["There is no such filter."]})
    return filtered_scope(filters, withhold)


def _view(link: Link, path: str | None = None) -> LinkView:
    created, expires = clock.to_text(link.created_at), clock.to_text(link.expires_at)
    return LinkView(link.id, link.scope.asked(), created, link.created_by, expires, link.is_revoked, path)
