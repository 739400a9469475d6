"""Members in the desk: the owner's link, signing in, the account, the settings; and what other pages cannot do."""

import base64
import http.server
import re
import threading
import time
from collections.abc import Iterator

import pyotp
import pytest
from playwright.sync_api import BrowserContext, Page, expect
from tests.conftest import Server, serving
from tests.people import PASSWORD, Person, invited, owner
from tests.web.conftest import barriers, visit
from tests.web.test_access import FAINT_TEXTS, SCROLLED_SIDEWAYS

from immutable.accounts.one_time_links import OneTimeLinks
from immutable.cli.operator import operator

HOSTILE = "<img src=x onerror='window.pwned=1'> שלום 🧨"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server without members, at first."""
    with serving(tmp_path_factory.mktemp("members"), {"failed_sign_ins_per_hour": 100}) as running:
        yield running


def sign_in(page: Page, server: Server, email: str, view: str = "") -> None:
    page.goto(f"{server.url}/desk{view}")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.locator(".frame").wait_for()


def test_the_first_owner_joins_with_the_keyboard_alone(server: Server, page: Page) -> None:
    """The link asks for name, address and password, and leads into the desk; it is in no request and no way back."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    token = OneTimeLinks(server.catalog).for_first_owner(operator())
    page.goto(f"{server.url}/desk#/welcome/{token}")
    expect(page.get_by_role("heading", name="Become the owner")).to_be_visible()
    expect(page.get_by_label("Name")).to_be_focused()
    page.keyboard.type(HOSTILE)
    page.keyboard.press("Tab")
    page.keyboard.type("owner@example.com")
    page.keyboard.press("Tab")
    page.keyboard.type("short")
    page.keyboard.press("Enter")
    password = page.get_by_label("Password")
    expect(password).to_have_accessible_description(re.compile("^Use at least 12 characters"))
    expect(password).to_be_focused()
    assert password.get_attribute("aria-invalid") == "true"
    password.fill(PASSWORD)
    assert password.get_attribute("aria-invalid") is None
    page.keyboard.press("Enter")
    page.locator(".frame").wait_for()
    expect(page.locator(".key-hint")).to_contain_text("<img src=x")
    assert page.evaluate("window.pwned") is None
    assert not [url for url in asked if token in url]
    assert token not in page.url
    assert page.evaluate("document.cookie") == ""


def test_signing_in_and_out(server: Server, page: Page) -> None:
    """Wrong is said in words; the address survives; signed out, the tab shows nothing and asks again, also after a reload."""
    person = owner(server)
    page.goto(f"{server.url}/desk#/account")
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text("The e-mail address or the password is wrong.")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Account", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Account", exact=True)).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("E-mail address")).to_be_focused()
    page.reload()
    expect(page.get_by_label("Password")).to_be_visible()
    page.get_by_role("button", name="Use an API key instead").click()
    expect(page.get_by_label("API key")).to_be_focused()


def test_an_ended_session_leads_out_of_a_dialog(server: Server, page: Page) -> None:
    """What is sent from a dialog after the session was ended leads to the sign-in page as well."""
    person = invited(server, "in a dialog", "member")
    sign_in(page, server, person.email, "#/investigations")
    page.get_by_role("button", name="New investigation").click()
    page.get_by_label("Ticket number").fill("1")
    page.get_by_label("Title").fill("T")
    person.post("/account/sessions/end")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Password")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("Your session is over")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_server_that_is_away_signs_nobody_out(server: Server, page: Page) -> None:
    """Where the server cannot say who is signed in, the desk says so and goes on once it can; nobody signs in again."""
    person = invited(server, "patient", "viewer")
    sign_in(page, server, person.email)
    page.route("**/api/v1/account?*", lambda route: route.fulfill(status=502))
    page.reload()
    expect(page.get_by_role("heading", name="The desk could not begin")).to_be_visible()
    page.unroute_all()
    expect(page.get_by_role("heading", name="Sessions", exact=True)).to_be_visible()


def test_the_only_workspace_is_named(server: Server, page: Page) -> None:
    """Who belongs to one workspace reads its name in the frame, on a phone too, and has nothing to choose."""
    person = invited(server, "the only one", "viewer")
    sign_in(page, server, person.email)
    for width in (1360, 360):
        page.set_viewport_size({"width": width, "height": 740})
        expect(page.locator(".side").get_by_text("the only one")).to_be_visible()
    expect(page.get_by_role("combobox", name="Workspace")).to_have_count(0)


def test_what_is_wrong_is_said_beside_its_field(server: Server, page: Page) -> None:
    """In the form's words, not by the API's names; the first wrong field has the focus; what belongs to none stands apart."""
    boss = owner(server)
    server.catalog.create_workspace("wrong")
    sign_in(page, server, boss.email)
    page.get_by_label("Workspace", exact=True).select_option(label="wrong")
    page.goto(f"{server.url}/desk#/account")
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_label("New password").fill("short")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_label("New password")).to_have_accessible_description(re.compile("^Use at least 12 characters"))
    expect(page.get_by_label("New password")).to_be_focused()
    expect(page.get_by_label("Current password")).to_have_accessible_description("")
    expect(page.locator(".panel").filter(has_text="New password")).not_to_contain_text("new_password")
    assert barriers(page) == []

    page.goto(f"{server.url}/desk#/investigations")
    page.get_by_role("button", name="New investigation").click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_label("Title").fill("T")
    sheet.get_by_role("button", name="Open it").click()
    expect(sheet.get_by_label("Ticket number")).to_have_accessible_description("Fill this in.")
    expect(sheet.get_by_label("Ticket number")).to_be_focused()
    page.keyboard.press("Escape")

    page.goto(f"{server.url}/desk#/settings/keys")
    page.get_by_label("ingest").uncheck()
    page.get_by_label("read: ").uncheck()
    page.get_by_role("button", name="Create key").click()
    expect(page.get_by_role("alert").filter(has_text="Choose at least one.")).to_be_visible()


def test_an_ended_session_asks_again(server: Server, page: Page) -> None:
    """Removed elsewhere, the next click leads to the sign-in page."""
    person, boss = invited(server, "ending", "admin"), owner(server)
    boss.workspace = "ending"
    sign_in(page, server, person.email)
    member_id = person.get("/account").json()["data"]["id"]
    assert boss.post(f"/members/{member_id}/remove").status_code == 200
    page.get_by_role("button", name="Refresh").click()
    expect(page.get_by_role("alert")).to_contain_text("Your session is over")


def test_workspaces_keys_and_members(server: Server, page: Page, context: BrowserContext) -> None:
    """The owner makes a workspace, a key that is shown once and works, and invites somebody who joins; all is taken back."""
    boss = owner(server)
    sign_in(page, server, boss.email, "#/settings/workspaces")
    page.get_by_label("Name", exact=True).fill("shop <b>")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_label("Workspace", exact=True)).to_contain_text("shop <b>")
    page.get_by_role("navigation", name="Settings").get_by_role("link", name="API keys").click()
    page.get_by_label("Label").fill("web shop")
    page.get_by_role("button", name="Create key").click()
    secret = page.locator(".secret").inner_text()
    (key,) = re.findall(r"imk_[\w-]{43}", secret)
    assert server.with_key(key).send().status_code == 202
    page.reload()
    expect(page.get_by_role("row", name="web shop")).to_be_visible()
    assert key not in page.content()
    revoke = page.get_by_role("button", name="Revoke: web shop")
    revoke.click()
    page.get_by_role("button", name="Really revoke: web shop?").click()
    expect(page.get_by_role("row", name="web shop")).to_contain_text("revoked")
    assert server.with_key(key).send().status_code == 401

    page.get_by_role("navigation", name="Settings").get_by_role("link", name="Members").click()
    page.get_by_label("E-mail address", exact=True).fill("grace@example.com")
    page.get_by_label("Role", exact=True).select_option("admin")
    page.get_by_role("button", name="Invite").click()
    (link,) = re.findall(r"http\S+", page.locator(".secret").inner_text())
    other = context.browser.new_context() if context.browser else context
    theirs = other.new_page()
    theirs.goto(link)
    theirs.get_by_label("Name").fill("Grace")
    theirs.get_by_label("Password").fill(PASSWORD)
    theirs.get_by_role("button", name="Join").click()
    expect(theirs.get_by_role("navigation", name="Desk").get_by_role("link", name="Settings")).to_be_visible()
    page.reload()
    role = page.get_by_label("Role of grace@example.com")
    expect(role).to_have_value("admin")
    role.select_option("viewer")
    expect(page.get_by_role("status").filter(has_text="Changed")).to_be_attached()
    theirs.get_by_role("navigation", name="Desk").get_by_role("link", name="Settings").click()
    expect(theirs.get_by_label("E-mail address")).to_be_visible()
    page.get_by_role("button", name="Remove: grace@example.com").click()
    page.get_by_role("button", name="Really remove: grace@example.com?").click()
    expect(page.get_by_role("row", name="grace@example.com")).to_have_count(0)
    other.close()


def test_the_second_factor(server: Server, page: Page) -> None:
    """Set up with the QR code's secret, asked for at the next sign-in; each code works once; removed by a recovery code."""
    person = invited(server, "careful", "viewer")
    sign_in(page, server, person.email, "#/account")
    panel = page.locator(".panel").filter(has_text="Second factor")
    panel.get_by_label("Password").fill(PASSWORD)
    panel.get_by_role("button", name="Set up").click()
    image = panel.get_by_role("img", name="QR code")
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
    (secret,) = re.findall("[A-Z2-7]{32}", panel.locator(".secret").inner_text())
    assert len(base64.b32decode(secret)) == 20
    used = pyotp.TOTP(secret).now()
    panel.get_by_label("Code").fill(used)
    panel.get_by_role("button", name="Confirm").click()
    expect(panel.locator(".codes li")).to_have_count(10)
    codes = panel.locator(".codes li").all_inner_texts()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Code")).to_be_focused()
    page.keyboard.type(codes[0])
    page.keyboard.press("Enter")
    page.locator(".frame").wait_for()
    for code in (used, codes[0], "000000", "12345", "-"):  # the first confirmed it, the second signed in above
        assert Person(server, person.email).sign_in(code=code).status_code == 401
    fresh = Person(server, person.email)
    assert fresh.sign_in(code=pyotp.TOTP(secret).at(int(time.time()) + 30)).status_code == 200
    assert fresh.sign_in(code=codes[1].upper().replace("-", " ")).status_code == 200
    page.goto(f"{server.url}/desk#/account")
    panel.get_by_label("Password").fill(PASSWORD)
    panel.get_by_label("Code, or a recovery code").fill(codes[0])
    panel.get_by_role("button", name="Remove the second factor").click()
    expect(panel.get_by_role("alert")).to_contain_text("was used before")
    panel.get_by_label("Code, or a recovery code").fill(codes[2])
    panel.get_by_role("button", name="Remove the second factor").click()
    expect(panel.get_by_role("button", name="Set up")).to_be_visible()
    assert Person(server, person.email).sign_in().json()["data"]["is_signed_in"]


def test_another_sites_page_cannot_act(server: Server, page: Page) -> None:
    """A page of another origin, in the browser that is signed in, neither signs in nor does anything with the session."""
    boss = owner(server)
    sign_in(page, server, boss.email)
    before = len(boss.get("/account/sessions").json()["data"])

    class Evil(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(b"<form method=post enctype=text/plain><input name='{}'></form>")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Evil) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        evil = page.context.new_page()
        evil.goto(f"http://127.0.0.1:{site.server_port}/")
        tried = evil.evaluate(
            """async (url) => {
              const told = [];
              for (const headers of [{}, {"Immutable-Desk": "1"}, {"Content-Type": "text/plain"}])
                for (const mode of ["cors", "no-cors"])
                  try {
                    const answer = await fetch(url, {method: "POST", credentials: "include", mode, headers, body: "{}"});
                    told.push(answer.status);
                  } catch { told.push("refused"); }
              return told;
            }""",
            f"{server.url}/api/v1/account/sessions/end",
        )
        with evil.expect_response(lambda answer: "sessions/end" in answer.url) as answered:
            evil.evaluate("url => { const form = document.forms[0]; form.action = url; form.submit(); }",
                          f"{server.url}/api/v1/account/sessions/end")  # fmt: skip
        assert (
            answered.value.status == 401
        )  # SameSite does not keep it here, ports being one site; the missing header does
        site.shutdown()
    assert set(tried) <= {"refused", 0}
    assert len(boss.get("/account/sessions").json()["data"]) == before
    page.reload()
    page.locator(".frame").wait_for()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_view_can_be_read_and_fits(server: Server, page: Page, theme: str) -> None:
    """Account and settings have enough contrast in both themes, and no window from a phone on scrolls sideways."""
    boss = owner(server)
    server.catalog.create_workspace("views")
    boss.workspace = "views"
    boss.post("/keys", {"name": HOSTILE})
    boss.post("/invitations", {"email": f"{'long' * 15}@example.com"})
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    sign_in(page, server, boss.email)
    page.get_by_label("Workspace", exact=True).select_option(label="views")
    parts = ("keys", "members", "destructive", "links", "privacy", "workspaces")
    for view in ("account", *(f"settings/{part}" for part in parts)):
        visit(page, f"/{view}")
        page.locator(".panel").first.wait_for()
        found = page.evaluate(FAINT_TEXTS)
        assert found["checked"] > 5
        assert found["faint"] == []
        assert barriers(page) == []
        for width in (320, 360, 860, 1920):
            page.set_viewport_size({"width": width, "height": 740})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (view, width)
            assert page.evaluate(SCROLLED_SIDEWAYS) == [], (view, width)
    unlabelled = "inputs => inputs.filter(one => !one.labels?.length && !one.getAttribute('aria-label')).length"
    assert page.locator("input, select").evaluate_all(unlabelled) == 0
