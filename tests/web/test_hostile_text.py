"""Events are written by strangers: whatever they contain, it is shown as text and changes nothing else."""

from urllib.parse import quote

import httpx2
import pytest
from playwright.sync_api import Page, expect

VIEWS = ["/sessions", "hostile session", "hostile resource"]


@pytest.fixture
def hostile(desk) -> dict[str, str]:
    """The hostile session as the API gives it."""
    answer = httpx2.get(
        f"{desk.url}/api/v1/sessions",
        params={"actor_id": "user_<b>"},
        headers={"Authorization": f"Bearer {desk.key}"},
        timeout=60,
    )
    return answer.json()["data"][0]


@pytest.fixture
def open_view(sign_in, hostile):
    def go(view: str) -> Page:
        if view == "hostile session":
            page = sign_in("/sessions/" + quote(hostile["session_id"], safe=""))
            page.locator(".step").first.wait_for()
            for button in page.get_by_role("button", name="Details").all():
                button.click()
            page.locator(".details").first.wait_for()
        elif view == "hostile resource":
            page = sign_in(f"/resources/{quote('<i>', safe='')}/{'x' * 255}")
            page.locator(".step").first.wait_for()
        else:
            page = sign_in(view)
            page.locator(".row").first.wait_for()
        return page

    return go


@pytest.mark.parametrize("view", VIEWS)
def test_no_text_becomes_markup(open_view, view):
    """No script of an event runs, and no element of its making appears."""
    page = open_view(view)
    assert page.evaluate("window.pwned") is None
    assert (
        page.evaluate("document.querySelectorAll('main img, main script, main b, main i, main u, main iframe').length")
        == 0
    )
    assert page.evaluate("document.scripts.length") == 1


@pytest.mark.parametrize("view", VIEWS)
def test_no_text_breaks_the_layout(open_view, view):
    """Text of 10,000 characters makes no page wider than its window."""
    page = open_view(view)
    for width in (360, 1360):
        page.set_viewport_size({"width": width, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_deceptive_characters_are_made_visible(open_view):
    """A mark that turns the direction of writing around is shown by its number and turns nothing around."""
    page = open_view("hostile session")
    expect(page.get_by_role("heading", level=1)).to_contain_text(
        "<script>window.pwned=1</script>⟨U+202E⟩gnp.exe שלום 🧨👩‍👩‍👧"
    )
    assert "\u202e" not in page.locator("body").inner_text()


def test_long_text_can_be_read_whole(open_view):
    """What was cut in the step stands whole in its details."""
    page = open_view("hostile session")
    expect(page.locator(".facts pre").first).to_contain_text("A" * 10_000)


def test_hostile_session_id_can_be_opened_from_the_list(open_view):
    """An id of slashes, dots, escapes and markup is an id like any other."""
    page = open_view("/sessions")
    page.locator(".row").filter(has_text="gnp.exe").click()
    expect(page.locator(".step")).to_have_count(2)


def test_browser_itself_refuses_markup_from_text(open_view):
    """Should a script of ours ever use innerHTML, the policy makes the browser throw instead."""
    page = open_view("/sessions")
    refused = page.evaluate(
        "() => { try { document.body.innerHTML = '<p>'; return false; } catch (error) { return error.name; } }"
    )
    assert refused == "TypeError"
