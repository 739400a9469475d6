"""Serves the embeddable viewer: its one file, and the page for iframes. What a token lets see is `api/viewer.py`'s affair.

Unlike the desk, these are for other origins: any page may load the file, and those that the operator names may frame the page.
The page's address may hold a token: it is logged nowhere, sent on to nobody, and taken out of the address bar at once.
"""

import gzip
import hashlib
import re
from pathlib import Path
from urllib.parse import urlsplit

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from immutable.settings import Settings
from immutable.web.assemble import assembled
from immutable.web.pages import SecurityHeaders

SOURCES = Path(__file__).parent / "viewer"
HOST = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]+)?")
"""What of a Host header may stand in a policy: a name or an address, and a port."""
FOR_EVER = "public, max-age=31536000, immutable"


class _File:
    """An assembled file, under a name that changes with its content, and ready to be sent."""

    def __init__(self, entry: str) -> None:
        self.content = assembled(SOURCES / entry).encode()
        self.packed = gzip.compress(self.content, 9, mtime=0)
        self.version = hashlib.sha256(self.content).hexdigest()[:12]

    def answer(self, request: Request, cache: str) -> Response:
        """The file; 304 where the browser has it."""
        headers = {
            "cache-control": cache, "etag": f'"{self.version}"', "vary": "accept-encoding", "access-control-allow-origin": "*",
        }  # fmt: skip
        if self.version in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(self.content, headers=headers, media_type="text/javascript")
        return Response(self.packed, headers={**headers, "content-encoding": "gzip"}, media_type="text/javascript")


VIEWER = _File("element.js")
PAGE = _File("page.js")
SHELL = (SOURCES / "page.html").read_text("utf-8").replace("{version}", PAGE.version)


async def _current(request: Request) -> Response:
    """The viewer as it is now; asked again whether it is still so."""
    return VIEWER.answer(request, "public, no-cache")


async def _version(request: Request) -> Response:
    return VIEWER.answer(request, FOR_EVER)


async def _page_file(request: Request) -> Response:
    return PAGE.answer(request, FOR_EVER)


def _own(request: Request, public_url: str) -> str:
    """This server as a policy's source, by its address too: in a frame without origin `'self'` is nobody to WebKit.

    With http: it holds for https as well.
    """
    host = urlsplit(public_url).netloc or request.headers.get("host", "")
    return f"'self' http://{host}" if HOST.fullmatch(host) else "'self'"


def routes(settings: Settings) -> list[BaseRoute]:
    """The viewer's addresses."""
    ancestors = " ".join(settings.viewer_frame_ancestors) or "'none'"

    async def page(request: Request) -> Response:
        own = _own(request, settings.public_url)
        policy = (
            f"default-src 'none'; script-src {own}; connect-src {own}; base-uri 'none'; form-action 'none'; "
            f"frame-ancestors {ancestors}; require-trusted-types-for 'script'; trusted-types 'none'"
        )
        headers = {"cache-control": "no-cache", "content-security-policy": policy}
        return Response(SHELL, headers=headers, media_type="text/html")

    headers = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    guarded = [Middleware(SecurityHeaders, headers=headers)]
    return [
        Route("/viewer", page, middleware=guarded, include_in_schema=False),
        Route("/viewer.js", _current, middleware=guarded, include_in_schema=False),
        Route(f"/viewer-{VIEWER.version}.js", _version, middleware=guarded, include_in_schema=False),
        Route(f"/viewer-page-{PAGE.version}.js", _page_file, middleware=guarded, include_in_schema=False),
    ]
