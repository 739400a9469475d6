"""The page that checks a pack, opened from disk in a real browser: no server, no network, the same verdicts."""

import base64
import contextlib
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.verifier.mutations import mutated, unsealed
from tests.verifier.test_stamp import anchored as stamped_pack
from tests.web.conftest import BROWSERS, FLAGS

from immutable_verify import note, pack
from immutable_verify.findings import Refused

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "verifier" / "web" / "verify.html"
EVIDENCE = ROOT / "conformance" / "evidence"
PACKS = sorted(EVIDENCE.glob("*.zip"))
KEYS = json.loads((EVIDENCE / "keys.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium for this module."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert found is not None, "No browser is installed: tools/test-tools installs one."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS.split())
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """The page, offline; no script may fail and nothing but the file itself may be asked for."""
    context = browser.new_context(offline=True)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text))
    page.on("request", lambda asked: problems.append(asked.url) if asked.url != PAGE.as_uri() else None)
    page.goto(PAGE.as_uri())
    yield page
    context.close()
    assert problems == []


def verdict(page: Page, name: str, data: bytes) -> str:
    """What the page says of a pack."""
    page.set_input_files("#file", {"name": name, "mimeType": "application/zip", "buffer": data})
    # Not wait_for_function: polling, it evaluates text, which the policy of the page forbids.
    expect(page.locator("#verdict h2")).to_have_text(
        re.compile("^(Verifies|Does not verify|Holds together|Cannot be checked)")
    )
    return page.inner_text("#verdict")


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.name)
def test_the_page_judges_a_pack_as_its_name_says(page: Page, path: Path) -> None:
    """Each example gets the verdict of its name, with the auditor's keys; without them, a sound one is not called verified."""
    data = path.read_bytes()
    without = verdict(page, path.name, data)
    page.reload()
    page.fill("#key", KEYS["log"])
    page.fill("#witness", KEYS["witness"])
    said = verdict(page, path.name, data)
    if path.name.startswith("sound-"):
        assert said.startswith("Verifies")
        assert "Events witnessed: 101 to 110." in said
        assert "erased, on the record of the log: 102 to 103" in said or path.name != "sound-erased.zip"
        assert "withheld by whoever made the pack: 105 to 106" in said or path.name != "sound-withheld.zip"
        assert without.startswith("Holds together, but not checked with a key you gave")
    else:
        assert said.startswith("Does not verify")


def test_a_key_that_is_entered_afterwards_checks_the_pack_again(page: Page) -> None:
    """Who dropped the pack first and is asked for a key need not choose the same file again, which no browser would tell."""
    assert verdict(page, "pack.zip", (EVIDENCE / "sound-session.zip").read_bytes()).startswith("Holds together")
    for field in ("key", "witness"):
        page.fill(f"#{field}", KEYS["log" if field == "key" else field])
        page.locator(f"#{field}").blur()
    expect(page.locator("#verdict")).to_contain_text("Events witnessed: 101 to 110.")
    assert page.inner_text("#verdict").startswith("Verifies")


def test_the_verdict_is_that_of_the_file_that_was_chosen_last(page: Page) -> None:
    """A file that takes long to read, and is done after the next one, is not taken for what stands there."""
    page.evaluate("""() => {
      window.slow = checkFile({ name: "slow.zip", arrayBuffer: () => new Promise((read) => (window.read = read)) });
    }""")
    verdict(page, "pack.zip", (EVIDENCE / "sound-session.zip").read_bytes())
    page.evaluate("async () => { window.read(new ArrayBuffer(8)); await slow; }")
    assert page.inner_text("#verdict").startswith("Holds together")


def test_the_page_notices_a_change_of_any_byte(page: Page) -> None:
    """Whichever byte of a pack is changed, the page does not call it verified."""
    data = (EVIDENCE / "sound-erased.zip").read_bytes()
    page.fill("#key", KEYS["log"])
    page.fill("#witness", KEYS["witness"])
    accepted = page.evaluate(
        """async ([list, every]) => {
          const data = Uint8Array.from(list), accepted = [];
          const logs = await keysIn("key", LOG), witnesses = await keysIn("witness", WITNESS);
          for (let at = 0; at < data.length; at += every) {
            const changed = data.slice();
            changed[at] ^= 1 << at % 8;
            try { await checkPack(changed, logs, witnesses); accepted.push(at); }
            catch (error) { if (!(error instanceof Refused)) accepted.push(`${at}: ${error}`); }
          }
          await checkPack(data, logs, witnesses);
          return accepted;
        }""",
        [list(data), 13],
    )
    assert accepted == []


def test_the_page_and_the_command_judge_every_change_alike(page: Page, authority: Path) -> None:
    """Packs that the log's own key signed, with something odd in them: both say the same, word for word where it verifies."""
    anchored = {name: data for name, data in unsealed(stamped_pack(authority, 105)).items() if "manifest" not in name}
    cases = list(mutated(300, anchored))
    trusted = [note.parse_key(KEYS["log"], note.LOG), note.parse_key(KEYS["witness"], note.WITNESS)]
    page.fill("#key", KEYS["log"])
    page.fill("#witness", KEYS["witness"])
    told = page.evaluate(
        """async (packs) => {
          const logs = await keysIn("key", LOG), witnesses = await keysIn("witness", WITNESS), told = [];
          for (const one of packs) {
            const data = Uint8Array.from(atob(one), (letter) => letter.charCodeAt(0));
            try { const { established, open } = await checkPack(data, logs, witnesses); told.push([established, open]); }
            catch (error) { told.push(error instanceof Refused ? null : String(error)); }
          }
          return told;
        }""",
        [base64.b64encode(data).decode() for _, data in cases],
    )
    for (name, data), theirs in zip(cases, told, strict=True):
        ours = None
        with contextlib.suppress(Refused):
            findings = pack.check(data, trusted)
            ours = [findings.established, findings.not_established]
        assert ours == theirs, name
    assert 20 < told.count(None) < 280


def test_the_page_shows_what_a_stranger_wrote_as_text(page: Page) -> None:
    """A file with markup for a name, and one that is no pack, end in a plain verdict."""
    said = verdict(page, "<img src=x onerror=alert(1)>.zip", b"PK\x03\x04" + bytes(26) + b"<script>")
    assert said.startswith("Does not verify")
    assert page.locator("#verdict img").count() == 0


@pytest.mark.parametrize(
    "lacks",
    [
        "crypto.subtle.importKey = () => Promise.reject(new DOMException('', 'NotSupportedError'))",
        "Object.defineProperty(crypto, 'subtle', { value: undefined })",
        "delete String.prototype.isWellFormed",
    ],
    ids=["ed25519", "cryptography", "newer-methods"],
)
def test_a_browser_that_cannot_check_says_so_and_judges_nothing(page: Page, lacks: str) -> None:
    """Where a browser lacks what the check needs, a sound pack is not called bad, nor an altered one good; a way on is named."""
    page.add_init_script(lacks)
    page.reload()
    page.fill("#key", KEYS["log"])
    for name in ("sound-session.zip", "broken-event-edited.zip"):
        said = verdict(page, name, (EVIDENCE / name).read_bytes())
        assert said.startswith("Cannot be checked here\n\nT")
        assert "Use a newer browser" in said or "over HTTPS" in said


def test_where_no_script_runs_the_page_says_so(browser: Browser, page: Page) -> None:
    """Without scripts, or in a browser that does not read them, it is told that nothing is checked; otherwise it is not there."""
    told = page.get_by_text("This browser cannot check a pack")
    assert told.count() == 0
    context = browser.new_context(java_script_enabled=False)
    without = context.new_page()
    without.goto(PAGE.as_uri())
    assert without.get_by_text("This browser cannot check a pack").is_visible()
    context.close()


def test_the_policy_of_the_page_forbids_every_request(browser: Browser) -> None:
    """Even a script in the page could reach no host."""
    page = browser.new_page()
    page.goto(PAGE.as_uri())
    assert "default-src 'none'" in PAGE.read_text("utf-8")
    assert page.evaluate("fetch('http://127.0.0.1:9/').then(() => 'sent', error => error.name)") == "TypeError"
    page.close()
