"""/healthz, /readyz and /metrics: for load balancers and Prometheus."""

import asyncio

import apsw
from prometheus_client import CONTENT_TYPE_LATEST

from immutable.api.answer import Answer, json_answer
from immutable.api.endpoint import Call
from immutable.errors import Overloaded
from immutable.telemetry.worker_metrics import exposition

_READY_SECONDS = 3.0


async def healthz(call: Call) -> Answer:  # noqa: ARG001 - a handler takes a call
    """The process is alive."""
    return json_answer({"status": "ok"})


async def readyz(call: Call) -> Answer:
    """The log can be read, and the server is not stopping."""
    services = call.services
    try:
        await asyncio.wait_for(services.work(services.store.catalog.workspaces), _READY_SECONDS)
    except TimeoutError:
        raise Overloaded(f"The database has not answered for {_READY_SECONDS:g} seconds.") from None
    except apsw.Error as error:
        raise Overloaded(f"The log cannot be read now ({error}).") from error
    if services.appender.is_closing:
        raise Overloaded("The server is stopping.", 2)
    # Signing has stopped, appending has not: the process stays in service, and says so here as in the metrics.
    halted = sum(state.halted is not None for _, _, state in await services.read(services.store.proofs.trees))
    return json_answer({"status": "ready", "checkpoints_halted": halted} if halted else {"status": "ready"})


async def metrics(call: Call) -> Answer:  # noqa: ARG001 - a handler takes a call
    """Prometheus metrics."""
    return Answer(200, exposition(), content_type=CONTENT_TYPE_LATEST.encode())
