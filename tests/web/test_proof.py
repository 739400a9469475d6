"""Proof in sight: a mark on each session, and a page for what stands behind the whole log."""

import re

import pytest
from playwright.sync_api import expect
from tests.web.conftest import barriers


@pytest.mark.parametrize(("width", "theme"), [(360, "dark"), (1360, "light")])
def test_the_page_shows_chain_checkpoints_keys_and_anchors(sign_in, page, width, theme):
    """Each part for itself, where there is none it says how it comes; axe finds no barrier."""
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 800})
    sign_in("/proof")
    expect(page.locator(".proof-card").filter(has=page.get_by_role("heading", name="The chain"))).to_contain_text(
        re.compile(r"\d+ events")
    )
    expect(page.get_by_role("region", name="Checkpoints").get_by_role("row").nth(1)).to_contain_text("none")
    expect(page.get_by_role("button", name="Copy the key")).to_be_visible()
    expect(page.get_by_text("Nothing is anchored.")).to_be_visible()
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_whole_log_is_verified_from_here(sign_in):
    """`v` verifies it, and the sentence says how much was checked and how far it is signed."""
    page = sign_in("/proof")
    expect(page.get_by_role("button", name="Copy the key")).to_be_visible()
    page.keyboard.press("v")
    expect(page.locator(".proof-card .verdict")).to_have_text(
        re.compile(r"^\d+ events checked: none was altered, inserted, removed or moved\. Signed through event \d+\.$")
    )


def test_progress_and_breaks_are_told(sign_in, page):
    """Part after part counts up; what is broken stands in a list, and signing that has stopped is said."""
    parts = [
        {"valid": True, "events_checked": 20, "breaks": [], "scope": [], "signing_halted": None, "next_cursor": "more"},
        {
            "valid": False, "events_checked": 5, "scope": [], "signing_halted": "the log was cut", "next_cursor": None,
            "breaks": [{"event_id": None, "sequence": 23, "type": "chain_break"}],
        },
    ]  # fmt: skip

    def part(route):
        at = 1 if "cursor=more" in route.request.url else 0
        if at:
            expect(page.locator(".proof-card .verdict")).to_contain_text("Verifying… 20 of")
        route.fulfill(json={"data": parts[at]})

    page.route("**/api/v1/verify?*", part)
    sign_in("/proof")
    page.get_by_role("button", name="Verify the whole log").click()
    expect(page.locator(".proof-card .verdict")).to_have_text("25 events checked. The log does not hold: 1 break.")
    expect(page.locator(".breaks li")).to_have_text(
        ["Nothing more is signed: the log was cut", "chain break at number 23 of the log"]
    )


def test_a_verified_session_names_its_checkpoint(sign_in):
    """The mark says which signed checkpoint covers the session, and leads to the proof page."""
    page = sign_in("/sessions/sess_a8f3c2d1")
    mark = page.locator(".verdict").get_by_role("link")
    expect(mark).to_have_text(re.compile(r"^In the signed checkpoint of \d+ events, "))
    mark.click()
    expect(page.get_by_role("heading", name="Proof", level=1)).to_be_visible()
