"""The README's picture of the viewer, made from the real thing: IMMUTABLE_UPDATE_SCREENSHOTS=1 writes it."""

import os

import pytest
from playwright.sync_api import expect
from tests.web.test_screenshots import IMAGES


@pytest.mark.parametrize(("theme", "name"), [("light", "viewer.png"), ("dark", "viewer-dark.png")])
def test_a_customers_page_fits_a_picture(embed, page, log, tmp_path, theme, name):
    """A session's timeline inside a customer's page, in both themes."""
    page.set_viewport_size({"width": 1000, "height": 640})
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    embed(f'token="{log.token()}"')
    page.locator(".row", has_text="Trash emptied").click()
    page.get_by_role("button", name="Open session").click()
    expect(page.locator(".timeline .row")).to_have_count(7)
    page.mouse.move(0, 0)
    page.get_by_role("button", name="Back to the list").blur()
    folder = IMAGES if os.environ.get("IMMUTABLE_UPDATE_SCREENSHOTS") == "1" else tmp_path
    page.locator("audit-log-viewer").screenshot(path=folder / name)
    assert (folder / name).stat().st_size > 20_000
