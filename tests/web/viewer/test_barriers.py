"""The viewer for everyone and against everyone: the keyboard alone, axe, phones and narrow columns, hostile texts."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from tests.web.conftest import HOSTILE_ID

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
AXE = Axe()
FAINT = {"light": "#ccc", "dark": "#333"}


def barriers(page: Page) -> list[str]:
    """What axe finds within the viewer against WCAG 2.2 AA, each with where; and that it looked at something."""
    found = AXE.run(page, options={"runOnly": {"type": "tag", "values": WCAG}}).response
    assert len(found["passes"]) > 5
    return [f"{one['id']}: {node['html'][:200]}" for one in found["violations"] for node in one["nodes"]]


@pytest.mark.parametrize(("theme", "width"), [("light", 1100), ("dark", 360)])
def test_no_barriers_in_any_view(embed, page, log, theme, width):
    """Lists, details, timelines, empty and failed views pass axe, in both themes; nothing is wider than a phone."""
    page.set_viewport_size({"width": width, "height": 900})
    embed(f'token="{log.token()}" theme="{theme}"')

    def check() -> None:
        assert barriers(page) == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0

    toggle = page.get_by_role("button", name="Filters", exact=True)
    assert toggle.is_visible() == (width < 640)
    if width < 640:
        toggle.click()
    page.locator(".row", has_text="Document edited").click()
    page.locator(".row").nth(2).click()  # the hostile one, whose long values scroll
    check()
    page.get_by_role("button", name="Open session").last.click()
    page.locator(".timeline .item.destructive").first.wait_for()
    check()
    page.get_by_role("button", name="Back to the list").click()
    page.get_by_label("Search").fill("nothing like it")
    expect(page.locator(".notice")).to_contain_text("Nothing found")
    check()
    page.get_by_role("tab", name="Sessions").click()
    page.get_by_role("button", name="Clear filters").click()
    page.locator(".row", has_text="destructive").first.wait_for()
    check()
    page.evaluate("document.querySelector('audit-log-viewer').token = 'x.y.z'")
    page.get_by_role("alert").wait_for()
    check()
    page.evaluate(
        f"document.querySelector('audit-log-viewer').style.setProperty('--audit-log-text-muted', '{FAINT[theme]}')"
    )
    assert [one for one in barriers(page) if one.startswith("color-contrast")]  # it does look


def test_the_keyboard_alone(embed, page):
    """From the tabs to the timeline's steps and back, without a mouse; the focus is always somewhere, and seen."""
    embed()
    press = page.keyboard.press
    press("Tab")
    expect(page.get_by_role("tab", name="Events")).to_be_focused()
    press("ArrowRight")
    expect(page.get_by_role("tab", name="Sessions")).to_be_focused()
    expect(page.get_by_role("status")).to_have_text("50 of 106 sessions")
    for name in ("Refresh", "as CSV", "as JSON"):
        press("Tab")
        expect(page.get_by_role("button", name=name)).to_be_focused()
    press("Tab")
    expect(page.get_by_label("Search")).to_be_focused()
    page.keyboard.type("Q3 Budget")
    expect(page.get_by_role("status")).to_have_text("4 of 4 sessions")
    while not page.locator(".row").first.evaluate("(one) => one === one.getRootNode().activeElement"):
        press("Tab")
    press("End")
    press("ArrowUp")
    press("Home")
    expect(page.locator(".row").first).to_be_focused()
    outline = page.locator(".row").first.evaluate("(one) => getComputedStyle(one).outlineStyle")
    assert outline == "solid"
    press("Enter")
    expect(page.get_by_role("button", name="Back to the list")).to_be_focused()
    page.locator(".timeline .row").first.wait_for()
    press("Tab")
    press("ArrowDown")
    press("Enter")
    expect(page.locator(".row").nth(1)).to_have_attribute("aria-expanded", "true")
    press("Escape")
    expect(page.locator(".row").first).to_be_focused()
    expect(page.get_by_role("status")).to_have_text("4 of 4 sessions")


def test_controls_are_large_enough(embed, page):
    """Whatever can be pressed is at least 24 pixels wide and high (WCAG 2.2, 2.5.8), on a phone too."""
    page.set_viewport_size({"width": 360, "height": 900})
    embed()
    page.get_by_role("button", name="Filters", exact=True).click()
    page.get_by_label("Action").fill("document.*")
    page.locator(".row", has_text="Document edited").click()
    page.get_by_role("button", name="Open session").wait_for()
    small = page.locator("button:visible, input:visible").evaluate_all(
        "(all) => all.map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])"
        ".filter(([, { width, height }]) => width < 24 || height < 24).map(([html]) => html)"
    )
    assert small == []


@pytest.mark.parametrize("width", [1100, 360])
def test_hostile_texts_stay_texts(embed, page, log, width):
    """Markup, scripts, ten thousand characters, emoji and marks that turn writing around are shown and run nothing."""
    page.set_viewport_size({"width": width, "height": 900})
    embed(f'token="{log.token(session_id=HOSTILE_ID)}"')
    for row in page.locator(".row").all():
        row.click()
    viewer = page.locator(".viewer")
    for text in (
        "<img src=x>.⟨U+202E⟩deleted",
        "<script>window.pwned=1</script>⟨U+202E⟩gnp.exe",
        "🧨",
        "مستند.محذوف",
        "AAAA",
    ):
        expect(viewer).to_contain_text(text)
    found = "(root) => [...root.querySelectorAll('script, img, iframe, u, i, b, [onerror], [style]')].length"
    assert viewer.evaluate(found) == 0
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.get_by_role("tab", name="Sessions").click()
    page.locator(".row", has_text="2 events").click()
    expect(page.locator(".timeline .row")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert viewer.evaluate(found) == 0
