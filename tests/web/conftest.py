"""A real server with ticket #4821 in it, and a real browser to look at it with."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import pytest
from axe_playwright_python.sync_playwright import Axe
from mmdb_writer import MMDBWriter
from netaddr import IPSet
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --force-color-profile=srgb --font-render-hinting=none"
)
CHROME = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/134.0.0.0 Safari/537.36"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:136.0) Gecko/20100101 Firefox/136.0"

LISA = {"actor_id": "user_4f2a8c", "actor_name": "Lisa Wang", "ip_address": "67.170.12.84", "user_agent": CHROME}
MARCUS = {"actor_id": "user_9b1c77", "actor_name": "Marcus Okafor", "ip_address": "81.2.69.160", "user_agent": FIREFOX}
REPORT = {"type": "document", "id": "doc_8f3a2c1d", "name": "Q3 Budget Report"}
FOLDER = {"type": "folder", "id": "fld_finance", "name": "Finance Team"}
TRASH = {"type": "trash", "id": "trash_4f2a8c", "name": "Trash"}

HOSTILE_NAME = "<script>window.pwned=1</script>\u202egnp.exe \u05e9\u05dc\u05d5\u05dd 🧨👩‍👩‍👧"
HOSTILE_TEXT = "<img src=x onerror='window.pwned=1'>" + "A" * 10_000
HOSTILE_ID = "sess_<b>?#&/../%2e 🧨"

PATIENCE_MS = 60_000
"""How long what has to come is waited for: a machine that stands still for seconds has not failed."""
expect.set_options(timeout=PATIENCE_MS)


class Desk(NamedTuple):
    """A running server: where it listens, a key that may read and append, and the file that it writes to."""

    url: str
    key: str
    database: Path


def event(actor: Mapping[str, Any], at: str, action: str, session: str | None, **more: Any) -> dict[str, Any]:
    """An event on 27 March 2026 unless `at` says another day."""
    day, _, clock = at.rpartition(" ")
    occurred_at = f"{day or '2026-03-27'}T{clock}Z"
    return {**actor, "occurred_at": occurred_at, "action": action, "session_id": session, **more}


def ticket() -> list[dict[str, Any]]:
    """The session of ticket #4821, and what Lisa and Marcus did to the same document in other sessions."""
    changes = {"title": {"old": "Q3 Budget", "new": "Q3 Budget Report"}, "total": {"old": 1284000, "new": 1310500}}

    def step(at: str, action: str, resource: dict[str, str], where: str, **more: Any) -> dict[str, Any]:
        metadata = {"location": where, **more.pop("facts", {})}
        return event(LISA, at, action, "sess_a8f3c2d1", resource=resource, metadata=metadata, **more)

    return [
        event(LISA, "2026-03-24 15:02:00", "document.viewed", "sess_1c6d8e3f", resource=REPORT),
        event(LISA, "2026-03-26 16:20:00", "document.viewed", "sess_7e4b9f2a", resource=REPORT),
        event(MARCUS, "16:31:00", "document.viewed", "sess_0d1e2f3a", resource=REPORT),
        event(MARCUS, "16:34:40", "comment.created", "sess_0d1e2f3a", resource=REPORT),
        step("16:38:09.400", "document.viewed", REPORT, "recent documents", facts={"view": "home"}),
        step("16:41:27.090", "document.edited", REPORT, "editor", facts={"cells": 42}, changes=changes, trace_id='4bf92f35/"'),
        step("16:50:44.700", "document.saved", REPORT, "editor", facts={"trigger": "keyboard"}),
        step("16:52:31.010", "folder.viewed", FOLDER, "sidebar", facts={"items": 23}),
        step("16:53:11.402", "document.moved_to_trash", REPORT, "Finance Team folder",
             facts={"control": "context menu", "selected": 1}, targets=[FOLDER]),
        step("16:53:18.377", "trash.emptied", TRASH, "trash view",
             facts={"control": "Empty trash button", "items_removed": 1}, targets=[REPORT]),
        step("16:55:21.640", "search.performed", {"type": "search"}, "global search",
             facts={"query": "Q3 Budget Report", "results": 0}),
    ]  # fmt: skip


def hostile() -> list[dict[str, Any]]:
    """A session whose every text tries to be something else."""
    actor = {"actor_id": "user_<b>", "actor_name": HOSTILE_NAME, "user_agent": "<u>" + "u" * 1000}
    nested = {"a": [{"b": [None, "</pre><script>window.pwned=1</script>"]}]}
    return [
        event(
            actor,
            "17:20:00",
            "<img src=x>.\u202edeleted",
            HOSTILE_ID,
            resource={"type": "<i>", "id": "x" * 255, "name": "🧨" + "Z" * 254},
            metadata={"<script>": HOSTILE_TEXT, "deep": nested},
            changes={"<b>field</b>": {"old": HOSTILE_TEXT, "new": "\u202e\u2066\u0007"}},
        ),
        event(
            actor,
            "17:20:01",
            "مستند.محذوف",
            HOSTILE_ID,
            resource={"type": "document", "id": "..", "name": "تقرير الميزانية"},
        ),
    ]


def scenario() -> list[dict[str, Any]]:
    """The ticket, an inferred session, hostile text, and enough other sessions for a second page."""
    amelie = {**MARCUS, "actor_id": "user_2d88e1", "actor_name": "Amélie Laurent"}
    unnamed = event(amelie, "17:01:00", "document.viewed", None, resource=FOLDER)
    older = [event(MARCUS, f"2026-02-01 10:{n:02}:00", "report.opened", f"sess_old_{n:02}") for n in range(60)]
    return [*ticket(), unnamed, *hostile(), *older]


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium; without one these tests fail, because nothing else shows that the desk works."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.fail(f"No browser: none of {', '.join(BROWSERS)} is on the PATH. Install one: apt-get install chromium")
    return found


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """A headless Chromium. Not longer than a module: while it is there, its loop runs, and no other test may start one."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS.split())
        yield browser
        browser.close()


@contextmanager
def serving(folder: Path) -> Iterator[Desk]:
    """A server of its own in `folder`, with the scenario in it."""
    cities = MMDBWriter(ip_version=4, database_type="Test-City")
    cities.insert_network(
        IPSet(["67.170.0.0/16"]), {"country": {"iso_code": "US"}, "city": {"names": {"en": "Portland"}}}
    )
    cities.insert_network(IPSet(["81.2.69.0/24"]), {"country": {"iso_code": "GB"}, "city": {"names": {"en": "Leeds"}}})
    cities.to_db_file(str(folder / "cities.mmdb"))
    database = folder / "desk.db"
    environment = {
        **os.environ,
        "IMMUTABLE_DATABASE_URL": f"sqlite:///{database}",
        "IMMUTABLE_GEO_MMDB": str(folder / "cities.mmdb"),
        "IMMUTABLE_TRACE_LINK": "https://traces.example.com/trace/{trace_id}",
        "IMMUTABLE_LOG_LINK": "https://logs.example.com/?q={session_id}",
    }
    immutable = [sys.executable, "-m", "immutable"]
    create = [*immutable, "keys", "create", "--workspace", "demo", "--scope", "ingest", "--scope", "read"]
    key = subprocess.run(create, env=environment, check=True, capture_output=True, text=True).stdout.strip()
    with subprocess.Popen(
        [*immutable, "serve", "--port", "0"], env=environment, stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            address = re.search(r"http://\S+", server.stdout.readline())
            assert address is not None, "The server did not say where it listens."
            desk = Desk(address[0], key, database)
            answer = httpx2.post(
                f"{desk.url}/api/v1/events/batch",
                json={"events": scenario()},
                headers={"Authorization": f"Bearer {key}"},
                timeout=60,
            )
            assert answer.status_code == 202, answer.text
            assert {one["status"] for one in answer.json()["events"]} == {"queued"}, answer.text
            _await_checkpoint(desk, len(answer.json()["events"]))
            yield desk
        finally:
            server.terminate()


def _await_checkpoint(desk: Desk, size: int) -> None:
    """Wait until all of it is signed, which is done behind the log: a page that is read before says so, and stays so."""
    deadline = time.monotonic() + 60
    with httpx2.Client(base_url=desk.url, headers={"Authorization": f"Bearer {desk.key}"}, timeout=60) as client:
        while [one["size"] for one in client.get("/api/v1/checkpoints?limit=1").json()["data"]] < [size]:
            assert time.monotonic() < deadline, "The server signs nothing."
            time.sleep(0.05)


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The server that the tests share; none of them changes it."""
    with serving(tmp_path_factory.mktemp("desk")) as running:
        yield running


@pytest.fixture
def own_desk(tmp_path: Path) -> Iterator[Desk]:
    """A server for one test, which may harm it."""
    with serving(tmp_path) as running:
        yield running


@pytest.fixture
def context(browser: Browser, desk: Desk) -> Iterator[BrowserContext]:
    """A browser that remembers nothing, and may ask no other host than the server."""
    context = browser.new_context(
        viewport={"width": 1360, "height": 900}, timezone_id="America/Los_Angeles", color_scheme="light"
    )
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, desk: Desk) -> Iterator[Page]:
    """A tab. Whatever a test does in it: no script fails, nothing breaks the policy, no other host is asked."""
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(f"script error: {error}"))
    page.on("console", lambda said: problems.append(said.text) if "Content Security Policy" in said.text else None)
    page.on(
        "request",
        lambda asked: None if asked.url.startswith(("http://127.0.0.1:", "data:")) else problems.append(asked.url),
    )
    yield page
    assert problems == []


@pytest.fixture
def sign_in(page: Page, desk: Desk) -> Callable[..., Page]:
    """Opens the desk at a view (the part of the address after the #), signed in."""

    def go(view: str = "/sessions", at: Desk = desk) -> Page:
        page.goto(f"{at.url}/desk#{view}")
        page.get_by_label("API key").fill(at.key)
        page.get_by_role("button", name="Sign in").click()
        page.locator(".frame").wait_for()
        return page

    return go


def visit(page: Page, view: str) -> None:
    """Go to a view within the desk; what was shown before is gone then."""
    page.evaluate(
        """view => new Promise((there) => {
          if (location.hash === `#${view}`) return there();
          addEventListener("hashchange", () => there(), { once: true });
          location.hash = view;
        })""",
        view,
    )


def copied(page: Page) -> None:
    """Wait until the clipboard has what was copied: the page says so then."""
    expect(page.get_by_role("status").filter(has_text=re.compile("^Copied$"))).to_be_attached()


AXE = Axe()
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def barriers(page: Page) -> list[str]:
    """What axe finds on the page against WCAG 2.2 AA, each with where."""
    found = AXE.run(page, options={"runOnly": {"type": "tag", "values": WCAG}}).response["violations"]
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]
