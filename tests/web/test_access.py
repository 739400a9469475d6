"""The desk for everyone: keyboard alone, phone, contrast, both themes."""

import pytest
from playwright.sync_api import Page, expect
from tests.web.conftest import barriers, visit

VIEWS = ["/sessions", "/sessions/sess_a8f3c2d1", "/resources/document/doc_8f3a2c1d", "/sessions?text=nothing-like-it"]

# Walks over all visible texts and answers those whose contrast with the ground beneath is under 4.5 (WCAG 2.2, 1.4.3).
# A canvas converts any CSS colour to numbers; transparent grounds are laid over what is under them.
FAINT_TEXTS = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const over = (colors) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const color of colors) { canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const faint = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let checked = 0;
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !element.checkVisibility()) continue;
    if (element.closest(".off-screen, option, svg, :disabled")) continue;
    const grounds = [];
    for (let at = element; at; at = at.parentElement) grounds.unshift(getComputedStyle(at).backgroundColor);
    const ground = over(grounds), ink = over([...grounds, getComputedStyle(element).color]);
    const [light, dark] = [luminance(ground), luminance(ink)].sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    checked += 1;
    if (ratio < 4.5) faint.push(`${texts.currentNode.data.trim().slice(0, 40)}: ${ratio.toFixed(2)}`);
  }
  return { checked, faint };
}"""


SCROLLED_SIDEWAYS = """() => [...document.querySelectorAll("body *")].filter((one) => one.scrollWidth > one.clientWidth + 1
  && ["auto", "scroll"].includes(getComputedStyle(one).overflowX)).map((one) => `${one.tagName}.${one.className}`)"""


def ready(page: Page) -> None:
    page.locator(".row, .step, .notice, .event-row, .proof-card .big, .sentences li, .by-resource").first.wait_for()


def test_case_is_solved_with_the_keyboard_alone(desk, page):
    """From signing in to the evidence and back without a mouse."""
    page.goto(f"{desk.url}/desk")
    expect(page.get_by_label("API key")).to_be_focused()
    page.keyboard.type(desk.key)
    page.keyboard.press("Enter")
    ready(page)
    page.keyboard.press("/")
    page.keyboard.type("user_4f2a8c")
    page.keyboard.press("Enter")
    expect(page.locator(".row")).to_have_count(3)
    for key in ("j", "j", "k"):
        page.keyboard.press(key)
    expect(page.locator(".row[data-session=sess_a8f3c2d1]")).to_be_focused()
    page.keyboard.press("Enter")
    page.locator(".step").first.wait_for()
    page.keyboard.press("j")
    expect(page.locator(".step").nth(0)).to_be_focused()
    page.keyboard.press("d")
    page.keyboard.press("d")
    expect(page.locator(".step[data-action='trash.emptied']")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".step[data-action='trash.emptied'] .details")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_contain_text("Next destructive step")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator(".row[data-session=sess_a8f3c2d1]")).to_be_focused()


def test_single_keys_can_be_switched_off(sign_in):
    """Who dictates or slips can switch single-key shortcuts off, and letters then do nothing."""
    page = sign_in("/sessions/sess_a8f3c2d1")
    ready(page)
    page.keyboard.press("?")
    page.get_by_label("Single-key shortcuts").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("d")
    assert page.locator(".step:focus").count() == 0


def test_every_step_can_be_reached_with_tab(sign_in):
    """Without shortcuts, Tab reaches the details of each step."""
    page = sign_in("/sessions/sess_a8f3c2d1")
    ready(page)
    names = page.get_by_role("button", name="Details")
    expect(names).to_have_count(7)
    assert names.evaluate_all("all => all.every((one) => one.tabIndex === 0)")


def test_no_window_needs_horizontal_scrolling(sign_in):
    """From 320 pixels (WCAG 2.2, 1.4.10) to a wide screen, each page fits its window, and so does all that is in it."""
    page = sign_in()
    for view in [*VIEWS, f"{VIEWS[1]}?view=resources", f"{VIEWS[1]}?view=words", "/live", "/proof", "/investigations"]:
        visit(page, view)
        ready(page)
        for width in (320, 360, 640, 860, 1080, 1920):
            page.set_viewport_size({"width": width, "height": 740})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (view, width)
            assert page.evaluate(SCROLLED_SIDEWAYS) == [], (view, width)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("view", VIEWS)
def test_every_text_can_be_read(sign_in, page, view, theme):
    """Every text stands out from its ground as WCAG AA asks, in both themes, also unfolded."""
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    sign_in(view)
    ready(page)
    for button in page.get_by_role("button", name="Details").all():
        button.click()
    if view == "/sessions/sess_a8f3c2d1":
        page.get_by_role("button", name="Verified").wait_for()
    found = page.evaluate(FAINT_TEXTS)
    assert found["checked"] > 10
    assert found["faint"] == []


def test_theme_follows_the_system_until_one_is_chosen(sign_in, page):
    """The system's theme holds; the button changes it, and the choice outlives the page."""
    page.emulate_media(color_scheme="dark")
    sign_in()
    dark = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    page.get_by_role("button", name="Switch between light and dark").click()
    light = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert dark != light
    page.reload()
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == light


def test_navigation_holds_what_exists(sign_in):
    """Every link of the navigation leads to a view that is there."""
    page = sign_in()
    links = page.get_by_role("navigation", name="Desk").get_by_role("link")
    assert links.count() >= 1
    for link in links.all():
        link.click()
        ready(page)
        expect(page.get_by_text("There is nothing at this address")).to_be_hidden()


@pytest.mark.parametrize(("width", "theme"), [(360, "dark"), (1360, "light")])
def test_axe_finds_no_barrier_in_any_view(sign_in, page, width, theme):
    """List, session with a step unfolded, history, and an empty list: WCAG 2.2 AA as far as axe can tell."""
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 800})
    sign_in()
    for view in VIEWS:
        page.evaluate("view => { location.hash = view; }", view)
        page.reload()
        ready(page)
        for button in page.get_by_role("button", name="Details").all()[1:2]:
            button.click()
        assert barriers(page) == [], view
