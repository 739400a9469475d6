"""A server with two customers' events, and pages of another origin that embed the viewer under a strict policy."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from tests.conftest import Client, Server, serving
from tests.web.conftest import LISA, MARCUS, PATIENCE_MS, REPORT, event, hostile, ticket

STRICT = (
    "default-src 'none'; script-src 'self' {server}; connect-src 'self' {server}; style-src 'self'; "
    "frame-src http://127.0.0.1:*; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
"""What the foreign page lets in: the server's file and its API; no inline style or script, and no markup from text."""

SESSION = "sess_a8f3c2d1"
OTHERS_SECRET = "only umbrella may see this"


class Log(NamedTuple):
    """The running server, and a client that makes tokens."""

    server: Server
    owner: Client

    def token(self, **scope: Any) -> str:
        """A token of this scope; acme's unless another is given."""
        return str(self.owner.post("/viewer-token", scope or {"tenant_id": "acme"}).json()["token"])


class Foreign(NamedTuple):
    """Another origin: its address, and its files by path."""

    url: str
    files: dict[str, tuple[str, str]]


def events() -> list[dict[str, Any]]:
    """Ticket #4821 and hostile texts, of acme; a hundred quiet sessions; and another customer's, partly in the same session."""
    acme = [{**one, "tenant_id": "acme"} for one in (*ticket(), *hostile())]
    quiet = [
        event(
            MARCUS, f"2026-02-{1 + n // 24:02} {n % 24:02}:00:00", "report.opened", f"sess_old_{n:03}", tenant_id="acme"
        )
        for n in range(100)
    ]
    formula = event(
        LISA, "2026-03-28 08:00:00", "=cmd|calc", "sess_formula", tenant_id="acme",
        resource={"type": "@SUM(1)", "id": "+1", "name": "-2+3"}, metadata={"a": "\t=1"},
    )  # fmt: skip
    theirs = event(LISA, "16:53:12", "secret.viewed", SESSION, tenant_id="umbrella", metadata={"note": OTHERS_SECRET})
    alone = event(MARCUS, "18:00:00", "secret.read", "sess_umbrella", tenant_id="umbrella", resource=REPORT)
    return [*quiet, *acme, formula, theirs, alone]


@pytest.fixture(scope="session")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    """The server that all viewer tests share, and none changes; it logs whatever it logs."""
    with serving(tmp_path_factory.mktemp("viewer"), {"log_level": "debug"}) as server:
        owner = server.client()
        sent = events()
        for start in range(0, len(sent), 100):
            answer = owner.post("/events/batch", {"events": sent[start : start + 100]})
            assert {one["status"] for one in answer.json()["events"]} == {"queued"}, answer.text
        yield Log(server, owner)


@pytest.fixture(scope="session")
def foreign(log: Log) -> Iterator[Foreign]:
    """A web server of another origin, with the strict policy on every page."""
    files: dict[str, tuple[str, str]] = {}
    policy = STRICT.format(server=log.server.url)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, text = files.get(self.path.split("?")[0], ("", ""))
            self.send_response(200 if kind else 404)
            self.send_header("content-type", kind or "text/plain")
            self.send_header("content-security-policy", policy)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as the library names it
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as web:
        threading.Thread(target=web.serve_forever, daemon=True).start()
        yield Foreign(f"http://localhost:{web.server_port}", files)
        web.shutdown()


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser in Portland's zone, for all tests of a module: nothing is remembered between pages here."""
    context = browser.new_context(
        viewport={"width": 1100, "height": 900}, timezone_id="America/Los_Angeles", color_scheme="light", locale="en-US"
    )
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, log: Log) -> Iterator[Page]:
    """A tab. Whatever a test does in it: no script fails, no policy is broken, nobody but the two servers is asked."""
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(f"script error: {error}"))
    page.on("console", lambda said: problems.append(said.text) if "Security Policy" in said.text else None)
    known = ("http://127.0.0.1:", "http://localhost:", "blob:http://localhost:", "data:")
    page.on("request", lambda asked: None if asked.url.startswith(known) else problems.append(asked.url))
    yield page
    pwned = page.evaluate("window.pwned ?? null")
    page.close()
    assert (pwned, problems) == (None, [])


@pytest.fixture
def embed(page: Page, foreign: Foreign, log: Log) -> Callable[..., Page]:
    """Opens a page of the other origin with the component in it; `script` is the page's own, and runs first."""

    def go(attributes: str | None = None, script: str = "", wait: str = ".row") -> Page:
        if attributes is None:
            attributes = f'token="{log.token()}"'
        foreign.files["/app.js"] = ("text/javascript", script)
        markup = (
            '<!doctype html><html lang="en"><title>A page</title><script src="/app.js" defer></script>'
            f'<script type="module" src="{log.server.url}/viewer.js"></script>'
            f"<body><main><audit-log-viewer {attributes}></audit-log-viewer></main>"
        )
        foreign.files["/"] = ("text/html; charset=utf-8", markup)
        page.goto(foreign.url)
        page.locator(wait).first.wait_for()
        return page

    return go
