"""Pictures for the README, made from the real thing: IMMUTABLE_UPDATE_SCREENSHOTS=1 writes them."""

import os
from pathlib import Path

import pytest

IMAGES = Path(__file__).parents[2] / "docs" / "images"


@pytest.mark.parametrize(("theme", "name"), [("light", "timeline.png"), ("dark", "timeline-dark.png")])
def test_timeline_fits_a_picture(sign_in, page, tmp_path, theme, name):
    """The story of ticket #4821, from the head to the evidence, fits one picture in both themes."""
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    sign_in("/sessions/sess_a8f3c2d1").get_by_role("button", name="Verified").wait_for()
    height = page.evaluate("document.documentElement.scrollHeight")
    assert height < 1750
    page.set_viewport_size({"width": 1360, "height": height - 40})
    _take(page, tmp_path, name)


def test_a_search_fits_a_picture(sign_in, page, tmp_path):
    """The words of a ticket, and the session, the person and the document that they lead to."""
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size({"width": 1360, "height": 800})
    sign_in().locator(".row").first.wait_for()
    page.keyboard.press("/")
    page.keyboard.insert_text("Lisa Wang: the Q3 Budget Report just vanished, I didn't delete it")
    page.get_by_role("group", name="Things").wait_for()
    _take(page, tmp_path, "search.png")


def _take(page, tmp_path, name):
    page.mouse.move(0, 0)
    folder = IMAGES if os.environ.get("IMMUTABLE_UPDATE_SCREENSHOTS") == "1" else tmp_path
    folder.mkdir(exist_ok=True)
    page.screenshot(path=folder / name)
    assert (folder / name).stat().st_size > 20_000
