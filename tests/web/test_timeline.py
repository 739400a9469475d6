"""A session's page: the story of ticket #4821, its proof, and the history of a resource."""

import re
import sqlite3
from contextlib import closing

import httpx2
import pytest
from playwright.sync_api import Page, expect
from tests.web.conftest import LISA, Desk, copied, event

from immutable.accounts.api_key import create_key
from immutable.store.open import open_catalog

TICKET = "/sessions/sess_a8f3c2d1"
STORY = [
    "document.viewed", "document.edited", "document.saved", "folder.viewed",
    "document.moved_to_trash", "trash.emptied", "search.performed",
]  # fmt: skip


@pytest.fixture
def story(sign_in) -> Page:
    page = sign_in(TICKET)
    page.locator(".step").first.wait_for()
    return page


def step(page: Page, action: str):
    return page.locator(f'.step[data-action="{action}"]')


def test_steps_stand_in_the_order_in_which_they_happened(story):
    """The steps are those of the ticket, oldest first, each with its clock time."""
    steps = story.locator(".step")
    assert steps.evaluate_all("all => all.map((one) => one.dataset.action)") == STORY
    assert steps.locator("time").all_inner_texts() == [
        "16:38:09", "16:41:27", "16:50:44", "16:52:31", "16:53:11", "16:53:18", "16:55:21",
    ]  # fmt: skip


def test_head_says_who_when_where_and_how_much(story):
    """The head names the person, the time, the place, the device and the totals."""
    head = story.locator(".story-head")
    for text in (
        "Lisa Wang",
        "user_4f2a8c",
        "27 Mar 2026, 16:38:09 UTC",
        "17 min 12 s",
        "Portland, US",
        "Chrome on Mac",
        "2 actions",
    ):
        expect(head).to_contain_text(text)


def test_destructive_steps_are_marked_and_no_others(story):
    """The trashing and the emptying are marked, in words and on the strip; the harmless steps are not."""
    marked = story.locator(".step").filter(has=story.get_by_text("Destructive", exact=True))
    assert marked.evaluate_all("all => all.map((one) => one.dataset.action)") == [
        "document.moved_to_trash",
        "trash.emptied",
    ]
    expect(story.locator(".strip-bar.destructive")).to_have_count(2)
    expect(story.locator(".strip-bar")).to_have_count(7)


def test_gap_between_the_two_is_seven_seconds(story):
    """Between the trashing and the emptying stands that seven seconds passed, and then two minutes."""
    gaps = story.locator(".gap")
    assert gaps.all_inner_texts()[4:] == ["7 s later", "2 min 3 s later"]
    short, long = gaps.nth(4).bounding_box(), gaps.nth(5).bounding_box()
    assert short["height"] < long["height"] < 100


def test_details_unfold_to_the_whole_event(story, desk):
    """Folded at first; unfolded they show address, user agent, metadata and the hashes that the API gives."""
    emptied = step(story, "trash.emptied")
    expect(emptied.locator(".details")).to_be_hidden()
    emptied.get_by_role("button", name="Details").click()
    answer = httpx2.get(
        f"{desk.url}/api/v1/events",
        params={"action": "trash.emptied"},
        headers={"Authorization": f"Bearer {desk.key}"},
        timeout=60,
    )
    event = answer.json()["data"][0]
    for text in (
        "67.170.12.84",
        "Chrome/134.0.0.0",
        "Empty trash button",
        event["id"],
        event["integrity"]["event_hash"],
        event["integrity"]["previous_event_hash"],
        event["created_at"],
    ):
        expect(emptied.locator(".details")).to_contain_text(text)
    emptied.get_by_role("button", name="Details").click()
    expect(emptied.locator(".details")).to_be_hidden()


def test_changes_show_old_and_new_side_by_side(story):
    """A change shows both values in one row."""
    edited = step(story, "document.edited")
    edited.get_by_role("button", name="Details").click()
    expect(edited.get_by_role("row").nth(1)).to_have_text("titleQ3 BudgetQ3 Budget Report")
    # Both at once: what comes above them meanwhile moves them.
    old, new = edited.locator(".changes").evaluate(
        "one => ['.old', '.new'].map((name) => one.querySelector(name).getBoundingClientRect().toJSON())"
    )
    assert old["y"] == new["y"]
    assert old["x"] < new["x"]


def test_clock_follows_the_chosen_zone(story):
    """In her zone, the trashing was at 09:53:11; what was unfolded stays so, and the choice is remembered."""
    step(story, "trash.emptied").get_by_role("button", name="Details").click()
    story.get_by_label("Times in").select_option("America/Los_Angeles")
    expect(step(story, "document.moved_to_trash").locator("time")).to_have_text("09:53:11")
    expect(step(story, "trash.emptied").locator(".details")).to_contain_text("09:53:18")
    story.reload()
    expect(step(story, "document.moved_to_trash").locator("time")).to_have_text("09:53:11")


def test_sound_log_is_shown_as_verified(story):
    """A session of an untouched log is verified without being asked."""
    expect(story.get_by_role("button", name="Verified")).to_be_visible()
    expect(story.locator(".verdict")).to_have_text(re.compile(r"^\d+ events of this period checked: none was altered"))


def test_altered_log_is_shown_as_broken(own_desk, sign_in):
    """Who changes a hash in the database file makes the page say that the log is broken, and where."""
    headers = {"Authorization": f"Bearer {own_desk.key}"}
    answer = httpx2.get(
        f"{own_desk.url}/api/v1/events", params={"action": "trash.emptied"}, headers=headers, timeout=60
    )
    event = answer.json()["data"][0]
    with closing(sqlite3.connect(own_desk.database, timeout=60)) as database, database:
        database.execute("DROP TRIGGER entries_are_not_edited")
        changed = database.execute(
            "UPDATE entries SET event_hash = zeroblob(32) WHERE id & 0xffffffffff = ?", (event["sequence"],)
        ).rowcount
    assert changed == 1
    page = sign_in(TICKET, own_desk)
    expect(page.get_by_role("button", name="Broken")).to_be_visible()
    expect(page.locator(".verdict")).to_contain_text(event["id"])
    expect(step(page, "trash.emptied").get_by_text("Does not verify")).to_be_visible()
    expect(step(page, "document.viewed").get_by_text("Does not verify")).to_be_hidden()


def test_resource_name_leads_to_its_history(story):
    """The document's name leads to all that happened to it, by anyone, in every session, also as a mere target."""
    step(story, "document.saved").get_by_role("link", name="Q3 Budget Report").click()
    expect(story.get_by_role("heading", name="Q3 Budget Report", level=1)).to_be_visible()
    steps = story.locator(".step")
    expect(steps).to_have_count(9)
    assert steps.evaluate_all("all => all.map((one) => one.dataset.action)")[-2:] == [
        "document.moved_to_trash",
        "trash.emptied",
    ]
    expect(steps.filter(has_text="Marcus Okafor")).to_have_count(2)
    expect(story.locator(".story-head")).to_contain_text("9 events, oldest first: 2 actors in 4 sessions")
    steps.last.get_by_role("link", name="sess_a8f3c2d1").click()
    expect(step(story, "trash.emptied")).to_be_focused()


def test_links_can_be_copied(story, context):
    """The copied link to a step opens the session on that step."""
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    emptied = step(story, "trash.emptied")
    emptied.get_by_role("button", name="Details").click()
    emptied.get_by_role("button", name="Copy a link to this step").click()
    copied(story)
    link = story.evaluate("navigator.clipboard.readText()")
    story.goto("about:blank")
    story.goto(link)
    expect(step(story, "trash.emptied")).to_be_focused()


def test_strip_leads_to_a_step(story):
    """A mark on the activity strip leads to its step."""
    story.locator(".strip-bar.destructive .strip-fill").last.click()
    expect(step(story, "trash.emptied")).to_be_focused()
    expect(step(story, "trash.emptied")).to_be_in_viewport()


def test_a_long_session_is_whole_and_each_step_can_be_reached(sign_in, desk, page):
    """Drawn part by part, hundreds of steps stand in their order, also in another zone; a far one is stood on and in sight."""
    catalog = open_catalog(f"sqlite:///{desk.database}")
    key, _ = create_key(catalog, catalog.create_workspace("long"), "test", ("ingest", "read"))
    catalog.close()
    for start in (0, 100, 200):
        events = [event(LISA, f"10:{n // 60:02}:{n % 60:02}", "report.deleted" if n == 290 else f"report.viewed{n}", "long")
                  for n in range(start, start + 100)]  # fmt: skip
        sent = httpx2.post(
            f"{desk.url}/api/v1/events/batch",
            json={"events": events},
            headers={"Authorization": f"Bearer {key}"},
            timeout=60,
        )
        assert sent.status_code == 202, sent.text
    sign_in("/sessions/long", Desk(desk.url, key, desk.database))
    steps = page.locator(".step")
    for zone, clock in (("UTC", "10:04:59"), ("Asia/Tokyo", "19:04:59")):
        page.get_by_label("Times in").select_option(zone)
        expect(steps).to_have_count(300)
        expect(steps.last).to_contain_text(clock)
    actions = steps.evaluate_all("steps => steps.map((step) => step.dataset.action)")
    assert [one for one in actions if one != "report.deleted"] == [f"report.viewed{n}" for n in range(300) if n != 290]
    page.keyboard.press("d")
    expect(steps.nth(290)).to_be_focused()
    expect(steps.nth(290)).to_be_in_viewport(ratio=1)
    page.keyboard.press("j")
    expect(steps.nth(291)).to_be_in_viewport(ratio=1)
    page.keyboard.press("k")
    expect(steps.nth(290)).to_be_focused()


def test_unknown_session_is_told(sign_in):
    """A session that does not exist is told in the server's words."""
    expect(sign_in("/sessions/sess_none").get_by_role("main")).to_contain_text("There is no session of this id")


def test_steps_link_to_the_operators_traces_and_logs(story):
    """By the templates of the settings, in a tab that learns nothing of the desk; no trace, no link to one."""
    edited = step(story, "document.edited")
    edited.get_by_role("button", name="Details").click()
    trace = edited.get_by_role("link", name="Trace")
    expect(trace).to_have_attribute("href", "https://traces.example.com/trace/4bf92f35%2F%22")
    expect(trace).to_have_attribute("rel", "noopener noreferrer")
    logs = edited.get_by_role("link", name="Application logs")
    expect(logs).to_have_attribute("href", "https://logs.example.com/?q=sess_a8f3c2d1")
    saved = step(story, "document.saved")
    saved.get_by_role("button", name="Details").click()
    expect(saved.get_by_role("link", name="Application logs")).to_be_visible()
    expect(saved.get_by_role("link", name="Trace")).to_have_count(0)
