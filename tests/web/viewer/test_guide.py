"""The guide's code, run as it stands, but for the addresses."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import expect

GUIDE = (Path(__file__).parents[3] / "docs" / "guide" / "viewer.md").read_text("utf-8")
CSS = Path(__file__).parents[3] / "src" / "immutable" / "web" / "viewer" / "viewer.css"


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", GUIDE, re.DOTALL)


@pytest.fixture
def shown(page, foreign, log):
    """Opens a page of these parts of the guide; /audit-token answers the application's token."""

    def go(markup: str, script: str = "", style: str = ""):
        markup = markup.replace("https://audit.example.com", log.server.url)
        foreign.files["/guide.js"] = ("text/javascript", script)
        foreign.files["/guide.css"] = ("text/css", style)
        foreign.files["/audit-token"] = ("text/plain", log.token())
        head = '<!doctype html><html lang="en"><link rel="stylesheet" href="/guide.css"><body>'
        foreign.files["/guide"] = ("text/html", f'{head}{markup}<script src="/guide.js"></script>')
        page.goto(f"{foreign.url}/guide")
        return page

    return go


def test_the_server_asks_for_a_token(log):
    """The command answers a token that covers one customer."""
    environment = {"URL": log.server.url, "IMMUTABLE_API_KEY": log.owner.key, "PATH": "/usr/bin:/bin"}
    answer = subprocess.run(["sh", "-ec", blocks("sh")[0]], env=environment, check=True, capture_output=True).stdout
    client = log.server.with_key(json.loads(answer)["token"])
    assert client.get("/viewer/events").json()["pagination"]["total"] == 114


def test_the_component_with_looks_texts_and_new_tokens(shown, log):
    """Three lines show the log; the style sheet, the texts and the callback of the guide are in force."""
    embed, _ = blocks("html")
    refresh, _, texts = blocks("js")
    page = shown(embed.replace("TOKEN", "ended.or.wrong"), refresh + texts, blocks("css")[0])
    expect(page.get_by_role("status")).to_have_text("50 of 114 entries")
    expect(page.get_by_role("tab", name="Activity")).to_be_visible()
    expect(page.locator(".row", has_text="Put a document into the bin")).to_have_count(1)
    font = page.locator(".viewer").evaluate("(one) => getComputedStyle(one).fontFamily")
    assert font == "Georgia, serif"


def test_the_frame_with_and_without_a_token(shown, log):
    """The frame shows the log by the token in its address, and by the one that it asks for."""
    frame = blocks("html")[1]
    answers = blocks("js")[1]
    for markup in (frame.replace("TOKEN", log.token()), frame.replace("token=TOKEN&", "")):
        page = shown(markup, answers)
        expect(page.frame_locator("iframe").get_by_role("status")).to_have_text("50 of 114 events")


def test_every_variable_is_listed():
    """The guide lists each variable of the style sheet, and no other."""
    assert set(re.findall(r"--audit-log-[a-z-]*[a-z]", GUIDE)) == set(
        re.findall(r"--audit-log-[a-z-]*[a-z]", CSS.read_text())
    )
