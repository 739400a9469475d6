"""A resource's last state before it vanished, and the replay of a session."""

from playwright.sync_api import expect
from tests.web.conftest import barriers


def test_what_was_in_it_before_it_vanished(sign_in, page):
    """The first of the last destructive steps, the newest value of each field before it, who set it; each leads to its step."""
    sign_in("/resources/document/doc_8f3a2c1d")
    state = page.get_by_role("region", name="Last known state")
    expect(state.get_by_role("heading")).to_contain_text(
        "Vanished 27 Mar 2026, 16:53:11 UTC: Lisa Wang, Document moved to trash"
    )
    rows = state.get_by_role("row")
    expect(rows.nth(1)).to_contain_text("titleQ3 Budget ReportLisa Wang27 Mar 2026, 16:41:27 UTC")
    expect(rows.nth(2)).to_contain_text("total1310500Lisa Wang")
    assert barriers(page) == []
    state.get_by_role("button", name="Document moved to trash").click()
    expect(page.locator(".step[data-action='document.moved_to_trash']")).to_be_focused()
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 360, "height": 800})
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_what_nobody_destroyed_is_not_called_vanished(sign_in):
    """A folder that was only looked at and named has no last state."""
    page = sign_in("/resources/folder/fld_finance")
    page.locator(".step").first.wait_for()
    expect(page.get_by_role("heading", name="Vanished")).to_have_count(0)


def test_a_session_is_replayed_step_by_step(sign_in):
    """`p` stands on one step after the other, `p` again stops there; the end stops by itself."""
    page = sign_in("/sessions/sess_0d1e2f3a")
    steps = page.locator(".step")
    steps.first.wait_for()
    page.keyboard.press("p")
    button = page.get_by_role("button", name="Stop")
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(steps.nth(0)).to_be_focused()
    page.keyboard.press("p")
    expect(page.get_by_role("button", name="Replay")).to_be_visible()
    page.keyboard.press("p")
    expect(steps.nth(1)).to_be_focused()
    expect(page.get_by_role("button", name="Replay")).to_be_visible()
