"""/healthz, /readyz and /metrics: for load balancers and Prometheus."""

import apsw
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from immutable.api.answer import Answer, json_answer
from immutable.api.endpoint import Call
from immutable.errors import Overloaded


async def healthz(call: Call) -> Answer:  # noqa: ARG001 - a handler takes a call
    """The process is alive."""
    return json_answer({"status": "ok"})


async def readyz(call: Call) -> Answer:
    """The log can be read, and appends are taken."""
    services = call.services
    try:
        await services.read(services.store.catalog.workspaces)
    except apsw.Error as error:
        raise Overloaded(f"The log cannot be read now ({error}).") from error
    if services.appender.is_closing:
        raise Overloaded("The server is stopping.", 2)
    return json_answer({"status": "ready"})


async def metrics(call: Call) -> Answer:  # noqa: ARG001 - a handler takes a call
    """Prometheus metrics."""
    return Answer(200, generate_latest(), content_type=CONTENT_TYPE_LATEST.encode())
