"""Investigations in the desk: from a session to the pack of a whole case."""

import re
import uuid
import zipfile

import httpx2
import pytest
from playwright.sync_api import Page, expect
from tests.web.conftest import HOSTILE_NAME, Desk, barriers, scenario

from immutable.accounts.api_key import create_key
from immutable.store.open import open_catalog


@pytest.fixture
def keys(desk):
    """Keys of a workspace of its own that has the scenario in it: one that may do all, and a reader's."""
    catalog = open_catalog(f"sqlite:///{desk.database}")
    workspace = catalog.create_workspace(f"cases-{uuid.uuid4().hex}")
    secrets = [
        create_key(catalog, workspace, name, scopes)[0]
        for name, scopes in (("Dana", ("ingest", "read", "admin")), ("reader", ("read",)))
    ]
    catalog.close()
    sent = httpx2.post(
        f"{desk.url}/api/v1/events/batch",
        json={"events": scenario()},
        headers={"Authorization": f"Bearer {secrets[0]}"},
        timeout=60,
    )
    assert sent.status_code == 202, sent.text
    return [Desk(desk.url, secret, desk.database) for secret in secrets]


@pytest.fixture
def place(keys):
    """The desk of whoever may do all."""
    return keys[0]


def post(place: Desk, path: str, body: dict) -> dict:
    """What the API answers."""
    answer = httpx2.post(
        f"{place.url}/api/v1/{path}", json=body, headers={"Authorization": f"Bearer {place.key}"}, timeout=60
    )
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def narrow(page: Page) -> None:
    """At 360 pixels the page is no wider than its window; then as it was."""
    size = page.viewport_size
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.set_viewport_size(size)


def test_a_case_is_gathered_and_handed_over(sign_in, place, tmp_path):
    """From the empty list: a session, then one of another session's events, a note, the pack, a link, and closed."""
    page = sign_in("/investigations", place)
    expect(page.get_by_text("under a ticket number")).to_be_visible()
    assert barriers(page) == []
    narrow(page)

    page.goto(f"{place.url}/desk#/sessions/sess_a8f3c2d1")
    page.locator(".step").first.wait_for()
    page.get_by_role("button", name="Add to investigation").first.click()
    sheet = page.get_by_role("dialog", name="Add to investigation")
    sheet.get_by_label("Ticket number").fill("4821")
    sheet.get_by_label("Title").fill("Where did the report go?")
    assert barriers(page) == []
    page.keyboard.press("Enter")
    expect(sheet).to_contain_text("Added to 4821")
    page.keyboard.press("Escape")

    page.goto(f"{place.url}/desk#/sessions/sess_0d1e2f3a")
    page.get_by_role("button", name="Details").first.click()
    page.locator(".details-tools").get_by_role("button", name="Add to investigation").click()
    expect(sheet.get_by_label("Investigation")).to_have_value(re.compile("case_"))
    sheet.get_by_role("button", name="Add", exact=True).click()
    sheet.get_by_role("link", name="Open the investigation").click()
    expect(page.get_by_role("heading", name="Where did the report go?")).to_be_visible()
    expect(sheet).to_have_count(0)
    gathered = page.get_by_role("region", name="Gathered")
    expect(gathered.locator("[data-session]")).to_contain_text("Lisa Wang")
    expect(gathered.locator("[data-event]")).to_contain_text("Marcus Okafor")

    page.get_by_role("textbox", name="Note").fill("Lisa emptied\nthe trash.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    told = page.get_by_role("region", name="Notes and history")
    expect(told.locator("li")).to_contain_text(
        ["Dana noted", "Dana added the event", "Dana added the session", "Dana opened it"]
    )
    expect(told.locator(".case-text")).to_have_text("Lisa emptied\nthe trash.")
    expect(page.get_by_role("textbox", name="Note")).to_be_focused()
    assert barriers(page) == []
    narrow(page)

    page.get_by_label("with the notes and history").check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Evidence").click()
    download.value.save_as(tmp_path / "case.zip")
    with zipfile.ZipFile(tmp_path / "case.zip") as pack:
        assert len(pack.read("events.jsonl").splitlines()) == 7 + 1 + 4
        assert b"Lisa emptied" in pack.read("report.html")
    page.get_by_role("button", name="Share").click()
    page.get_by_role("button", name="Make the link").click()
    address = page.get_by_role("dialog").get_by_role("link").get_attribute("href")
    assert "Lisa emptied" in httpx2.get(address, timeout=60).text
    page.keyboard.press("Escape")

    page.get_by_role("button", name="Take out the event").click()
    expect(gathered.locator("[data-event]")).to_have_count(0)
    expect(gathered.get_by_role("heading", name="Gathered")).to_be_focused()
    page.get_by_role("button", name="Close it").click()
    expect(page.get_by_role("textbox", name="Note")).to_have_count(0)
    page.get_by_role("navigation", name="Where you are").get_by_role("link", name="Investigations").click()
    page.get_by_role("navigation", name="Which investigations").get_by_role("link", name="Closed").click()
    expect(page.locator(".case-row")).to_contain_text(["4821Where did the report go?closed"])


def test_hostile_texts_are_text(sign_in, place):
    """Ticket, title, note and what was gathered change nothing but themselves, in both colour schemes."""
    session = httpx2.get(
        f"{place.url}/api/v1/sessions",
        params={"actor_id": "user_<b>"},
        headers={"Authorization": f"Bearer {place.key}"},
        timeout=60,
    ).json()["data"][0]["session_id"]
    one = post(place, "investigations", {"ticket": HOSTILE_NAME + "#?&/", "title": HOSTILE_NAME * 3})
    post(place, f"investigations/{one['id']}/items", {"session_id": session})
    post(place, f"investigations/{one['id']}/notes", {"text": HOSTILE_NAME + "A" * 9_000})
    page = sign_in("/investigations", place)
    expect(page.locator(".case-row")).to_contain_text("⟨U+202E⟩")
    narrow(page)
    page.locator(".case-row").click()
    expect(page.locator(".case-text")).to_contain_text("<script>window.pwned=1</script>⟨U+202E⟩")
    assert page.evaluate("window.pwned") is None
    assert page.evaluate("document.querySelectorAll('main script, main b, main img').length") == 0
    narrow(page)
    page.emulate_media(color_scheme="dark")
    assert barriers(page) == []


def test_who_may_not_change_it_reads_it(sign_in, keys):
    """A reader sees an investigation and takes its evidence, and is offered nothing else; one that is not there is said."""
    one = post(keys[0], "investigations", {"ticket": "7", "title": "T"})
    post(keys[0], f"investigations/{one['id']}/items", {"session_id": "sess_a8f3c2d1"})
    page = sign_in(f"/investigations/{one['id']}", keys[1])
    expect(page.get_by_role("region", name="Gathered").locator("[data-session]")).to_be_visible()
    expect(page.get_by_role("main").get_by_role("button")).to_have_text(["Evidence"])
    expect(page.get_by_role("textbox", name="Note")).to_have_count(0)
    page.goto(f"{keys[0].url}/desk#/investigations/case_none")
    expect(page.get_by_role("heading", name="could not be read")).to_be_visible()
