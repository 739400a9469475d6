"""New events appear as they are appended, and nothing moves while somebody reads."""

import re
import uuid

import httpx2
import pytest
from playwright.sync_api import expect
from tests.web.conftest import HOSTILE_NAME, Desk, barriers
from tests.web.test_access import FAINT_TEXTS

from immutable.accounts.api_key import create_key
from immutable.store.open import open_catalog


@pytest.fixture
def live(desk):
    """A workspace of its own on the shared server, and what appends to it."""
    catalog = open_catalog(f"sqlite:///{desk.database}")
    key, _ = create_key(catalog, catalog.create_workspace(f"live-{uuid.uuid4().hex}"), "test", ("ingest", "read"))
    catalog.close()

    def append(*actions, **fields):
        events = [
            {"actor_id": "user_1", "actor_name": "Noor", "session_id": "s", "action": action, **fields}
            for action in actions
        ]
        answer = httpx2.post(
            f"{desk.url}/api/v1/events/batch",
            json={"events": events},
            headers={"Authorization": f"Bearer {key}"},
            timeout=60,
        )
        assert answer.status_code == 202, answer.text

    return Desk(desk.url, key, desk.database), append


def test_new_events_appear_by_themselves(sign_in, live):
    """From an empty log on; filters hold; a hostile name is text; each row leads to its step."""
    desk, append = live
    page = sign_in("/live", desk)
    expect(page.get_by_role("heading", name="Nothing yet")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Listening")).to_be_visible()
    append("invoice.approved", "invoice.paid", actor_name=HOSTILE_NAME)
    rows = page.locator(".event-row")
    expect(rows).to_contain_text(["Invoice paid", "Invoice approved"])
    expect(rows.first).to_contain_text("<script>window.pwned=1</script>⟨U+202E⟩")
    page.get_by_label("Filter by").select_option("Action")
    page.get_by_label("Value").fill("report.*")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nothing yet")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Listening")).to_be_visible()
    append("invoice.sent", "report.opened")
    expect(rows).to_contain_text(["Report opened"])
    assert barriers(page) == []
    rows.first.click()
    expect(page.locator(".step[data-action='report.opened']")).to_be_focused()


def test_it_stands_still_while_one_reads(sign_in, live):
    """Scrolled down, or paused, new events wait under a button; nothing that is on screen moves."""
    desk, append = live
    append(*["page.viewed"] * 60)
    page = sign_in("/live", desk)
    expect(page.locator(".event-row")).to_have_count(50)  # before, there is nothing to scroll
    page.mouse.wheel(0, 600)
    page.wait_for_function("scrollY > 120")
    append("invoice.approved")
    waiting = page.get_by_role("button", name="1 new event")
    expect(waiting).to_be_visible()
    assert page.locator(".event-row").filter(has_text="Invoice approved").count() == 0
    waiting.click()
    expect(page.locator(".event-row").first).to_contain_text("Invoice approved")
    page.keyboard.press("p")
    append("invoice.paid", "invoice.sent")
    expect(page.get_by_role("button", name="2 new events")).to_be_visible()
    page.keyboard.press("p")
    expect(page.locator(".event-row").first).to_contain_text("Invoice sent")


def test_what_is_destructive_is_marked(sign_in, live, page):
    """As in a timeline: what was there before, and what comes; in both colour schemes, on a phone too."""
    desk, append = live
    append("document.viewed", "document.deleted")
    sign_in("/live", desk)
    marked = page.locator(".event-row.destructive")
    expect(marked).to_have_text([re.compile("Destructive.*Document deleted")])
    append("trash.emptied", "trash.viewed")
    expect(marked).to_have_text([re.compile("Destructive.*Trash emptied"), re.compile("Destructive.*Document deleted")])
    page.set_viewport_size({"width": 360, "height": 740})
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        assert page.evaluate(FAINT_TEXTS)["faint"] == []
    assert barriers(page) == []


def test_it_says_what_is_wrong_and_heals(sign_in, live, page):
    """Where the first answer is an error, it is said; as soon as the server answers, the events are there."""
    desk, append = live
    append("invoice.approved")
    page.route("**/events/tail?*", lambda route: route.abort())
    sign_in("/live", desk)
    expect(page.get_by_role("heading", name="The events could not be read")).to_be_visible()
    page.unroute_all()
    expect(page.locator(".event-row")).to_contain_text(["Invoice approved"])


def test_it_goes_on_where_it_was_cut_off(sign_in, live, page):
    """A connection that ends is made again, behind the last event that was heard."""
    desk, append = live
    asked = []

    def cut(route):
        asked.append(route.request.url)
        if len(asked) == 1:
            route.fulfill(status=200, content_type="text/event-stream", body="id: 0\n\n")
        else:
            expect(page.get_by_text("Cut off; trying again")).to_be_visible()
            append("invoice.approved")
            route.continue_()

    page.route("**/events/tail?*", cut)
    sign_in("/live", desk)
    expect(page.locator(".event-row")).to_contain_text(["Invoice approved"])
    assert re.search("after=0", asked[1])


def test_it_goes_on_where_the_connection_broke(sign_in, live, page):
    """Where it breaks amid the stream, as it does when a server is killed or the network goes, it is made again as well."""
    desk, append = live
    page.add_init_script("""
      const { read } = ReadableStreamDefaultReader.prototype;
      ReadableStreamDefaultReader.prototype.read = function () {
        ReadableStreamDefaultReader.prototype.read = read;
        return Promise.reject(new TypeError("Error in input stream"));
      };
    """)
    sign_in("/live", desk)
    expect(page.get_by_text("Cut off; trying again")).to_be_visible()
    append("invoice.approved")
    expect(page.locator(".event-row")).to_contain_text(["Invoice approved"])
