"""The ASGI application: routes, what happens on unknown paths, and start and stop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from immutable.api.endpoint import send_answer
from immutable.api.problems import answer_to
from immutable.api.request_id import request_id
from immutable.api.routes import routes
from immutable.errors import NotFound
from immutable.services import Services
from immutable.web import embed, pages


def create_app(services: Services) -> ASGIApp:
    """The application over `services`, which it starts and stops."""

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        services.start()
        watching = asyncio.create_task(services.watch())
        try:
            yield
        finally:
            watching.cancel()
            services.stop()

    table = routes(services)
    router = Router(
        [*table, *pages.routes, *embed.routes(services.settings)],
        redirect_slashes=False,
        default=_not_found,
        lifespan=lifespan,
    )
    # Paths without parameters, ingest above all, need no search through the table.
    exact = {route.path: route.app for route in table if "{" not in route.path}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await exact.get(scope.get("path", ""), router)(scope, receive, send)

    return app


async def _not_found(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - ASGI
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1000})
        return
    answer = answer_to(NotFound("There is nothing at this path. The API is described at /docs."))
    answer.headers.append((b"x-request-id", request_id(scope)))
    await send_answer(send, answer)
