"""The component on a page of another origin, under a strict policy: lists, filters, timelines, files, tokens, looks and texts."""

import base64
import csv
import io
import json
import time

import pytest
from playwright.sync_api import Page, expect
from tests.web.viewer.conftest import OTHERS_SECRET, SESSION

from immutable.accounts.viewer_token import ViewerScope, ViewerTokens

VIEWER = "document.querySelector('audit-log-viewer')"


def rows(page: Page) -> list[str]:
    return page.locator(".row .action").all_inner_texts()


def test_events_are_read_page_by_page(embed, page):
    """The newest come first; the rest on demand, each once; the count is told aloud; another customer's are not among them."""
    embed()
    expect(page.get_by_role("status")).to_have_text("50 of 114 events")
    assert rows(page)[3:6] == ["Search performed", "Trash emptied", "Document moved to trash"]
    expect(page.locator(".item.destructive", has_text="Q3 Budget Report")).to_contain_text("destructive")
    for shown in ("100 of 114 events", "114 of 114 events"):
        page.get_by_role("button", name="Load more").click()
        expect(page.get_by_role("status")).to_have_text(shown)
    expect(page.get_by_role("button", name="Load more")).to_be_hidden()
    assert len(rows(page)) == 114
    assert OTHERS_SECRET not in page.locator(".viewer").inner_text()


def test_an_event_unfolds(embed, page):
    """Details, changes and where it stands in the log come when they are asked for, and go again."""
    embed()
    row = page.locator(".row", has_text="Document edited")
    row.click()
    details = page.locator(".details:visible")
    for text in ("Q3 Budget Report", "1,284,000", "1,310,500", "user_4f2a8c", "67.170.12.84", "9:41:27 AM PDT"):
        expect(details).to_contain_text(text)
    assert row.get_attribute("aria-expanded") == "true"
    row.click()
    expect(details).to_have_count(0)


FILTERS = [
    ("Search", "q3 budget", "9 of 9 events"),
    ("Action", "trash.*", "1 of 1 event"),
    ("Actor", "user_9b1c77", "50 of 102 events"),
    ("Resource", "doc_8f3a2c1d", "8 of 8 events"),
    ("To", "2026-11-01", "Nothing found"),
    ("Search", OTHERS_SECRET, "Nothing found"),
    ("Action", "secret.*", "Nothing found"),
]


def test_filters_ask_for_less(embed, page):
    """Each filter by itself, as one types; what another customer's events alone would meet finds nothing."""
    embed()
    for label, text, found in FILTERS:
        page.get_by_label(label, exact=True).fill(text)
        expect(page.locator(".viewer")).to_contain_text(found)
        page.get_by_role("button", name="Clear filters").click()
        expect(page.get_by_role("status")).to_have_text("50 of 114 events")
    with page.expect_request("**/viewer/events?*") as asked:
        page.get_by_label("From", exact=True).fill("2026-11-01")  # in Portland's zone, as the browser is
    assert "from=2026-11-01T07%3A00%3A00.000Z" in asked.value.url
    with page.expect_request("**/viewer/events?*") as asked:
        page.get_by_label("To", exact=True).fill("2026-11-01")  # the day on which its clocks go back
    assert "to=2026-11-02T07%3A59%3A59.999999Z" in asked.value.url


def test_filters_hold_for_sessions_and_from_an_event(embed, page):
    """An event's actor or resource is one click from being the filter, which stays when one goes over to sessions."""
    embed()
    page.locator(".row", has_text="Trash emptied").click()
    page.get_by_role("button", name="Show only: Trash").click()
    expect(page.get_by_role("status")).to_have_text("1 of 1 event")
    page.get_by_role("tab", name="Sessions").click()
    expect(page.get_by_role("status")).to_have_text("1 of 1 session")
    expect(page.locator(".row")).to_contain_text("2 destructive")


def test_a_sessions_timeline(embed, page):
    """Steps oldest first, pauses and destructive steps marked, others' events left out; and back to where one was."""
    embed()
    page.get_by_role("tab", name="Sessions").click()
    expect(page.get_by_role("status")).to_have_text("50 of 106 sessions")
    page.locator(".row", has_text="2 destructive").click()
    expect(page.get_by_role("heading", name="Lisa Wang")).to_be_visible()
    assert rows(page) == [
        "Document viewed", "Document edited", "Document saved", "Folder viewed", "Document moved to trash", "Trash emptied",
        "Search performed",
    ]  # fmt: skip
    expect(page.locator(".item.destructive")).to_have_count(2)
    pauses = ["3 min 18 sec later", "9 min 18 sec later", "1 min 46 sec later", "2 min 3 sec later"]
    expect(page.locator(".pause")).to_have_text(pauses)
    expect(page.get_by_role("status")).to_have_text("7 of 7 events")
    page.get_by_role("button", name="Back to the list").click()
    expect(page.locator(".row", has_text="2 destructive")).to_be_focused()
    expect(page.get_by_role("status")).to_have_text("50 of 106 sessions")


def test_what_is_shown_is_exported(embed, page):
    """CSV and JSON hold what is shown and no more; a text that a spreadsheet would take for a formula is defused."""
    embed()
    with page.expect_download() as saved:
        page.get_by_role("button", name="as CSV").click()
    text = saved.value.path().read_bytes().decode("utf-8-sig")
    table = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(table) == 50
    assert saved.value.suggested_filename.startswith("audit-log-events-")
    formula = table[0]
    assert [formula[name] for name in ("action", "resource.type", "resource_id", "resource_name")] == [
        "'=cmd|calc", "'@SUM(1)", "'+1", "'-2+3",
    ]  # fmt: skip
    assert json.loads(formula["metadata"]) == {"a": "\t=1"}
    assert not [cell for row in table for cell in row.values() if cell[:1] in "=+-@\t\r" and cell[:1]]
    page.locator(".row", has_text="Trash emptied").click()
    page.get_by_role("button", name="Open session").click()
    expect(page.get_by_role("status")).to_have_text("7 of 7 events")
    with page.expect_download() as saved:
        page.get_by_role("button", name="as JSON").click()
    steps = json.loads(saved.value.path().read_text("utf-8"))
    assert [step["session_id"] for step in steps] == [SESSION] * 7
    assert OTHERS_SECRET not in json.dumps(steps)
    page.get_by_role("tab", name="Sessions").click()
    page.locator(".row", has_text="2 destructive").wait_for()
    with page.expect_download() as saved:
        page.get_by_role("button", name="as CSV").click()
    sessions = list(csv.DictReader(io.StringIO(saved.value.path().read_bytes().decode("utf-8-sig"), newline="")))
    assert {"2"} <= {one["destructive_count"] for one in sessions}


def test_a_new_token_is_had_before_the_old_one_ends(embed, page, log, context):
    """The page's callback is asked in time, and told by an event too; nothing that is shown goes, and the new token is used."""
    tokens = [log.token(tenant_id="acme", ttl=3000), log.token(tenant_id="acme", ttl=3600)]
    page.clock.install()
    script = f"""
      window.told = [];
      addEventListener("audit-log-token-expiring", (event) => told.push(event.detail.expiresAt.getTime()));
      {VIEWER}.refreshToken = async () => {json.dumps(tokens[1])};
    """
    embed(f'token="{tokens[0]}"', script)
    page.locator(".row").nth(2).click()
    assert page.evaluate("told.length") == 0
    page.clock.fast_forward(2_950_000)
    page.wait_for_function(f"{VIEWER}.token === {json.dumps(tokens[1])}")
    claims = json.loads(base64.urlsafe_b64decode(tokens[0].split(".")[1] + "=="))
    assert page.evaluate("told") == [claims["exp"] * 1000]
    expect(page.locator(".details:visible")).to_have_count(1)
    with page.expect_request("**/viewer/events?*") as asked:
        page.get_by_role("button", name="Refresh").click()
    assert asked.value.headers["authorization"] == f"Bearer {tokens[1]}"


def test_a_callback_that_fails_is_asked_again_until_the_end(embed, page, log):
    """Every few seconds while the token lasts; when it has ended, by this clock, the server is asked whether that is so."""
    token = log.token(tenant_id="acme", ttl=3000)
    page.clock.install()
    script = f"""
      window.calls = 0;
      {VIEWER}.refreshToken = async () => {{ window.calls += 1; throw new Error("not now"); }};
    """
    embed(f'token="{token}"', script)
    page.clock.fast_forward(2_950_000)  # a minute before it ends it is asked for a new one
    page.wait_for_function("calls >= 1")
    with page.expect_response("**/viewer/events?limit=1") as asked:
        for _ in range(15):
            page.clock.run_for(5_000)
    assert asked.value.ok
    assert page.evaluate("calls") > 1
    assert page.locator(".row").count() == 50  # the server still takes it, and so nothing is taken away
    page.evaluate(f"{VIEWER}.remove()")
    page.clock.run_for(60_000)


def ended(log) -> str:
    """A token of the server that ended a while ago."""
    catalog = log.server.catalog
    key = catalog.keys(catalog.workspace(log.owner.workspace))[0]
    return ViewerTokens(catalog, lambda: time.time() - 100).make(key, ViewerScope("acme"), 60)[0]


def test_an_ended_token_without_a_callback_is_said(embed, page, log):
    """The viewer says that access has ended, tells the page by an event, and goes on when the page sets a new token."""
    script = 'addEventListener("audit-log-token-expired", () => (window.expired = (window.expired ?? 0) + 1));'
    embed(f'token="{ended(log)}"', script, wait=".notice")
    expect(page.get_by_role("alert")).to_contain_text("Your access has ended")
    assert page.evaluate("expired") == 1
    page.evaluate(f"{VIEWER}.token = {json.dumps(log.token())}")
    expect(page.get_by_role("status")).to_have_text("50 of 114 events")


def test_an_ended_token_is_replaced_by_the_callback(embed, page, log):
    """A refused token is replaced and the question asked again; where the callback fails, one can try again."""
    script = f"""
      let calls = 0;
      {VIEWER}.refreshToken = async () => {{
        if (++calls === 1) throw new Error("not now");
        return {json.dumps(log.token())};
      }};
    """
    embed(f'token="{ended(log)}"', script, wait=".notice")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("status")).to_have_text("50 of 114 events")


def test_a_token_of_another_scope_begins_anew(embed, page, log):
    """What one customer saw is gone when the page gives the viewer another customer's token; without one nothing is left."""
    embed()
    page.evaluate(f"{VIEWER}.token = {json.dumps(log.token(tenant_id='umbrella'))}")
    expect(page.get_by_role("status")).to_have_text("2 of 2 events")
    page.evaluate(f"{VIEWER}.token = ''")
    expect(page.locator(".viewer")).to_contain_text("No access yet")
    expect(page.locator(".row")).to_have_count(0)


def test_failures_are_said_and_can_be_tried_again(embed, page, context):
    """Without an answer, with too many requests, at a page that does not come: a sentence, a way on, nothing lost."""
    embed()
    page.route("**/api/v1/viewer/**", lambda route: route.abort())
    page.get_by_role("button", name="Load more").click()
    expect(page.get_by_role("alert")).to_contain_text("The server did not answer")
    expect(page.locator(".row")).to_have_count(50)
    page.unroute("**/api/v1/viewer/**")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("status")).to_have_text("100 of 114 events")
    busy = {
        "status": 429,
        "json": {"error": "rate_limited", "message": "…"},
        "headers": {"access-control-allow-origin": "*"},
    }
    page.route("**/api/v1/viewer/**", lambda route: route.fulfill(**busy))
    page.get_by_role("button", name="Refresh").click()
    expect(page.get_by_role("alert")).to_contain_text("too many requests")
    page.unroute("**/api/v1/viewer/**")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("status")).to_have_text("50 of 114 events")


def test_nothing_recorded_is_no_failure(embed, page, log):
    """A customer without events is told so, in both views."""
    embed(f'token="{log.token(tenant_id="nobody")}"', wait=".notice")
    expect(page.locator(".notice")).to_contain_text("No events")
    page.get_by_role("tab", name="Sessions").click()
    expect(page.locator(".notice")).to_contain_text("No sessions")


@pytest.mark.parametrize(
    ("locale", "tab", "count", "day", "pause"),
    [
        ("de", "Sitzungen", "50 von 114 Ereignissen", "Freitag, 27. März 2026", "später"),
        ("fr-CA", "Sessions", "50 sur 114 événements", "vendredi 27 mars 2026", "plus tard"),
        ("es", "Sesiones", "50 de 114 eventos", "viernes, 27 de marzo de 2026", "después"),
        ("no such locale", "Sessions", "50 of 114 events", "Friday, March 27, 2026", "later"),
    ],
)
def test_texts_and_dates_follow_the_locale(embed, page, log, locale, tab, count, day, pause):
    """German, French and Spanish are built in, whatever the region; what is no locale is English."""
    embed(f'token="{log.token()}" locale="{locale}"')
    expect(page.get_by_role("status")).to_have_text(count)
    expect(page.get_by_role("heading", name=day)).to_be_visible()
    page.get_by_role("tab", name=tab).click()
    page.locator(".row", has_text="2 ").filter(has=page.locator(".badge")).click()
    expect(page.locator(".pause").first).to_contain_text(pause)


def test_every_language_has_every_text(embed, page, log):
    """No text of a built-in language falls back to English, but for one example of an action and the word ID."""
    source = log.server.url
    english = page.goto(f"{source}/viewer.js").text()
    languages = {name: english.split(f"const {name} = {{")[1].split("\n};")[0] for name in ("en", "de", "fr", "es")}
    keys = {name: {line.split(":")[0].strip() for line in text.splitlines()} for name, text in languages.items()}
    for name in ("de", "fr", "es"):
        assert keys["en"] - keys[name] == {"actionHint", "id"}
        assert keys[name] <= keys["en"]


def test_a_page_brings_its_own_texts_and_looks(embed, page, log):
    """Texts and names of actions by a property that may be set before the file arrives; colours by variables; both themes."""
    script = f"""
      {VIEWER}.texts = {{ events: "Activity", actions: {{ "trash.emptied": "Bin emptied" }} }};
      {VIEWER}.style.setProperty("--audit-log-panel", "rgb(1, 2, 3)");
    """
    embed(f'token="{log.token()}" theme="dark"', script)
    expect(page.get_by_role("tab", name="Activity")).to_be_visible()
    expect(page.locator(".row", has_text="Bin emptied")).to_have_count(1)
    assert page.locator(".item").first.evaluate("(one) => getComputedStyle(one).backgroundColor") == "rgb(1, 2, 3)"
    ground = "(one) => getComputedStyle(one).backgroundColor"
    dark = page.locator(".viewer").evaluate(ground)
    page.evaluate(f"{VIEWER}.theme = 'light'")
    light = page.locator(".viewer").evaluate(ground)
    page.emulate_media(color_scheme="dark")
    assert page.locator(".viewer").evaluate(ground) == light != dark
    page.evaluate(f"{VIEWER}.theme = 'auto'")
    assert page.locator(".viewer").evaluate(ground) == dark
