"""GET /sessions and /sessions/{session_id}: who did what in one go, and the story of it."""

from collections.abc import Callable, Mapping

import msgspec

from immutable.api import parameters, render
from immutable.api.answer import Answer, json_answer
from immutable.api.endpoint import Call
from immutable.api.links import Links
from immutable.api.parameters import choice_of, limit_of, span_of, text, texts_of
from immutable.errors import NotFound
from immutable.model.filters import EventPage, SessionFilter, SessionPosition
from immutable.model.session import SessionSummary
from immutable.sessions.marks import marks_of
from immutable.sessions.timeline import timeline

FILTERS = (
    text("actor_id", "Somebody who acted in it.", "usr_8842"),
    text("tenant_id", "The customer's customer.", "acme"),
    text("resource_id", "The id of something that an event of it was done to.", "inv_2041"),
    parameters.ACTION,
    text("search", "In an event's actor name, action, resource name or metadata, in any case.", "quarterly"),
)
INFERRED = parameters.flag("inferred", "Only sessions that were inferred, or only those that the client named.")
CONDITIONS = (*FILTERS, *parameters.span("began"), INFERRED)
LIST_PARAMETERS = (*CONDITIONS, parameters.CURSOR, parameters.LIMIT)
STEPS = parameters.limit(1_000, 1_000)
MOST_SORTED = 20_000
"""Events of a session that are read and sorted for one page."""

TIMELINE_PARAMETERS = (parameters.CURSOR, STEPS)


async def list_sessions(call: Call) -> Answer:
    """The sessions that meet all filters, newest first."""
    query, services = call.query, call.services
    wanted = session_filter(query)
    after = None
    if "cursor" in query:
        after = SessionPosition(*services.cursors.read(call.workspace, "sessions", query["cursor"]))
    rule = (await services.shown(call.workspace)).rule
    page = await services.read(services.store.find_sessions, call.workspace, wanted, after=after, limit=limit_of(query))
    position = page.next_position
    cursor = None
    if position is not None:
        cursor = services.cursors.make(call.workspace, "sessions", position.started_at, position.number)
    return json_answer(
        render.page(
            [render.session(summary, rule) for summary in page.sessions],
            next_cursor=cursor,
            total=page.total,
            total_is_exact=page.total_is_exact,
        )
    )


def session_filter(query: Mapping[str, str]) -> SessionFilter:
    """The filter that the parameters ask for. Raises BadRequest."""
    started_from, started_to = span_of(query)
    more = {"started_from": started_from, "started_to": started_to, "inferred": choice_of(query, INFERRED)}
    return msgspec.convert({**texts_of(query, FILTERS), **more}, SessionFilter)


async def get_session(call: Call) -> Answer:
    """One session: its summary and its timeline, oldest first.

    A page holds up to 1,000 steps, in the order in which they occurred; longer sessions go on with the cursor. Of a session
    of more than 20,000 events, the pages follow the order of the log, each in the order in which its steps occurred.
    """
    services, workspace = call.services, call.workspace
    summary = await services.read(services.store.session, workspace, call.path["session_id"])
    if summary is None:
        raise NotFound("There is no session of this id in this workspace.")
    found = summary

    def entries(after_seq: int | None, limit: int) -> EventPage:
        return services.store.session_entries(workspace, found, after_seq=after_seq, limit=limit)

    return await timeline_answer(call, summary, entries, (await services.shown(workspace)).links)


async def timeline_answer(
    call: Call, summary: SessionSummary, entries: Callable[[int | None, int], EventPage], links: Links
) -> Answer:
    """A page of the session's timeline; `entries` reads its events in the order of the log, from after a place."""
    query, services = call.query, call.services
    rule = (await services.shown(call.workspace)).rule
    kind = "timeline:" + summary.session_id
    after_seq = previous_at = None
    if "cursor" in query:
        after_seq, previous_at = services.cursors.read(call.workspace, kind, query["cursor"])
    limit = limit_of(query, STEPS)
    is_sorted = limit < summary.events_count <= MOST_SORTED  # what fits in one page is sorted anyway
    page = await services.read(entries, None if is_sorted else after_seq, MOST_SORTED if is_sorted else limit)
    steps = timeline(
        page.entries,
        started_at=summary.started_at,
        previous_at=None if is_sorted else previous_at,
        rule=rule,
    )
    last_seq, has_more = (page.entries[-1].seq if page.entries else 0), page.has_more
    if is_sorted:
        if after_seq is not None and previous_at is not None:
            steps = [step for step in steps if (step.occurred_at, step.entry.seq) > (previous_at, after_seq)]
        steps, has_more = steps[:limit], len(steps) > limit
        last_seq = steps[-1].entry.seq if steps else 0
    cursor = services.cursors.make(call.workspace, kind, last_seq, steps[-1].occurred_at) if has_more else None
    content = render.session(summary, rule)
    marks = marks_of(steps, services.locator.coordinates)
    content["timeline"] = [render.step(step, links, found) for step, found in zip(steps, marks, strict=True)]
    more = render.pagination(next_cursor=cursor, total=page.total, total_is_exact=True)
    return json_answer({"data": content, "pagination": more})
