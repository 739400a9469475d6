"""The page to try the API at /docs, in a real browser against the real server."""

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect


@pytest.fixture
def docs(browser: Browser, own_desk) -> Page:
    """The page, open; it must end without a word on the console and without a request to anybody else."""
    context = browser.new_context(viewport={"width": 1000, "height": 900})
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(own_desk.url + "/docs")
    expect(page.locator("summary").first).to_be_visible()
    yield page
    context.close()
    assert said == []
    assert [url for url in asked if not url.startswith(own_desk.url)] == []


def test_every_endpoint_is_listed(docs, own_desk):
    """The page shows each path and verb of the document."""
    paths = httpx2.get(own_desk.url + "/api/v1/openapi.json", timeout=60).json()["paths"]
    wanted = [f"{verb.upper()}{path}" for path, verbs in paths.items() for verb in verbs]
    expect(docs.locator("summary")).to_have_count(len(wanted))
    shown = docs.locator("summary").all_text_contents()
    assert all(text.startswith(start) for text, start in zip(shown, wanted, strict=True))


def test_an_event_is_sent_and_found_again(docs, own_desk):
    """With a key, the example is accepted; a filter finds it; the curl command holds no key."""
    docs.get_by_label("API key").fill(own_desk.key)
    post = docs.locator("details").filter(has=docs.locator(".verb", has_text="POST")).first
    post.locator("summary").click()
    post.get_by_label("Body").first.fill('{"actor_id": "docs_page", "action": "page.tried"}')
    post.get_by_role("button", name="Send").click()
    expect(post.locator(".status")).to_contain_text("202")
    expect(post.locator(".answer")).to_contain_text("event_hash")
    expect(post.locator(".curl")).to_contain_text("-X POST")
    expect(post.locator(".curl")).to_contain_text("$IMMUTABLE_API_KEY")
    found = (
        docs.locator("details")
        .filter(has=docs.locator(".path", has_text="/api/v1/events"))
        .filter(has=docs.locator(".verb", has_text="GET"))
    )
    listing = found.first
    listing.locator("summary").click()
    listing.locator("label", has_text="actor_id").locator("input").fill("docs_page")
    listing.get_by_role("button", name="Send").click()
    expect(listing.locator(".answer")).to_contain_text("page.tried")


def test_a_refusal_is_shown_as_it_is(browser, desk):
    """Without a key, the answer is 401 and says what to do."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(desk.url + "/docs")
    verify = page.locator("details").filter(has=page.locator(".path", has_text="/api/v1/verify"))
    verify.locator("summary").click()
    verify.get_by_role("button", name="Send").click()
    expect(verify.locator(".status")).to_contain_text("401")
    expect(verify.locator(".answer")).to_contain_text("Authorization: Bearer")
    context.close()


def test_the_policy_is_the_desks(desk):
    """The page comes with the same strict policy as the desk."""
    answer = httpx2.get(desk.url + "/docs", timeout=60)
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert (
        answer.headers["content-security-policy"]
        == httpx2.get(desk.url + "/desk", timeout=60).headers["content-security-policy"]
    )
