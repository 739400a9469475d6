"""A session in plain words, and the answer to the customer, in the desk."""

from playwright.sync_api import expect
from tests.web.conftest import barriers, copied


def test_the_story_is_told_and_each_sentence_leads_to_its_event(sign_in):
    """`w` tells the session; a number leads to the step; another's event leads into the other's session."""
    page = sign_in("/sessions/sess_a8f3c2d1")
    page.locator(".step").first.wait_for()
    page.keyboard.press("w")
    trashed = page.locator(".sentences .destructive").first
    expect(trashed).to_contain_text("moved the document “Q3 Budget Report” to trash")
    page.get_by_label("Times in").select_option("America/Los_Angeles")
    expect(trashed).to_contain_text("09:53:11")
    assert barriers(page) == []
    others = page.locator(".letter-text p").filter(has_text="Others who touched").get_by_role("link").first
    assert "sess_0d1e2f3a" in others.get_attribute("href")
    trashed.get_by_role("link").click()
    expect(page.locator(".step[data-action='document.moved_to_trash']")).to_be_focused()


def test_the_answer_can_be_copied(sign_in, context, page):
    """Whole, as plain text; and the address of the view can be sent to a colleague."""
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 360, "height": 800})
    sign_in("/sessions/sess_a8f3c2d1?view=words")
    page.get_by_role("button", name="Copy the answer").click()
    copied(page)
    text = page.evaluate("navigator.clipboard.readText()")
    assert text.startswith("Hello Lisa,\n\nwe looked at what happened to Q3 Budget Report")
    assert "\n  16:53:18  emptied the trash" in text
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_hostile_session_is_told_as_text(sign_in):
    """Names and actions that are markup stay text in every sentence."""
    page = sign_in("/sessions?actor=user_%3Cb%3E")
    page.locator(".row").click()
    page.locator(".step").first.wait_for()
    page.keyboard.press("w")
    expect(page.locator(".sentences li").first).to_contain_text("<script>window.pwned=1</script>⟨U+202E⟩")
    assert page.evaluate("window.pwned") is None
    assert page.evaluate("document.querySelectorAll('main script, main img, main iframe').length") == 0


def test_steps_are_grouped_by_resource(sign_in, page):
    """`g` puts each thing's steps together, also where it was a mere target; a step leads back into the timeline."""
    sign_in("/sessions/sess_a8f3c2d1").locator(".step").first.wait_for()
    page.keyboard.press("g")
    groups = page.locator(".by-resource section")
    expect(groups).to_contain_text(
        ["Q3 Budget Reportdocument5 events", "Finance Teamfolder2 events", "Trashtrash1 event"]
    )
    assert barriers(page) == []
    page.reload()
    groups.first.locator("li.destructive").get_by_role("button", name="Trash emptied").click()
    expect(page.locator(".step[data-action='trash.emptied']")).to_be_focused()
