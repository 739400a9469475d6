"""The evidence pack in a browser: the desk's button, and its report opened from a disk without a network."""

import zipfile
from pathlib import Path

from playwright.sync_api import Browser, expect

from immutable_verify import pack


def test_the_button_downloads_a_pack_whose_report_opens_offline(sign_in, browser: Browser, tmp_path: Path) -> None:
    """One click gives a file that holds together; its page asks nobody for anything, runs nothing, and tells the story."""
    page = sign_in("/sessions/sess_a8f3c2d1")
    page.locator(".step").first.wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="Evidence").click()
    assert download.value.suggested_filename == "evidence-sess_a8f3c2d1.zip"
    file = tmp_path / "case.zip"
    download.value.save_as(file)
    assert "Its 7 events" in pack.check(file.read_bytes(), []).established[1]
    with zipfile.ZipFile(file) as archive:
        archive.extract("report.html", tmp_path)

    context = browser.new_context(offline=True)
    report = context.new_page()
    asked: list[str] = []
    problems: list[str] = []
    report.on("request", lambda request: asked.append(request.url))
    report.on("console", lambda said: problems.append(said.text))
    address = (tmp_path / "report.html").as_uri()
    report.goto(address)
    expect(report.locator("li.destructive").first).to_contain_text("moved the document “Q3 Budget Report” to trash")
    expect(report.locator("tr.destructive")).to_have_count(2)
    assert report.locator("h1").inner_text() == "session sess_a8f3c2d1"
    assert (
        report.locator("tr.destructive").first.evaluate("one => getComputedStyle(one).backgroundColor")
        != "rgba(0, 0, 0, 0)"
    )
    assert (asked, problems) == ([address], [])
    context.close()
