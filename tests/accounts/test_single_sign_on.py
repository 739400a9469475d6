"""Single sign-on with a real provider (oidc-provider) and a real browser; and what does not let anybody in."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect
from tests.conftest import Server, serving
from tests.people import Person, invited, owner
from tests.ports import held_port
from tests.web.conftest import PATIENCE_MS, browser, chromium  # noqa: F401 - fixtures

from immutable.accounts.single_sign_on import SignOnRefused, SingleSignOn
from immutable.checkpoints.secret import Sealer
from immutable.settings import Settings

PROVIDER = Path(__file__).parent / "provider"


class Company(NamedTuple):
    """A server, and the provider that it trusts."""

    server: Server
    issuer: str


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """A server with an owner, and a provider of one domain."""
    with ExitStack() as running:
        port = running.enter_context(held_port())  # the provider is told of it before the server listens there
        url = f"http://127.0.0.1:{port}"
        command = ["node", str(PROVIDER / "server.mjs"), f"{url}/api/v1/single-sign-on/callback"]
        provider = running.enter_context(
            subprocess.Popen(command, cwd=PROVIDER, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        )
        try:
            assert provider.stdout is not None
            issuer = provider.stdout.readline().strip()
            assert issuer, "The provider did not start: `make test` installs what it is made of."
            settings = {
                "port": port, "public_url": url, "oidc_issuer": issuer, "oidc_client_id": "immutable",
                "oidc_client_secret": "a secret: of the tests", "oidc_name": "Company", "oidc_domains": "company.example",
                "outbound_private_addresses": "true",
            }  # fmt: skip
            with serving(tmp_path_factory.mktemp("company"), settings) as server:
                owner(server)
                yield Company(server, issuer)
        finally:
            provider.terminate()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:  # noqa: F811 - a fixture
    """A browser that remembers nothing."""
    context = browser.new_context()
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


def sign_on(page: Page, company: Company, name: str) -> None:
    page.goto(f"{company.server.url}/desk")
    page.get_by_role("link", name="Sign in with Company").click()
    page.get_by_placeholder("Enter any login").fill(name)
    page.get_by_placeholder("and password").fill("anything")
    page.get_by_role("button").click()
    page.get_by_role("button", name="Continue").click()


def test_an_invited_person_is_let_in_and_known_again(company: Company, page: Page) -> None:
    """Whom the provider vouches for joins by an invitation, and is the same member at the next time, without one."""
    boss = owner(company.server)
    company.server.catalog.create_workspace("joined")
    boss.workspace = "joined"
    boss.post("/invitations", {"email": "ada@company.example", "role": "admin"})
    for _ in range(2):
        page.context.clear_cookies()
        page.goto("about:blank")
        sign_on(page, company, "ada")
        page.locator(".frame").wait_for()
        expect(page.locator(".key-hint")).to_have_text("<b>ada</b>")
    members = boss.get("/members").json()["data"]
    assert [(one["email"], one["role"]) for one in members if not one["is_owner_of_all"]] == [
        ("ada@company.example", "admin")
    ]
    assert boss.get("/invitations").json()["data"] == []
    assert Person(company.server, "ada@company.example").sign_in("anything").status_code == 401


def test_a_member_with_a_password_is_recognised_by_the_verified_address(company: Company, page: Page) -> None:
    """Single sign-on leads to the same member, with the same roles; whoever chose the password, perhaps another, is out."""
    person = invited(company.server, "desk", "viewer", "grace@company.example")
    assert person.get("/account").status_code == 200
    sign_on(page, company, "grace")
    page.locator(".frame").wait_for()
    assert person.get("/account").status_code == 401
    assert person.sign_in().status_code == 401
    catalog = company.server.catalog
    member = catalog.members.credentials("grace@company.example")
    assert member is not None
    assert [one.method for one in catalog.sign_ins.sessions(member.member.id)] == ["single_sign_on"]
    assert set(catalog.members.roles(member.member.id).values()) == {"viewer"}
    page.context.clear_cookies()
    page.goto("about:blank")
    sign_on(page, company, "grace")
    page.locator(".frame").wait_for()
    told = owner(company.server).get("/events", action="immutable.member_single_sign_on_linked").json()["data"]
    assert [one["resource"]["name"] for one in told] == ["grace@company.example"]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("stranger", "Nobody has invited you"),
        ("unverified-ada", "has not verified"),
        ("ada@elsewhere.example", "not let in"),
    ],
)
def test_who_is_not_let_in_is_told_why(company: Company, page: Page, name: str, says: str) -> None:
    """Nobody without an invitation, a verified address and an allowed domain gets in; no session is begun."""
    sign_on(page, company, name)
    expect(page.get_by_role("alert")).to_contain_text(says)
    assert [one["name"] for one in page.context.cookies() if "session" in one["name"] and one["httpOnly"]
            and one["name"].startswith("immutable-session")] == []  # fmt: skip


def test_what_a_browser_brings_must_be_what_it_was_sent_out_with(company: Company) -> None:
    """A callback without the cookie, with another state, or with another browser's cookie, signs nobody in."""
    api = company.server.url + "/api/v1"
    with (
        httpx2.Client(base_url=api, timeout=60) as one,
        httpx2.Client(base_url=api, timeout=60) as other,
        httpx2.Client(base_url=api, timeout=60) as bare,
    ):
        sent = [client.get("/single-sign-on").headers["location"] for client in (one, other)]
        states = [address.partition("&state=")[2].split("&")[0] for address in sent]
        assert states[0] != states[1]
        for client, state in ((one, states[1]), (one, ""), (one, "ж"), (bare, states[0])):
            answer = client.get("/single-sign-on/callback", params={"code": "made up", "state": state, "iss": "x"})
            assert answer.status_code == 302
            assert answer.headers["location"].endswith("#/refused/expired")
            assert "immutable-session=" not in str(answer.headers.get_list("set-cookie"))
            one.get("/single-sign-on")


def test_private_addresses_are_not_asked(company: Company) -> None:
    """Unless the operator allows it, no provider at a private address is asked."""
    settings = Settings(oidc_issuer=company.issuer, oidc_client_id="immutable", public_url=company.server.url)
    with pytest.raises(SignOnRefused, match="private address"):
        SingleSignOn(settings, lambda: Sealer("a secret of the tests alone")).begin()
