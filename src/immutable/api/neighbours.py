"""GET /sessions/{session_id}/neighbours: what went on beside a session."""

import msgspec

from immutable.api import parameters, render, schemas
from immutable.api.answer import Answer, json_answer
from immutable.api.endpoint import Call
from immutable.api.parameters import limit_of
from immutable.errors import NotFound
from immutable.model.workspace import Workspace
from immutable.store.log_store import LogStore
from immutable.store.neighbours import Neighbour, neighbours

LIMIT = parameters.limit(6, 20)
PARAMETERS = (LIMIT,)


class SharedView(msgspec.Struct):
    """A resource that both sessions touched."""

    type: str
    id: str


class NeighbourView(schemas.Session):
    """A session beside it. `shared` is empty where it is the same actor's, at the same time."""

    shared: list[SharedView]


class NeighbourList(msgspec.Struct):
    """The same actors' sessions first, then those of others, the latest first."""

    data: list[NeighbourView]


async def get_neighbours(call: Call) -> Answer:
    """The sessions beside one: the same actors' at the same time, and others' on the same resources within an hour of it.

    Looked at are its first 1,000 events, the 5 resources that come up most in them, and the 200 newest events of each of these.
    """
    services = call.services
    rule = (await services.shown(call.workspace)).rule
    limit = limit_of(call.query, LIMIT)
    found = await services.read(_found, services.store, call.workspace, call.path["session_id"], limit)
    data = [
        {
            **render.session(one.summary, rule),
            "shared": [{"type": type_, "id": id_} for type_, id_ in one.shared],
        }
        for one in found
    ]
    return json_answer({"data": data})


def _found(store: LogStore, workspace: Workspace, session_id: str, limit: int) -> list[Neighbour]:
    session = store.session(workspace, session_id)
    if session is None:
        raise NotFound("There is no session of this id in this workspace.")
    return neighbours(store, workspace, session, limit)
