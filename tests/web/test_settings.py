"""What a workspace's admins decide in the desk: destructive actions, links, privacy; and what others see of it."""

import json
import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, Route, expect
from tests.conftest import Client, Server, serving
from tests.people import Person, invited
from tests.web.conftest import HOSTILE_ID, HOSTILE_NAME, barriers, scenario
from tests.web.test_access import FAINT_TEXTS
from tests.web.test_members import sign_in

PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a link for logs and members in several workspaces."""
    settings = {"failed_sign_ins_per_hour": 100, "log_link": "https://logs.example.com/?q={session_id}"}
    with serving(tmp_path_factory.mktemp("settings"), settings) as running:
        yield running


def filled(server: Server, workspace: str) -> tuple[Client, Person]:
    """A workspace with the ticket and hostile texts in it, and an admin of it."""
    api = server.client("ingest", "read", "admin", workspace=workspace)
    assert api.post("/events/batch", {"events": scenario()}).status_code == 202
    return api, invited(server, workspace, "admin")


def readable(page: Page) -> None:
    """In both themes, from a phone on, without scrolling sideways; then as it was."""
    for theme in ("dark", "light"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
        assert page.evaluate(FAINT_TEXTS)["faint"] == []
    for size in (PHONE, {"width": 1360, "height": 900}):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        if size is PHONE:
            assert barriers(page) == []
    assert page.evaluate("window.pwned") is None


def test_destructive_actions_are_decided_with_the_keyboard_alone(server: Server, page: Page) -> None:
    """A pattern is typed, what it means is shown before it is saved, and then holds in timelines."""
    api, admin = filled(server, "destructive")
    sign_in(page, server, admin.email, "#/settings/destructive")
    expect(page.locator(".known-sum")).to_have_text("2 actions of 11 and 2 events count as destructive.")
    page.get_by_role("textbox", name="Also destructive").focus()
    page.keyboard.type("folder.*, x.y")
    page.keyboard.press("Enter")
    row = page.get_by_role("listitem").filter(has=page.get_by_role("button", name="Never count folder.viewed"))
    expect(row).to_contain_text("by folder.*")
    expect(row).to_contain_text("new")
    assert api.get("/settings/destructive-actions").json()["data"]["patterns"] == []
    page.keyboard.press("Backspace")
    expect(page.get_by_role("button", name="Remove x.y")).to_have_count(0)
    page.get_by_role("button", name="Never count trash.emptied").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Count trash.emptied", exact=True)).to_be_focused()
    expect(page.locator(".known-list li").filter(has_text="no longer")).to_contain_text("excepted from *.emptied")
    readable(page)
    page.get_by_role("button", name="Save", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".decide-tools")).to_contain_text("Saved.")
    told = api.get("/settings/destructive-actions").json()["data"]
    assert (told["patterns"], told["exceptions"]) == (["folder.*"], ["trash.emptied"])
    page.goto(f"{server.url}/desk#/sessions/sess_a8f3c2d1")
    expect(page.locator(".step.destructive")).to_have_count(2)
    expect(page.locator(".step.destructive").first).to_contain_text("Finance Team")


def test_links_are_shown_as_they_would_look(server: Server, page: Page) -> None:
    """One that leads elsewhere is refused beside its field and the others stay; what is saved stands in the timeline, encoded."""
    _, admin = filled(server, "links")
    sign_in(page, server, admin.email, "#/settings/links")
    errors = page.locator(".link-row").filter(has_text="Error tracking")
    logs = page.locator(".link-row").filter(has_text="Application logs")
    expect(logs).to_contain_text("https://logs.example.com/?q=sess_a8f3c2d1")
    page.get_by_label("Error tracking").select_option("own")
    expect(errors.get_by_label("Address")).to_be_focused()
    page.keyboard.type("javascript:alert(1)//{actor_id}")
    expect(errors.get_by_role("alert")).to_contain_text("https://")
    expect(logs).to_contain_text("https://logs.example.com/?q=sess_a8f3c2d1")
    readable(page)
    with page.expect_response(lambda answer: answer.url.endswith("/settings/links?")) as refused:
        page.get_by_role("button", name="Save", exact=True).click()
    assert refused.value.status == 422
    expect(errors.get_by_role("alert")).to_contain_text("https://")
    errors.get_by_label("Address").fill("https://errors.example.com/?who=")
    errors.get_by_role("button", name="Insert actor_id").click()
    expect(errors).to_contain_text("https://errors.example.com/?who=user%204f2a%2F8c")
    page.get_by_label("Application logs").select_option("none")
    expect(logs).to_contain_text("No link is shown.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".decide-tools")).to_contain_text("Saved.")
    page.goto(f"{server.url}/desk#/sessions/{quote(HOSTILE_ID, safe='')}")
    page.get_by_role("button", name="Details").last.click()
    link = page.get_by_role("link", name="Errors").first
    expect(link).to_have_attribute("href", "https://errors.example.com/?who=user_%3Cb%3E")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    expect(page.get_by_role("link", name="Application logs")).to_have_count(0)


@pytest.mark.parametrize(
    ("part", "label", "first", "second"),
    [
        ("links", "Address", "https://one.example.com/{actor_id}", "https://two.example.com/{actor_id}"),
        ("destructive", "Also destructive", "one.*", "two.*"),
    ],
)
def test_what_is_typed_while_it_is_saved_stays(
    server: Server, page: Page, part: str, label: str, first: str, second: str
) -> None:
    """It is not saved yet, and not overwritten by what was."""
    admin = invited(server, f"typed {part}", "admin")
    sign_in(page, server, admin.email, f"#/settings/{part}")
    form = page.locator("form")
    if part == "links":
        page.get_by_label("Error tracking").select_option("own")
        form = page.locator(".link-row").filter(has_text="Error tracking")
    typed = form.get_by_role("textbox", name=label)
    typed.fill(first)
    typed.blur()

    def late(route: Route) -> None:
        typed.fill(second)
        typed.blur()
        route.continue_()

    page.route("**/api/v1/settings/*?", late)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status").filter(has_text=re.compile("^Saved$"))).to_be_attached()
    expect(page.locator(".decide-tools")).to_contain_text("Not saved yet.")
    if part == "links":
        expect(typed).to_have_value(second)
    else:
        expect(page.get_by_role("button", name=f"Remove {second}")).to_be_visible()


def test_somebody_is_forgotten_on_the_record(server: Server, page: Page) -> None:
    """Found by name, shown what goes and what a hold keeps, confirmed by the id, by keys alone, and followed to its event."""
    api, admin = filled(server, "privacy")
    sign_in(page, server, admin.email, "#/settings/privacy")
    place_hold(page)
    page.get_by_label("Person").first.fill("lisa w")
    chosen = page.get_by_role("button", name="Choose Lisa Wang, user_4f2a8c")
    expect(chosen).to_be_visible()
    page.keyboard.press("Enter")
    expect(chosen).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Person").first).to_have_value("user_4f2a8c")
    page.keyboard.press("Enter")
    seen = page.get_by_role("region", name="What the erasure would do")
    expect(seen.get_by_role("heading", name="8 events would lose their details")).to_be_focused()
    tiles = seen.locator(".tile").all_inner_texts()
    assert [re.sub(r"\s+", " ", one) for one in tiles] == [
        "Meant 9",
        "To be erased 8",
        "Held, kept 1",
        "Erased before 0",
    ]
    expect(seen.locator(".goes")).to_contain_text("Lisa Wang")
    expect(seen.locator(".stays")).to_contain_text("user_4f2a8c")
    readable(page)
    confirm = seen.get_by_label("Type the person's id to confirm")
    seen.get_by_label("Reason").fill("Ticket 5120")
    confirm.fill("user_9b1c77")
    page.keyboard.press("Enter")
    expect(seen.get_by_role("alert")).to_contain_text("That is not the person's id.")
    assert (
        api.get("/events", actor_id="user_4f2a8c", session_id="sess_a8f3c2d1").json()["data"][0]["actor_name"]
        == "Lisa Wang"
    )
    confirm.fill("user_4f2a8c")
    page.keyboard.press("Enter")
    expect(seen).to_contain_text("The details of 8 events are erased.")
    expect(seen).to_contain_text("1 event under a hold kept its details.")
    event = api.get("/events", action="immutable.details_erased").json()["data"][0]
    expect(seen.locator(".receipts")).to_contain_text(event["integrity"]["event_hash"])
    seen.get_by_role("button", name=f"Event {event['sequence']}", exact=True).press("Enter")
    part = page.locator(f"[data-sequence='{event['sequence']}']")
    expect(part).to_contain_text(event["id"])
    expect(page.locator(".erasure").first).to_contain_text("Ticket 5120")
    assert {one["actor_name"] for one in api.events(actor_id="user_4f2a8c", session_id="sess_a8f3c2d1", limit=50)} == {
        None
    }
    release_hold(page)
    page.goto(f"{server.url}/desk#/sessions/sess_a8f3c2d1")
    expect(page.locator(".step").first).to_contain_text("Details erased")
    page.goto(f"{server.url}/desk#/settings/privacy")
    page.get_by_label("Person").first.fill("user_4f2a8c")
    page.get_by_role("button", name="Show what it would do").click()
    expect(seen.get_by_role("heading", name="1 event would lose its details")).to_be_visible()


def place_hold(page: Page) -> None:
    page.get_by_text("Place a hold").click()
    form = page.locator(".place-hold")
    form.get_by_text("Narrow it").click()
    form.get_by_label("Session").fill("sess_7e4b9f2a")
    form.get_by_label("Reason").fill("Case 7 <b>")
    form.get_by_role("button", name="Place the hold").click()
    expect(page.get_by_role("row", name="sess_7e4b9f2a")).to_contain_text("Case 7 <b>")
    form.get_by_label("Person").fill("Nobody")
    form.get_by_label("Reason").fill("Case 8")
    form.get_by_role("button", name="Place the hold").click()
    expect(page.get_by_text("No event has the person's id Nobody yet")).to_be_visible()


def release_hold(page: Page) -> None:
    page.get_by_role("button", name="Release the hold: Case 7 <b>").click()
    dialog = page.get_by_role("dialog", name="Release the hold")
    dialog.get_by_label("Reason").fill("settled")
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("row", name="sess_7e4b9f2a")).to_contain_text("released")


def test_a_hostile_id_is_confirmed_as_it_is_shown(server: Server, page: Page) -> None:
    """Nothing of a name becomes markup, and archives that were not reached are named, page after page of an erasure."""
    _, admin = filled(server, "hostile")
    sign_in(page, server, admin.email, "#/settings/privacy")
    asked: list[int] = []

    def two_parts(route: object) -> None:
        body = json.loads(route.request.post_data)  # type: ignore[attr-defined]
        asked.append(body["after_sequence"])
        archive = {
            "archive": "1-<b>",
            "at": "s3://x",
            "first_sequence": 1,
            "last_sequence": 9,
            "problem": "It is not there.",
        }
        done = {
            "erased": 1, "erased_in_archives": 1, "held": 0, "erasures": [], "last_sequence": body["after_sequence"] + 5,
            "is_complete": body["after_sequence"] > 0, "unreached_archives": [] if asked[1:] else [archive],
        }  # fmt: skip
        route.fulfill(json={"data": done})  # type: ignore[attr-defined]

    page.route("**/api/v1/erasures?", two_parts)
    page.get_by_label("Person").first.fill("script")
    page.locator(".people button").first.click()
    page.get_by_role("button", name="Show what it would do").click()
    expect(page.locator(".goes")).to_contain_text(HOSTILE_NAME[:20])
    readable(page)
    seen = page.get_by_role("region", name="What the erasure would do")
    seen.get_by_label("Reason").fill("<i>why</i>")
    seen.get_by_label("Type the person's id to confirm").fill("user_<b>")
    page.keyboard.press("Enter")
    expect(seen).to_contain_text("The details of 2 events are erased, 2 of them in archives.")
    expect(seen.get_by_role("alert").filter(has_text="archive")).to_contain_text(
        "1-<b> (events 1 to 9) at s3://x: It is not there."
    )
    assert asked == [0, 5]


def test_others_see_and_change_nothing(server: Server, page: Page) -> None:
    """A viewer has the settings, without keys, members, holds or anything to press."""
    filled(server, "seen")
    sign_in(page, server, invited(server, "seen", "viewer").email)
    page.get_by_role("navigation", name="Desk").get_by_role("link", name="Settings").click()
    tabs = page.get_by_role("navigation", name="Settings")
    expect(tabs.get_by_role("link")).to_have_text(["Destructive actions", "Links", "Privacy", "Workspaces"])
    expect(page.locator(".known-list li").first).to_be_visible()
    expect(page.locator(".panel button")).to_have_count(0)
    expect(page.get_by_role("textbox", name="Also destructive")).to_be_disabled()
    tabs.get_by_role("link", name="Links").click()
    expect(page.locator(".link-row")).to_have_count(4)
    expect(page.locator(".panel button:visible")).to_have_count(0)
    tabs.get_by_role("link", name="Privacy").click()
    expect(page.get_by_role("heading", name="Erasures so far")).to_be_visible()
    expect(page.locator(".panel")).to_have_count(1)
