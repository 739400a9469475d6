"""Signing in with a key, and out."""

from playwright.sync_api import expect


def test_good_key_opens_the_sessions(sign_in):
    """A key that may read opens the list of sessions."""
    page = sign_in()
    expect(page.get_by_role("heading", name="Sessions", exact=True)).to_be_visible()
    expect(page.locator(".row").first).to_be_visible()


def test_wrong_key_is_refused_in_words(desk, page):
    """A key that the server does not know is refused with a sentence, and is not kept."""
    page.goto(f"{desk.url}/desk")
    page.get_by_label("API key").fill("imk_wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("This key is not valid here: it is unknown or was revoked.")
    assert page.evaluate("sessionStorage.length") == 0


def test_text_that_cannot_be_a_key_is_not_sent(desk, page):
    """What does not look like a key is refused without asking the server."""
    asked: list[str] = []
    with page.expect_response("**/api/v1/sign-in?*"):  # it asks how one may sign in here
        page.goto(f"{desk.url}/desk")
    page.on("request", lambda request: asked.append(request.url) if "/api/" in request.url else None)
    for text in ("", "hunter2", "imk_ключ", "imk_two words"):
        page.get_by_label("API key").fill(text)
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).not_to_be_empty()
    assert asked == []


def test_address_survives_the_sign_in(sign_in):
    """Who follows a link to a session and signs in, gets to that session."""
    expect(sign_in("/sessions/sess_a8f3c2d1").locator(".step")).to_have_count(7)


def test_sign_out_forgets_the_key(sign_in, page):
    """After signing out, the tab knows no key and shows nothing of the log."""
    sign_in()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("API key")).to_be_focused()
    assert page.evaluate("sessionStorage.length") == 0
    page.reload()
    expect(page.get_by_label("API key")).to_be_visible()


def test_key_is_in_no_address_and_in_no_lasting_storage(sign_in, desk, page):
    """The key stays in the tab's session storage and travels in a header only."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    sign_in("/sessions/sess_a8f3c2d1").locator(".step").first.wait_for()
    assert not [url for url in [*asked, page.url] if desk.key in url]
    assert page.evaluate("JSON.stringify(localStorage) + document.cookie").find(desk.key) == -1


def test_what_only_members_have_says_so_to_a_key(sign_in):
    """The settings and the account are there, but not for a key: the page says what to do."""
    page = sign_in("/settings")
    expect(page.get_by_role("heading", name="This page is for members")).to_be_visible()
    expect(page.get_by_text("Sign out, then sign in as a member")).to_be_visible()
