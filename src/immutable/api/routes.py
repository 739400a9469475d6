"""The whole URL table on one screen."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from starlette.routing import BaseRoute, Route

from immutable.api import events, health, openapi, resources, sessions, verify
from immutable.api.endpoint import Endpoint, Method

if TYPE_CHECKING:
    from immutable.services import Services

_BATCH_PARAMETERS = frozenset({"atomic"})

TABLE: Mapping[str, Mapping[str, Method]] = {
    "/api/v1/events": {
        "POST": Method(events.ingest, "ingest", is_single_event=True),
        "GET": Method(events.list_events, "read", events.LIST_PARAMETERS),
    },
    "/api/v1/events/batch": {"POST": Method(events.ingest_batch, "ingest", _BATCH_PARAMETERS)},
    "/api/v1/events/{id}": {"GET": Method(events.get_event, "read")},
    "/api/v1/sessions": {"GET": Method(sessions.list_sessions, "read", sessions.LIST_PARAMETERS)},
    "/api/v1/sessions/{session_id:path}": {"GET": Method(sessions.get_session, "read", sessions.TIMELINE_PARAMETERS)},
    "/api/v1/resources/{type}/{id:path}/history": {
        "GET": Method(resources.get_history, "read", resources.HISTORY_PARAMETERS)
    },
    "/api/v1/verify": {"GET": Method(verify.get_verify, "read", verify.PARAMETERS)},
    "/api/v1/openapi.json": {"GET": Method(openapi.get_openapi, None)},
    "/healthz": {"GET": Method(health.healthz, None)},
    "/readyz": {"GET": Method(health.readyz, None)},
    "/metrics": {"GET": Method(health.metrics, None)},
}


def routes(services: "Services") -> list[BaseRoute]:
    """The table as Starlette routes."""
    return [Route(path, Endpoint(services, path, methods)) for path, methods in TABLE.items()]
