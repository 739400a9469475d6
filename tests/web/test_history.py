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


def test_a_session_is_replayed_step_by_step(sign_in, page):
    """Space plays and pauses at a chosen speed; a long silence is skipped and told; the end stops by itself; `p` does so too."""
    page.clock.install()
    page.emulate_media(reduced_motion="reduce")
    sign_in("/sessions/sess_a8f3c2d1")
    steps, player = page.locator(".step"), page.get_by_role("group", name="Replay")
    steps.first.wait_for()
    player.get_by_label("Speed").select_option("1")
    page.locator(".step-card").first.click()
    page.clock.pause_at(page.evaluate("Date.now()") + 60_000)  # time goes on until it is paused

    def stands_on(number: int, *told: str) -> None:
        expect(page.locator(".step[aria-current]")).to_have_count(1)
        expect(steps.nth(number - 1)).to_have_attribute("aria-current", "step")
        for text in (f"Step {number}: ", *told):
            expect(player.get_by_role("status")).to_contain_text(text)

    page.keyboard.press("Space")
    expect(player.get_by_role("button", name="Pause")).to_be_visible()
    stands_on(1)
    page.clock.run_for(1_300)
    stands_on(2, "3 min 18 s later (skipped)")
    page.keyboard.press("Space")
    expect(player.get_by_role("button", name="Replay")).to_be_visible()
    expect(player.get_by_role("status")).to_have_text("Paused")
    page.clock.run_for(60_000)
    expect(steps.nth(1)).to_have_attribute("aria-current", "step")

    page.keyboard.press("p")
    for number in (3, 4, 5):
        page.clock.run_for(1_300)
        stands_on(number)
    page.clock.run_for(6_000)
    stands_on(5)  # the next came seven seconds later
    page.clock.run_for(1_000)
    stands_on(6)
    expect(player.get_by_role("status")).not_to_contain_text("skipped")
    page.keyboard.press("p")
    player.get_by_label("Speed").select_option("16")
    player.get_by_role("button", name="Replay").press("Space")
    page.clock.run_for(7_800)
    stands_on(7)
    page.clock.run_for(500)
    expect(player.get_by_role("status")).to_have_text("The end, after 7 steps")
    expect(player.get_by_role("button", name="Replay")).to_be_focused()
    page.clock.resume()
    assert barriers(page) == []
