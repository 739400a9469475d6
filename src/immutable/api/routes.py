"""The whole URL table: of the log, of what is kept and proven, of who may ask; and what the server tells of itself."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from immutable.api import health, openapi, schemas
from immutable.api.endpoint import Endpoint, Method
from immutable.api.routes_log import EVIDENCE_OF_SESSION, LOG, NEIGHBOURS_OF_SESSION, SESSION, STORY_OF_SESSION
from immutable.api.routes_people import PEOPLE
from immutable.api.routes_proof import PROOF

if TYPE_CHECKING:
    from immutable.services import Services

TABLE: Mapping[str, Mapping[str, Method]] = {
    **LOG,
    **PROOF,
    **PEOPLE,
    "/api/v1/openapi.json": {"GET": Method(openapi.get_openapi, None, (), dict)},
    "/healthz": {"GET": Method(health.healthz, None, (), schemas.Health)},
    "/readyz": {"GET": Method(health.readyz, None, (), schemas.Health)},
    "/metrics": {"GET": Method(health.metrics, None)},
}


class PartOfSession:
    """The evidence of a session, its story or neighbours.

    Or, where the slash before that word is escaped, the session whose id so ends.
    """

    def __init__(self, path: str, part: Endpoint, session: Endpoint) -> None:
        self._ending = path[path.rindex("/") :]
        self._part, self._session = part, session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell them apart by the path as it was sent."""
        if scope["raw_path"].endswith(self._ending.encode()):
            await self._part(scope, receive, send)
            return
        whole = scope["path_params"]["session_id"] + self._ending
        await self._session({**scope, "path_params": {"session_id": whole}}, receive, send)


def routes(services: "Services") -> list[Route]:
    """The table as Starlette routes."""
    endpoints: dict[str, ASGIApp] = {path: Endpoint(services, path, methods) for path, methods in TABLE.items()}
    session = Endpoint(services, SESSION, TABLE[SESSION])
    for path in (EVIDENCE_OF_SESSION, STORY_OF_SESSION, NEIGHBOURS_OF_SESSION):
        endpoints[path] = PartOfSession(path, Endpoint(services, path, TABLE[path]), session)
    return [Route(path, endpoint) for path, endpoint in endpoints.items()]
