"""GET /resources/{type}/{id}/history: all that happened to one resource, across sessions."""

from immutable.api import parameters, render
from immutable.api.answer import Answer, json_answer
from immutable.api.endpoint import Call
from immutable.api.parameters import limit_of
from immutable.model.filters import EventFilter

HISTORY_PARAMETERS = (parameters.CURSOR, parameters.LIMIT)


async def get_history(call: Call) -> Answer:
    """Every event that touched the resource, as its resource or as a target, oldest first."""
    services, query = call.services, call.query
    kind = "history:" + call.path["type"] + "\0" + call.path["id"]
    after = services.cursors.read(call.workspace, kind, query["cursor"])[0] if "cursor" in query else None
    wanted = EventFilter(touched=(call.path["type"], call.path["id"]))
    page = await services.read(
        services.store.find, call.workspace, wanted, ascending=True, after_seq=after, limit=limit_of(query)
    )
    cursor = services.cursors.make(call.workspace, kind, page.entries[-1].seq) if page.has_more else None
    items = [render.event(entry) for entry in page.entries]
    rule = (await services.shown(call.workspace)).rule
    for item in items:
        item["destructive"] = rule.covers(item["action"])
    return json_answer(render.page(items, next_cursor=cursor, total=page.total, total_is_exact=page.total_is_exact))
