"""POST /viewer-token, and what a token reads: /viewer/events, /viewer/sessions and one of them, under its scope only.

A session is told from the events that the scope covers, and from no others: where it has others, its summary is folded anew
when it is asked for. Links to the operator's own tools are not told.
Browsers of any origin may ask (CORS), because a token is shown and no cookie is.
"""

from collections.abc import Mapping
from typing import Annotated, ClassVar

import msgspec

from immutable.accounts.viewer_token import DEFAULT_SECONDS, MAX_SECONDS, MIN_SECONDS, Viewer, ViewerScope
from immutable.api import events, parameters, render, sessions
from immutable.api.answer import Answer, json_answer
from immutable.api.decode_body import body_as
from immutable.api.endpoint import Call
from immutable.api.event_input import Text
from immutable.api.links import Links
from immutable.api.parameters import limit_of
from immutable.api.sessions import timeline_answer
from immutable.errors import Forbidden, NotFound, Unauthenticated
from immutable.model.filters import EventFilter, EventPage, SessionFilter, SessionPage, SessionPosition
from immutable.model.session import SessionSummary
from immutable.model.workspace import Workspace
from immutable.sessions.fold import OpenSessions, fold
from immutable.store.check_sessions import occurrence_of
from immutable.store.find_sessions import within
from immutable.store.log_store import LogStore

SESSION_PARAMETERS = (*sessions.FILTERS, *parameters.span("had an event"), parameters.CURSOR, parameters.LIMIT)
_MOST_FOLDED = 5_000
"""Events of a session that its summary is told from; of longer ones, the first so many."""
_FOR_EVER = 2**62
"""Silence that ends no session: which events are one session is settled already."""
_NO_LINKS = Links({})


class ViewerTokenInput(msgspec.Struct, forbid_unknown_fields=True):
    """What the token lets see: the events that meet all that is given."""

    EXAMPLE: ClassVar = {"tenant_id": "acme", "ttl": 3600}

    tenant_id: Text | None = None
    actor_id: Text | None = None
    session_id: Text | None = None
    ttl: (
        Annotated[
            int,
            msgspec.Meta(
                ge=MIN_SECONDS, le=MAX_SECONDS, description="Seconds that it lasts; 3,600 where none are given."
            ),
        ]
        | None
    ) = None


class ViewerToken(msgspec.Struct):
    """A token for a browser, twice, and when it ends in seconds since 1970."""

    token: str
    viewer_token: str
    expires_at: int


async def post_viewer_token(call: Call) -> Answer:
    """Make a token by which a browser reads a part of the log: give it to the viewer, never your key."""
    given = body_as(call.body or b"{}", ViewerTokenInput)
    assert call.key is not None  # noqa: S101 - the URL table asks for a key
    if call.session is not None:
        raise Forbidden("A viewer token ends with the API key that it is made with: use one, not a member's session.")
    scope = ViewerScope(given.tenant_id, given.actor_id, given.session_id)
    token, expires_at = call.services.viewer_tokens.make(call.key, scope, given.ttl or DEFAULT_SECONDS)
    return json_answer(ViewerToken(token, token, expires_at))


async def list_viewer_events(call: Call) -> Answer:
    """The events that the token covers and that meet all filters; as `/events` answers them, and whether each is destructive."""
    viewer = await _viewer(call)
    query = _within(viewer.scope, call.query)
    if query is None:
        return json_answer(render.page([], next_cursor=None, total=0, total_is_exact=True))
    asked = msgspec.structs.replace(call, workspace=viewer.key.workspace, query=query)
    page = await events.page_of(asked)
    rule = (await call.services.shown(viewer.key.workspace)).rule
    for event in page["data"]:
        event["destructive"] = rule.covers(event["action"])
    return json_answer(page)


async def list_viewer_sessions(call: Call) -> Answer:
    """The sessions with an event that the token covers and that meets all filters, newest first; told from covered events alone.

    A session that several tenants share is listed for the first of them; the others find it by its events.
    """
    viewer = await _viewer(call)
    workspace, services = viewer.key.workspace, call.services
    query = _within(viewer.scope, call.query)
    if query is None:
        return json_answer(render.page([], next_cursor=None, total=0, total_is_exact=True))
    after = None
    if "cursor" in query:
        after = SessionPosition(*services.cursors.read(workspace, "viewer sessions", query["cursor"]))
    page, shown = await services.read(
        _sessions, services.store, workspace, viewer.scope, _wanted(query), after, limit_of(query)
    )
    position = page.next_position
    cursor = None
    if position is not None:
        cursor = services.cursors.make(workspace, "viewer sessions", position.started_at, position.number)
    rule = (await services.shown(workspace)).rule
    items = [render.session(summary, rule) for summary in shown]
    return json_answer(render.page(items, next_cursor=cursor, total=page.total, total_is_exact=page.total_is_exact))


async def get_viewer_session(call: Call) -> Answer:
    """One session as the token covers it: its summary and its timeline, oldest first; as `/sessions/{session_id}` answers it."""
    viewer = await _viewer(call)
    workspace, store, session_id = viewer.key.workspace, call.services.store, call.path["session_id"]
    summary = None
    if viewer.scope.session_id in (None, session_id):
        summary = await call.services.read(_session, store, workspace, viewer.scope, session_id)
    if summary is None:
        raise NotFound("The token covers no session of this id.")
    told = summary

    def entries(after_seq: int | None, limit: int) -> EventPage:
        return _entries(store, workspace, viewer.scope, told, after_seq, limit)

    return await timeline_answer(msgspec.structs.replace(call, workspace=workspace), summary, entries, _NO_LINKS)


async def _viewer(call: Call) -> Viewer:
    if call.bearer is None:
        raise Unauthenticated("Send the viewer token: Authorization: Bearer ...")
    viewer = await call.services.read(call.services.viewer_tokens.read, call.bearer)
    call.services.limits.take_request(viewer.key)
    return viewer


def _within(scope: ViewerScope, query: Mapping[str, str]) -> dict[str, str] | None:
    """The query, narrowed to the scope; None where it asks for what lies outside."""
    narrowed = dict(query)
    for name, value in msgspec.to_builtins(scope).items():
        if narrowed.setdefault(name, value) != value:
            return None
    return narrowed


def _covered(scope: ViewerScope) -> EventFilter:
    return EventFilter(tenant_id=scope.tenant_id, actor_id=scope.actor_id)


def _wanted(query: Mapping[str, str]) -> SessionFilter:
    """All conditions on one event, so that nothing can be learnt of events outside the scope."""
    in_events = events.event_filter(query)
    tenant_id, actor_id = in_events.tenant_id, in_events.actor_id
    is_column = in_events in (EventFilter(tenant_id=tenant_id), EventFilter(actor_id=actor_id))
    return SessionFilter(tenant_id=tenant_id, actor_id=actor_id, events=None if is_column else in_events)


def _sessions(
    store: LogStore, workspace: Workspace, scope: ViewerScope, wanted: SessionFilter, after: SessionPosition | None,
    limit: int,
) -> tuple[SessionPage, list[SessionSummary]]:  # fmt: skip
    """A page of sessions, each told from the events that the scope covers."""
    if scope.session_id is None:
        page = store.find_sessions(workspace, wanted, after=after, limit=limit)
    else:
        found = store.session(workspace, scope.session_id)
        is_met = found is not None and _is_met(store, workspace, found, wanted.events or _covered(scope))
        page = SessionPage([found] if found is not None and is_met else [], None, int(is_met))
    told = (_told(store, workspace, scope, session) for session in page.sessions)
    return page, [summary for summary in told if summary is not None]


def _session(store: LogStore, workspace: Workspace, scope: ViewerScope, session_id: str) -> SessionSummary | None:
    found = store.session(workspace, session_id)
    return None if found is None else _told(store, workspace, scope, found)


def _told(store: LogStore, workspace: Workspace, scope: ViewerScope, session: SessionSummary) -> SessionSummary | None:
    """The session's summary from its covered events; None where there are none. As it is stored where all are covered."""
    count = _entries(store, workspace, scope, session, None, 0).total
    if count == session.events_count:
        return session
    entries = _entries(store, workspace, scope, session, None, _MOST_FOLDED).entries
    states = fold(map(occurrence_of, entries), OpenSessions({}, {}), _FOR_EVER)
    if not states:
        return None
    return msgspec.structs.replace(
        states[0].summary, session_id=session.session_id, inferred=session.inferred, events_count=count,
        resources_count=len(states[0].resources),
    )  # fmt: skip


def _entries(
    store: LogStore,
    workspace: Workspace,
    scope: ViewerScope,
    session: SessionSummary,
    after_seq: int | None,
    limit: int,
) -> EventPage:
    return store.session_entries(workspace, session, after_seq=after_seq, limit=limit, wanted=_covered(scope))


def _is_met(store: LogStore, workspace: Workspace, session: SessionSummary, wanted: EventFilter) -> bool:
    page = store.find(workspace, within(session, wanted), ascending=True, after_seq=None, limit=0)
    return page.total > 0
