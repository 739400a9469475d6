"""The extension for Flask: `Audit(app, client=client, identify=...)`, or `audit = Audit(client=...)` and `audit.init_app(app)`.

A request's context lies in its WSGI environment, and is found by Flask's own request: it is there in streams
(`stream_with_context`), async views and what `copy_current_request_context` takes along.
"""

from collections.abc import Callable, MutableMapping, Sequence
from typing import Any, cast

from flask import Flask, Request, Response, current_app, has_request_context, request, session

from getimmutable.capture import Capture, kept_id
from getimmutable.context import Client, Context, Identity, configure, finders, identify, track
from getimmutable.event_queue import EventQueue

__all__ = ["Audit", "configure", "identify", "track"]

_EXTENSION = "getimmutable"
_CONTEXT = "getimmutable.context"


class Audit:
    """Puts the actor, session, address and user agent of a request on every event that is tracked in it.

    `identify(request)` is called when something is tracked. The session is Flask's, or that of Flask-Session (its `sid`), or
    of the cookie that `session_cookie` names. Other options are in `capture.py`.
    """

    def __init__(
        self,
        app: Flask | None = None,
        client: Client | None = None,
        *,
        queue: EventQueue | None = None,
        identify: Callable[[Request], Identity | None] | None = None,
        session_cookie: str | None = None,
        trusted_proxies: Sequence[str] = (),
    ) -> None:
        self._capture = Capture(
            client, queue=queue, identify=identify, session_cookie=session_cookie, trusted_proxies=trusted_proxies
        )
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Serve this application."""
        app.extensions[_EXTENSION] = self
        app.after_request(_answered)
        if _find not in finders:
            finders.append(_find)

    def context(self) -> Context:
        """The context of Flask's request."""
        asked = cast("Request", request._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001 - it is documented
        return self._capture.context(
            asked,
            peer=asked.remote_addr,
            header=asked.headers.get,
            cookies=lambda: asked.cookies,
            session_key=_session_key,
        )


def _find() -> Context | None:
    if not has_request_context() or _EXTENSION not in current_app.extensions:
        return None
    if _CONTEXT not in request.environ:
        request.environ[_CONTEXT] = current_app.extensions[_EXTENSION].context()
    return cast("Context", request.environ[_CONTEXT])


def _answered(response: Response) -> Response:
    """The session's cookie is made behind this."""
    if context := _find():
        context.is_answered = True
    return response


def _session_key(may_begin: bool) -> str | None:
    if not has_request_context():
        return None
    sid = getattr(session, "sid", None)
    if isinstance(sid, str):
        return sid or None
    values = cast("MutableMapping[str, Any]", session._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001
    return None if not current_app.secret_key else kept_id(values, may_begin)
