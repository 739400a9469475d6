"""Serves the desk and the page to try the API: HTML shells and static files, with headers that keep strangers' code out.

Both are in `static/` and need no build step. They read everything from `/api/v1` with the key that the person types in,
so nothing here knows about keys or events. Addresses in the shells are relative: a reverse proxy may put the
server under any path.
"""

import hashlib
import mimetypes
import os
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from immutable.api.problems import answer_to
from immutable.errors import ImmutableError, MethodNotAllowed, NotFound

STATIC = Path(__file__).parent / "static"

SECURITY_HEADERS = {
    # The last two directives make the browser itself refuse innerHTML: hostile names can only ever be text.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

# A machine's own MIME table may call JavaScript text/plain, and with nosniff no browser would then run it.
mimetypes.add_type("text/javascript", ".js")


class SecurityHeaders:
    """Adds headers, SECURITY_HEADERS unless others are given, to every answer of the routes that it wraps."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str] = SECURITY_HEADERS) -> None:
        self.app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the wrapped app does, headers added."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        await self.app(scope, receive, send_with_headers)


class VersionedFiles(StaticFiles):
    """Static files under a path that names their content, so that a browser may keep them for ever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer with the file; what is not there, or not asked for with GET, is told as the API tells it."""
        try:
            return await super().get_response(path, scope)
        except HTTPException as error:
            told: ImmutableError = NotFound("There is no such file.")
            if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
                told = MethodNotAllowed("Files can only be read: use GET.")
            answer = answer_to(told)
            return Response(answer.body, answer.status, dict(error.headers or {}), "application/json")

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Answer with the file, or 304 where the browser's copy is the same."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def version_of(folder: Path) -> str:
    """Twelve hex digits that change when any file of the folder does."""
    digest = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = file.read_bytes()
        digest.update(f"{file.relative_to(folder).as_posix()}\n{len(content)}\n".encode() + content)
    return digest.hexdigest()[:12]


VERSION = version_of(STATIC)
SHELL = (STATIC / "desk.html").read_text("utf-8").replace("{version}", VERSION)
DOCS = (STATIC / "docs.html").read_text("utf-8").replace("{version}", VERSION)


async def home(_request: Request) -> Response:
    """The bare address leads to the desk."""
    return RedirectResponse("desk", status_code=307)


async def slashed(_request: Request) -> Response:
    """The desk's own addresses are relative, so it is served without the slash alone."""
    return RedirectResponse("../desk", status_code=307)


async def desk(_request: Request) -> Response:
    """The shell; which view it shows stands behind the # of the address, which no server and no proxy logs."""
    return HTMLResponse(SHELL, headers={"Cache-Control": "no-cache"})


async def docs(_request: Request) -> Response:
    """The page to try the API."""
    return HTMLResponse(DOCS, headers={"Cache-Control": "no-cache"})


_guarded = [Middleware(SecurityHeaders), Middleware(GZipMiddleware, minimum_size=500)]

routes: list[BaseRoute] = [
    Route("/", home, middleware=_guarded, include_in_schema=False),
    Route("/desk", desk, middleware=_guarded, include_in_schema=False),
    Route("/docs", docs, middleware=_guarded, include_in_schema=False),
    Route("/desk/", slashed, middleware=_guarded, include_in_schema=False),
    Mount(f"/static/{VERSION}", VersionedFiles(directory=STATIC), middleware=_guarded),
]
