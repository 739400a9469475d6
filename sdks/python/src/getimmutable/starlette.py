"""Middleware for Starlette and FastAPI: `app.add_middleware(AuditMiddleware, client=client, identify=...)`.

It is ASGI alone, and so holds for streams and background tasks too.
"""

from collections.abc import Callable, Sequence

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from getimmutable.capture import Capture, kept_id
from getimmutable.context import Client, Identity, configure, entered, identify, track
from getimmutable.event_queue import EventQueue, QueueSettings

__all__ = ["AuditMiddleware", "configure", "identify", "track"]


class AuditMiddleware:
    """Puts the actor, session, address and user agent of a request on every event that is tracked in it.

    `identify(connection)` is called when something is tracked, and must not block: what needs a database says it with
    `getimmutable.context.identify` in a dependency. The session is that of Starlette's SessionMiddleware, or of the cookie
    that `session_cookie` names. Other options are in `capture.py`.
    """

    def __init__(
        self,
        app: ASGIApp,
        client: Client | None = None,
        *,
        queue: EventQueue | None = None,
        identify: Callable[[HTTPConnection], Identity | None] | None = None,
        session_cookie: str | None = None,
        trusted_proxies: Sequence[str] = (),
    ) -> None:
        self._app = app
        if client is not None and queue is None:
            queue = client.queue(settings=QueueSettings(block_seconds=0.0))  # the event loop waits for nothing
        self._capture = Capture(
            client, queue=queue, identify=identify, session_cookie=session_cookie, trusted_proxies=trusted_proxies
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or one WebSocket."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        context = self._capture.context(
            connection,
            peer=connection.client and connection.client.host,
            header=lambda name: ", ".join(connection.headers.getlist(name)) or None,
            cookies=lambda: connection.cookies,
            session_key=lambda may_begin: kept_id(scope["session"], may_begin) if "session" in scope else None,
        )
        context.is_answered = scope["type"] == "websocket"

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                context.is_answered = True
            await send(message)

        with entered(context):
            await self._app(scope, receive, sending)
