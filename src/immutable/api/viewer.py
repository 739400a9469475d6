"""POST /viewer-token, and what a token reads: /viewer/events and /viewer/sessions, under its scope whatever is asked for.

A session is told from the events that the scope covers, and from no others: its summary is folded from them when it is asked for.
Browsers of any origin may ask (CORS), because a token is shown and no cookie is.
"""

from collections.abc import Mapping
from itertools import islice
from typing import Annotated, ClassVar

import msgspec

from immutable.accounts.viewer_token import DEFAULT_SECONDS, MAX_SECONDS, MIN_SECONDS, Viewer, ViewerScope
from immutable.api import events, parameters, render
from immutable.api.answer import Answer, json_answer
from immutable.api.decode_body import body_as
from immutable.api.endpoint import Call
from immutable.api.event_input import Text
from immutable.api.parameters import limit_of
from immutable.errors import Unauthenticated
from immutable.model.filters import SessionFilter, SessionPage, SessionPosition
from immutable.model.session import SessionSummary
from immutable.model.workspace import Workspace
from immutable.sessions.fold import OpenSessions, fold
from immutable.store.check_sessions import occurrence_of
from immutable.store.log_store import LogStore

SESSION_PARAMETERS = (*parameters.span("began"), parameters.CURSOR, parameters.LIMIT)
_MOST_FOLDED = 5_000
"""Events of a session that its summary is told from; of longer ones, the first so many."""


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
    scope = ViewerScope(given.tenant_id, given.actor_id, given.session_id)
    token, expires_at = call.services.viewer_tokens.make(call.key, scope, given.ttl or DEFAULT_SECONDS)
    return json_answer(ViewerToken(token, token, expires_at))


async def list_viewer_events(call: Call) -> Answer:
    """The events that the token covers and that meet all filters; as `/events` answers them."""
    viewer = await _viewer(call)
    query = _within(viewer.scope, call.query)
    if query is None:
        return json_answer(render.page([], next_cursor=None, total=0, total_is_exact=True))
    asked = msgspec.structs.replace(call, workspace=viewer.key.workspace, query=query)
    return await events.list_events(asked)


async def list_viewer_sessions(call: Call) -> Answer:
    """The sessions of the events that the token covers, newest first, each told from those events alone."""
    viewer = await _viewer(call)
    workspace, services = viewer.key.workspace, call.services
    started_from, started_to = parameters.span_of(call.query)
    after = None
    if "cursor" in call.query:
        after = SessionPosition(*services.cursors.read(workspace, "viewer sessions", call.query["cursor"]))
    page, shown = await services.read(
        _sessions, services.store, workspace, viewer.scope,
        SessionFilter(
            actor_id=viewer.scope.actor_id, tenant_id=viewer.scope.tenant_id, started_from=started_from,
            started_to=started_to,
        ),
        after, limit_of(call.query), services.silence,
    )  # fmt: skip
    position = page.next_position
    cursor = None
    if position is not None:
        cursor = services.cursors.make(workspace, "viewer sessions", position.started_at, position.number)
    items = [render.session(summary, services.destructive) for summary in shown]
    return json_answer(render.page(items, next_cursor=cursor, total=page.total, total_is_exact=page.total_is_exact))


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


def _sessions(
    store: LogStore, workspace: Workspace, scope: ViewerScope, wanted: SessionFilter, after: SessionPosition | None,
    limit: int, silence: int,
) -> tuple[SessionPage, list[SessionSummary]]:  # fmt: skip
    """A page of sessions, each folded again from the events that the scope covers."""
    if scope.session_id is not None:
        found = store.session(workspace, scope.session_id)
        page = SessionPage([] if found is None or found.inferred else [found], None, 0 if found is None else 1)
    else:
        page = store.find_sessions(workspace, wanted, after=after, limit=limit)
    told = (_told(store, workspace, scope, session, silence) for session in page.sessions)
    return page, [summary for summary in told if summary is not None]


def _told(
    store: LogStore, workspace: Workspace, scope: ViewerScope, session: SessionSummary, silence: int
) -> SessionSummary | None:
    covered = (
        occurrence
        for occurrence in map(occurrence_of, store.whole_session(workspace, session))
        if (scope.tenant_id is None or occurrence.draft.tenant_id == scope.tenant_id)
        and (scope.actor_id is None or occurrence.draft.actor_id == scope.actor_id)
    )
    states = fold(islice(covered, _MOST_FOLDED), OpenSessions({}, {}), silence)
    if not states:
        return None
    summary = states[0].summary
    return msgspec.structs.replace(
        summary, session_id=session.session_id, inferred=session.inferred, resources_count=len(states[0].resources)
    )
