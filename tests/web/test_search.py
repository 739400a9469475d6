"""Search first: one box that shows what the log holds of what is typed, and bars that say when it was."""

import re

import httpx2
import pytest
from playwright.sync_api import Page, expect
from tests.web.conftest import HOSTILE_NAME, barriers

COMPLAINT = "Lisa Wang: I was working on the Q3 Budget Report and it just vanished. I didn't delete it."


def type_into_search(page: Page, text: str) -> None:
    page.keyboard.press("/")
    page.keyboard.insert_text(text)
    page.get_by_role("group", name=re.compile("Sessions|People|Things")).first.wait_for()


def selected(page: Page):
    return page.locator("[role=option][aria-selected=true]")


def test_typing_shows_sessions_people_and_things(sign_in):
    """A name shows who bears it and what they did; the arrows reach each, Enter opens it."""
    page = sign_in()
    page.locator(".row").first.wait_for()
    type_into_search(page, "lisa w")
    people = page.get_by_role("group", name="People").get_by_role("option")
    expect(people).to_contain_text(["Lisa Wanguser_4f2a8c9 events"])
    sessions = page.get_by_role("group", name="Sessions").get_by_role("option")
    expect(sessions).to_have_count(3)
    expect(sessions.first).to_contain_text("2 destructive")
    page.keyboard.press("ArrowDown")
    expect(sessions.first).to_have_attribute("aria-selected", "true")
    box = page.get_by_role("combobox", name="Search")
    assert box.get_attribute("aria-activedescendant") == sessions.first.get_attribute("id")
    while "user_4f2a8c" not in selected(page).inner_text():
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".chip")).to_have_text("Actoruser_4f2a8c")
    expect(page.locator(".row")).to_have_count(3)


def test_the_words_of_a_ticket_lead_to_its_session(sign_in):
    """Pasted whole, they find the session in which the person and the document meet; Enter opens it."""
    page = sign_in("/resources/document/doc_8f3a2c1d")
    page.locator(".step").first.wait_for()
    page.keyboard.press("/")
    expect(page.get_by_role("combobox", name="Search")).to_be_focused()
    page.keyboard.insert_text(COMPLAINT)
    expect(selected(page)).to_contain_text("sess_a8f3c2d1")
    page.keyboard.press("Enter")
    expect(page.locator(".step[data-action='trash.emptied']")).to_be_visible()


def test_a_thing_leads_to_its_history(sign_in):
    """A document by a part of its name."""
    page = sign_in()
    type_into_search(page, "budget rep")
    page.get_by_role("group", name="Things").get_by_role("option").click()
    expect(page.get_by_role("heading", name="Q3 Budget Report", level=1)).to_be_visible()


@pytest.mark.parametrize(
    ("typed", "said"), [("nothing-like-it", "Nothing found."), ("it is all gone and lost now", "names a thing")]
)
def test_what_finds_nothing_says_so(sign_in, typed, said):
    """In a sentence, and the list can still be filtered by a few words."""
    page = sign_in()
    page.keyboard.press("/")
    page.keyboard.insert_text(typed)
    expect(page.locator(".choices-note")).to_contain_text(said)


def test_a_search_that_was_bounded_says_how_far_it_went(sign_in, page):
    """Where not everything was looked at, the choices say so."""

    def bounded(route):
        answer = route.fetch()
        body = answer.json()
        body["data"]["looked"] = [{"what": "texts", "phrase": "lisa", "from_sequence": 48_211, "whole": False}]
        route.fulfill(response=answer, json=body)

    page.route("**/api/v1/search?*", bounded)
    sign_in()
    type_into_search(page, "lisa")
    expect(page.locator(".choices-note")).to_have_text(
        "Looked for names and texts in the newest events only, back to number 48,211."
    )


def test_a_failed_search_is_told_in_place(sign_in, page):
    """And the meanings of the text can still be chosen."""
    page.route("**/api/v1/search?*", lambda route: route.fulfill(status=503, json={"message": "Too busy."}))
    sign_in()
    page.keyboard.press("/")
    page.keyboard.insert_text("user_4f2a8c")
    expect(page.locator(".choices-note")).to_have_text("Too busy.")
    page.keyboard.press("Enter")
    expect(page.locator(".chip")).to_have_text("Actoruser_4f2a8c")


def test_bars_show_when_and_a_span_can_be_drawn(sign_in):
    """Drawing over the bars narrows list and bars to that span; the chip and the address hold it, and it can be taken away."""
    page = sign_in("/sessions?actor=user_4f2a8c")
    bars = page.locator(".histogram .bar")
    expect(bars).to_have_count(3)
    expect(page.locator(".row")).to_have_count(3)
    box = page.locator(".histogram-picture").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 1, box["y"] + 20)
    page.mouse.up()
    expect(page.locator(".row")).to_have_count(2)
    expect(page.locator(".chip")).to_have_count(2)
    page.reload()
    expect(page.locator(".row")).to_have_count(2)
    page.get_by_role("button", name="Remove Began").click()
    expect(page.locator(".row")).to_have_count(3)


def test_a_short_span_is_labelled_to_the_second(sign_in):
    """A log of its first minute has no axis that says the same time five times."""
    page = sign_in()
    minute = {
        "from": "2026-03-24T15:02:00.000000Z",
        "part_seconds": 0.75,
        "counts": [1, *[0] * 78, 2],
        "counted_from": None,
    }
    page.route("**/activity/sessions?*", lambda route: route.fulfill(json={"data": minute}))
    page.reload()
    labels = ["15:02:00", "15:02:12", "15:02:24", "15:02:36", "15:02:48"]
    expect(page.locator(".histogram-labels span")).to_have_text(labels)


def test_a_span_can_be_chosen_with_the_keyboard(sign_in):
    """The two ends are sliders that say where they stand."""
    page = sign_in("/sessions?actor=user_4f2a8c")
    expect(page.locator(".histogram .bar")).to_have_count(3)
    start = page.get_by_role("slider", name="From")
    start.focus()
    expect(start).to_have_attribute("aria-valuetext", re.compile("^24 Mar 2026, 15:02:00 UTC"))
    start.press("ArrowRight")
    page.wait_for_url(re.compile("from=2026-03-24T"))
    expect(page.locator(".row")).to_have_count(2)


@pytest.mark.parametrize(("width", "theme"), [(360, "dark"), (1360, "light")])
def test_open_choices_are_accessible(sign_in, page, width, theme):
    """On a phone and a wide screen, in both themes, axe finds no barrier, and nothing is wider than the window."""
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 800})
    sign_in()
    page.locator(".row").first.wait_for()
    type_into_search(page, "lisa")
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_hostile_names_are_text_in_the_choices(sign_in, desk):
    """Markup and marks that turn writing around are shown, and do nothing."""
    names = httpx2.get(
        f"{desk.url}/api/v1/search",
        params={"q": "gnp.exe"},
        headers={"Authorization": f"Bearer {desk.key}"},
        timeout=60,
    )
    assert names.json()["data"]["actors"][0]["name"] == HOSTILE_NAME
    page = sign_in()
    type_into_search(page, "gnp.exe")
    expect(page.get_by_role("group", name="People").get_by_role("option")).to_contain_text(
        "<script>window.pwned=1</script>⟨U+202E⟩"
    )
    assert page.evaluate("window.pwned") is None
