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
    assert height < 1600
    page.set_viewport_size({"width": 1360, "height": height - 40})
    page.mouse.move(0, 0)
    folder = IMAGES if os.environ.get("IMMUTABLE_UPDATE_SCREENSHOTS") == "1" else tmp_path
    folder.mkdir(exist_ok=True)
    page.screenshot(path=folder / name)
    assert (folder / name).stat().st_size > 20_000
