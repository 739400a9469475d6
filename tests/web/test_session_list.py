"""The list of sessions: search, filters, pages, states."""

import re

import pytest
from playwright.sync_api import Page, expect


def sessions_in(page: Page) -> list[str]:
    page.locator(".sessions[aria-busy=false]").wait_for()
    return page.locator(".row").evaluate_all("rows => rows.map((row) => row.dataset.session)")


def search(page: Page, text: str) -> None:
    page.get_by_role("combobox", name="Search").fill(text)
    page.keyboard.press("Enter")
    page.locator(".chip").first.wait_for()


def test_row_says_who_what_where_and_when(sign_in):
    """A row names the actor, the place, the device, the counts, and marks what was destroyed."""
    row = sign_in().locator(".row[data-session=sess_a8f3c2d1]")
    for text in (
        "Lisa Wang",
        "user_4f2a8c",
        "Portland",
        "Chrome on Mac",
        "7 events",
        "17 min 12 s",
        "2 destructive",
        "16:38",
        "ago",
    ):
        expect(row).to_contain_text(text)
    expect(row.get_by_role("img", name="US")).to_be_visible()
    expect(row.locator("time").first).to_have_attribute("title", re.compile("^27 Mar 2026, 16:38:09 UTC"))


@pytest.mark.parametrize(
    ("typed", "chip", "found"),
    [
        ("user_4f2a8c", "Actoruser_4f2a8c", ["sess_a8f3c2d1", "sess_7e4b9f2a", "sess_1c6d8e3f"]),
        ("trash.emptied", "Actiontrash.emptied", ["sess_a8f3c2d1"]),
        ("doc_8f3a2c1d", "Resourcedoc_8f3a2c1d", ["sess_a8f3c2d1", "sess_0d1e2f3a", "sess_7e4b9f2a", "sess_1c6d8e3f"]),
        ("empty TRASH button", "Textempty TRASH button", ["sess_a8f3c2d1"]),
    ],
)
def test_typed_text_is_searched_as_what_it_looks_like(sign_in, typed, chip, found):
    """An id is searched as an id, a dotted word as an action, anything else as text; a chip and the address say so."""
    page = sign_in()
    search(page, typed)
    expect(page.locator(".chip")).to_have_text(chip)
    assert sessions_in(page) == found
    page.reload()
    assert sessions_in(page) == found


def test_another_meaning_can_be_chosen(sign_in):
    """With the arrow keys the same text is searched as something else."""
    page = sign_in()
    page.get_by_role("combobox", name="Search").fill("user_4f2a8c")
    meanings = page.get_by_role("group", name="Filter the list").last.get_by_role("option")
    expect(meanings).to_have_count(4)
    text = page.get_by_role("option", name="Text contains")
    while text.get_attribute("aria-selected") != "true":
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".chip")).to_have_text("Textuser_4f2a8c")
    expect(page.get_by_role("heading", name="No session matches")).to_be_visible()


def test_session_id_opens_the_session(sign_in):
    """A session's id, typed or pasted, leads straight to it."""
    page = sign_in()
    page.get_by_role("combobox", name="Search").fill("sess_a8f3c2d1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Lisa Wang")).to_be_visible()


def test_filters_add_up_and_can_be_taken_away(sign_in):
    """Chips hold together; each can be removed, by its button or with Backspace."""
    page = sign_in()
    search(page, "user_4f2a8c")
    search(page, "document.moved_to_trash")
    expect(page.locator(".chip")).to_have_count(2)
    assert sessions_in(page) == ["sess_a8f3c2d1"]
    page.get_by_role("button", name="Remove Action").click()
    expect(page.locator(".chip")).to_have_count(1)
    page.get_by_role("combobox", name="Search").press("Backspace")
    expect(page.locator(".chip")).to_have_count(0)


def test_inferred_sessions_are_marked_and_can_be_asked_for(sign_in):
    """Sessions that the server grouped itself are marked, and the choice shows only them."""
    page = sign_in()
    page.get_by_text("Inferred", exact=True).click()
    page.wait_for_url("**inferred=yes")
    rows = page.locator(".row")
    hers = rows.filter(has_text="Amélie Laurent")
    expect(hers).to_have_count(1)
    expect(hers.get_by_text("inferred", exact=True)).to_be_visible()
    # Whoever took evidence before has an inferred session too; whatever is listed is marked.
    expect(rows.filter(has_not=page.get_by_text("inferred", exact=True))).to_have_count(0)


def test_days_narrow_the_list(sign_in):
    """From and To hold whole days of the chosen zone."""
    page = sign_in("/sessions?from=2026-03-26&to=2026-03-26")
    assert sessions_in(page) == ["sess_7e4b9f2a"]
    page.get_by_label("Times in").select_option("Pacific/Kiritimati")
    expect(page.locator(".row[data-session=sess_1c6d8e3f]")).to_have_count(0)
    expect(page.locator(".row")).to_have_count(0)


def test_next_page_comes_on_request_and_nothing_twice(sign_in):
    """Load more appends the next page until there is none."""
    page = sign_in()
    first = sessions_in(page)
    page.get_by_role("button", name="Load more").click()
    expect(page.get_by_role("button", name="Load more")).to_be_hidden()
    everything = sessions_in(page)
    assert everything[: len(first)] == first
    assert len(everything) == len(set(everything)) > len(first)
    expect(page.locator(".count")).to_have_text(f"{len(everything)} sessions")


def test_way_back_leads_to_the_same_place(sign_in):
    """Who comes back from a session finds the list as it was, standing on that session."""
    page = sign_in()
    page.get_by_role("button", name="Load more").click()
    expect(page.get_by_role("button", name="Load more")).to_be_hidden()
    page.locator(".row[data-session=sess_old_20]").click()
    page.locator(".step").first.wait_for()
    page.go_back()
    expect(page.locator(".row[data-session=sess_old_20]")).to_be_focused()
    expect(page.locator(".row[data-session=sess_old_20]")).to_be_in_viewport()


def test_server_that_does_not_answer_is_told_and_heals(sign_in, context):
    """Without the network the page says so and can be told to try again; it reads the list by itself once it is back."""
    page = sign_in()
    page.locator(".row").first.wait_for()
    context.set_offline(True)
    page.keyboard.press("r")
    expect(page.get_by_role("alert")).to_contain_text("The server did not answer")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("alert")).to_contain_text("The server did not answer")
    context.set_offline(False)
    expect(page.locator(".row[data-session=sess_a8f3c2d1]")).to_be_visible()
