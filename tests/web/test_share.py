"""A session shared with somebody who has no key."""

import uuid

import httpx2
import pytest
from playwright.sync_api import Browser, expect
from tests.web.conftest import Desk, barriers

from immutable.accounts.api_key import create_key
from immutable.store.open import open_catalog


@pytest.fixture
def keys(desk):
    """An administrator's key and a reader's, of a workspace of its own with one session."""
    catalog = open_catalog(f"sqlite:///{desk.database}")
    workspace = catalog.create_workspace(f"share-{uuid.uuid4().hex}")
    admin, _ = create_key(catalog, workspace, "admin", ("admin",))
    reader, _ = create_key(catalog, workspace, "reader", ("read",))
    catalog.close()
    event = {
        "actor_id": "ann",
        "action": "document.deleted",
        "session_id": "s1",
        "resource": {"type": "document", "id": "d1"},
    }
    sent = httpx2.post(
        f"{desk.url}/api/v1/events", json=event, headers={"Authorization": f"Bearer {admin}"}, timeout=60
    )
    assert sent.status_code == 202, sent.text
    return [Desk(desk.url, key, desk.database) for key in (admin, reader)]


def test_a_link_is_made_that_needs_no_key(sign_in, browser: Browser, keys):
    """The dialog makes it, says until when it works, Escape closes it, and whoever opens the link reads the report."""
    page = sign_in("/sessions/s1", keys[0])
    page.locator(".step").first.wait_for()
    page.get_by_role("button", name="Share").click()
    dialog = page.get_by_role("dialog", name="Share this session")
    dialog.get_by_label("It works for").select_option("A day")
    dialog.get_by_role("button", name="Make the link").click()
    link = dialog.get_by_role("link")
    expect(link).to_be_visible()
    address = link.get_attribute("href")
    assert barriers(page) == []
    # As browsers do it where the page came over plain HTTP from another machine: there is no clipboard to write to.
    page.evaluate("""() => {
      Object.defineProperty(navigator, "clipboard", { value: undefined });
      addEventListener("copy", () => { window.copied = document.activeElement.value; });
    }""")
    dialog.get_by_role("button", name="Copy the link").click()
    expect(dialog.locator(".copied")).to_be_visible()
    assert page.evaluate("window.copied") == address
    expect(dialog.get_by_role("button", name="Copy the link")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert page.url.endswith("/sessions/s1")  # Escape was the dialog's: it did not lead back to the list.
    stranger = browser.new_context().new_page()
    stranger.goto(address)
    expect(stranger.get_by_role("heading", name="session s1")).to_be_visible()
    stranger.context.close()


def test_what_a_key_may_not_do_is_not_offered(sign_in, keys):
    """A reader's key shares and gathers nothing; the evidence is theirs; the name of the key's workspace stands in the frame."""
    page = sign_in("/sessions/s1", keys[1])
    page.locator(".step").first.wait_for()
    page.get_by_role("button", name="Details").click()
    expect(page.get_by_role("button", name="Copy the event as JSON")).to_be_visible()
    expect(page.get_by_role("button", name="Evidence")).to_be_visible()
    expect(page.get_by_role("button", name="Share")).to_have_count(0)
    expect(page.get_by_role("button", name="Add to investigation")).to_have_count(0)
    expect(page.locator(".side .workspace")).to_contain_text("share-")
    page.goto(f"{keys[1].url}/desk#/investigations")
    expect(page.get_by_text("takes the role member")).to_be_visible()
    expect(page.get_by_role("button", name="New investigation")).to_have_count(0)


def test_the_server_judges_what_was_offered(sign_in, keys, page):
    """What a tab believes that it may do changes nothing: the refusal is told in place, in the server's words."""
    sign_in("/sessions/s1", keys[1])
    page.evaluate("""() => {
      const access = JSON.parse(sessionStorage.getItem("immutable.access"));
      sessionStorage.setItem("immutable.access", JSON.stringify({...access, scopes: ["read", "admin"]}));
    }""")
    page.reload()
    page.get_by_role("button", name="Share").click()
    page.get_by_role("button", name="Make the link").click()
    expect(page.get_by_role("dialog")).to_contain_text("scope")
