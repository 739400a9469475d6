"""What the desk says where there is nothing, where the server is away or slow, and how it comes back by itself."""

import uuid

import pytest
from playwright.sync_api import Route, expect
from tests.web.conftest import Desk, barriers

from immutable.accounts.api_key import create_key
from immutable.store.open import open_catalog

READ = {
    "/sessions": ".row",
    "/sessions/sess_a8f3c2d1": ".step",
    "/sessions/sess_a8f3c2d1?view=words": ".sentences li",
    "/resources/document/doc_8f3a2c1d": ".step",
    "/live": ".event-row",
    "/proof": ".proof-card .big",
    "/investigations": ".notice:not([role=alert])",
}


def test_every_view_says_that_the_server_is_away_and_heals(sign_in, page):
    """Each tells it in place with a way to try again; once the server answers, what was asked for appears by itself."""
    sign_in("/investigations")
    page.locator(".notice").wait_for()
    page.goto(page.url.replace("investigations", "elsewhere"))
    for view, what in READ.items():
        page.route("**/api/v1/**", lambda route: route.abort())
        page.route("**/healthz", lambda route: route.abort())
        page.evaluate("view => { location.hash = view; }", view)
        expect(page.get_by_role("main").get_by_role("alert").first).to_contain_text("The server did not answer")
        assert page.locator(what).count() == 0
        if view == "/proof":
            assert barriers(page) == []
        page.unroute_all()
        page.evaluate("dispatchEvent(new Event('online'))")
        expect(page.locator(what).first).to_be_visible()
        expect(page.get_by_role("main").get_by_role("alert")).to_have_count(0)
        page.evaluate("location.hash = '/elsewhere'")


def test_a_part_that_could_not_be_loaded_is_loaded_later(sign_in, page):
    """Its code comes when it is first wanted: where the server is away then, this is said, and the desk is loaded anew after."""
    page.route("**/investigations/list-page.js", lambda route: route.abort())
    page.route("**/healthz", lambda route: route.abort())
    sign_in("/investigations")
    expect(page.get_by_role("heading", name="Investigations could not be shown")).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="Investigations could not be shown")).to_be_visible()
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="No open investigation")).to_be_visible()


def test_a_slow_server_is_told(sign_in, page):
    """Who waits long is told that the desk waits too; when the answer comes, that goes."""
    sign_in("/proof")
    page.locator(".proof-card .big").wait_for()
    waiting: list[Route] = []

    def keep(route: Route) -> None:
        waiting.append(route)

    page.route("**/api/v1/sessions?*", keep)
    page.clock.install()
    page.evaluate("location.hash = '/sessions'")
    expect(page.get_by_role("status", name="Loading")).to_be_visible()
    page.clock.run_for(6_000)
    expect(page.get_by_text("Still waiting for the server")).to_be_visible()
    for route in waiting:
        route.continue_()
    expect(page.locator(".row").first).to_be_visible()
    expect(page.get_by_text("Still waiting for the server")).to_have_count(0)


@pytest.mark.parametrize(("width", "theme"), [(360, "dark"), (1360, "light")])
def test_an_empty_workspace_says_what_comes(sign_in, desk, page, width, theme):
    """Each view of a log without events tells what will be there; what is not there is not offered to be tried again."""
    catalog = open_catalog(f"sqlite:///{desk.database}")
    key, _ = create_key(catalog, catalog.create_workspace(f"empty-{uuid.uuid4().hex}"), "test", ("ingest", "read"))
    catalog.close()
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 800})
    sign_in("/sessions", Desk(desk.url, key, desk.database))
    for view, said in {
        "/sessions": "They appear here as soon as",
        "/sessions/sess_none": "There is no such session",
        "/resources/document/none": "Nothing happened to it",
        "/live": "Events appear here as",
        "/proof": "The log is empty.",
        "/investigations": "No open investigation",
    }.items():
        page.evaluate("view => { location.hash = view; }", view)
        expect(page.get_by_text(said)).to_be_visible()
        expect(page.get_by_role("button", name="Try again")).to_have_count(0)
        assert barriers(page) == [], view
        assert page.evaluate("document.documentElement.scrollWidth") <= width, view
    page.goto(f"{desk.url}/desk#/sessions")
    page.get_by_role("link", name="Try the API").click()
    expect(page).to_have_url(f"{desk.url}/docs")
