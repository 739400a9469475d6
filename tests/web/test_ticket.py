"""Ticket #4821 from the empty search box to the evidence pack: the interactions are counted."""

from pathlib import Path

from playwright.sync_api import Page, expect
from tests.web.conftest import copied

from immutable_verify import pack

COMPLAINT = (
    "Lisa Wang: I was working on the Q3 Budget Report and it just vanished. I didn't delete it. Please recover it ASAP."
)


class Hands:
    """A person's hands: counts what they do."""

    def __init__(self, page: Page) -> None:
        self.page, self.done = page, 0

    def paste(self, text: str) -> None:
        """At once, as from a ticket."""
        self.done += 1
        self.page.keyboard.insert_text(text)

    def press(self, key: str) -> None:
        """One key."""
        self.done += 1
        self.page.keyboard.press(key)

    def click(self, name: str) -> None:
        """A button."""
        self.done += 1
        self.page.get_by_role("button", name=name).click()


def test_the_ticket_is_answered_in_at_most_five_interactions(sign_in, context, tmp_path: Path) -> None:
    """Paste the complaint, open what it finds, read it in words, copy the answer, take the evidence."""
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = sign_in()
    page.locator(".row").first.wait_for()
    page.get_by_role("combobox", name="Search").focus()
    hands = Hands(page)

    hands.paste(COMPLAINT)
    expect(page.locator("[role=option][aria-selected=true]")).to_contain_text("sess_a8f3c2d1")
    hands.press("Enter")
    expect(page.locator(".step[data-action='trash.emptied']")).to_be_visible()
    hands.press("w")
    hands.click("Copy the answer")
    copied(page)
    with page.expect_download() as download:
        hands.click("Evidence")

    assert hands.done <= 5
    assert "Q3 Budget Report" in page.evaluate("navigator.clipboard.readText()")
    download.value.save_as(tmp_path / "case.zip")
    assert "Its 7 events" in pack.check((tmp_path / "case.zip").read_bytes(), []).established[1]
