"""The desk in a real browser on a large log: first useful paint, every interaction, and what a first visit weighs.

python -m benchmarks.desk [--events 1000000] [--database URL of a log that is filled already]

Of each interaction three times are told: until its outcome is on screen; of that, while a request was under way; and
the longest task that held up the browser meanwhile, which is what the desk itself is to blame for. Needs Chromium and Playwright.
"""

import argparse
import shutil
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

import httpx2
from playwright.sync_api import Page, sync_playwright

from benchmarks import ours, workload
from immutable.api.render import event
from immutable.store.open import open_store

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_WATCH = """
sessionStorage.setItem("immutable.key", KEY);
window.tasks = [];
new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map((one) => [one.startTime, one.duration])))
  .observe({ type: "longtask", buffered: true });
"""
_SERVER = """since => {
  const spans = performance.getEntriesByType("resource")
    .filter((one) => one.name.includes("/api/") && one.responseEnd > since && one.startTime < performance.now())
    .map((one) => [Math.max(one.startTime, since), one.responseEnd]).sort((a, b) => a[0] - b[0]);
  let total = 0, end = since;
  for (const [from, to] of spans) { total += Math.max(0, to - Math.max(from, end)); end = Math.max(end, to); }
  return total;
}"""
_LONGEST = "since => Math.max(0, ...window.tasks.filter(([at]) => at >= since).map(([, duration]) => duration))"

LONG_SESSION = 500

Step = tuple[str, Callable[[Page], None], str]
"""What is done, how, and the selector of what shows that it is done."""


def measure(url: str, key: str, case: dict[str, str], repeats: int) -> dict[str, list[tuple[float, float, float]]]:
    """Of each step, (total, server, longest task) in milliseconds, once per repeat."""
    browser_path = next(filter(None, map(shutil.which, _BROWSERS)))
    told: dict[str, list[tuple[float, float, float]]] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
        for _ in range(repeats):
            context = browser.new_context(viewport={"width": 1360, "height": 900})
            context.add_init_script(_WATCH.replace("KEY", repr(key)))
            page = context.new_page()
            page.goto(f"{url}/desk")
            page.locator(".row").first.wait_for()
            now = page.evaluate("performance.now()")
            told.setdefault("first useful paint, nothing cached", []).append(
                (now, page.evaluate(_SERVER, 0), page.evaluate(_LONGEST, 0))
            )
            weight = page.evaluate(
                "performance.getEntriesByType('resource').filter((one) => !one.name.includes('/api/'))"
                ".reduce((sum, one) => sum + one.transferSize, 0)"
            )
            for name, act, outcome in _steps(case):
                since = page.evaluate("performance.now()")
                act(page)
                page.locator(outcome).first.wait_for()
                page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
                total = page.evaluate("performance.now()") - since
                told.setdefault(name, []).append((total, page.evaluate(_SERVER, since), page.evaluate(_LONGEST, since)))
            context.close()
            print(f"page weight: {weight / 1000:.0f} KB on the wire")
        browser.close()
    return told


def _steps(case: dict[str, str]) -> list[Step]:
    def type_into_search(text: str) -> Callable[[Page], None]:
        def act(page: Page) -> None:
            page.keyboard.press("/")
            # Nobody types before the page that they asked for is there.
            page.locator("[role=combobox]:focus").wait_for()
            page.keyboard.insert_text(text)

        return act

    def press(key: str) -> Callable[[Page], None]:
        return lambda page: page.keyboard.press(key)

    def open_view(view: str) -> Callable[[Page], None]:
        return lambda page: page.evaluate(f"location.hash = {view!r}")

    found = "[role=group]:has(.choice-text) [role=option]"
    return [
        ("search: an actor's id", type_into_search(case["actor_id"]), found),
        ("filter by that actor", press("Enter"), ".chip ~ input, .sessions[aria-busy=false] .row"),
        ("open a session", lambda page: page.locator(".row").first.click(), ".step"),
        ("unfold a step", lambda page: page.locator(".unfold").first.click(), ".details:not([hidden])"),
        ("tell it in words", press("w"), ".sentences li"),
        (f"a session of {LONG_SESSION} steps", open_view("#/sessions/long"), ".story .step"),
        ("its steps by resource", press("g"), ".by-resource li"),
        ("its timeline again", press("g"), ".story .step"),
        ("search: a document's name", type_into_search(case["resource_name"]), found),
        ("a document's history", open_view(case["resource"]), ".step"),
        ("search: a common word", type_into_search(workload.COMMON_WORD), found),
        ("back to all sessions", open_view("#/sessions"), ".histogram .bar"),
        ("live", open_view("#/live"), ".event-row"),
        ("proof", open_view("#/proof"), ".proof-card .big"),
    ]


def _append_long_session(url: str, key: str) -> None:
    """The longest that the desk reads at once; the log of a run before has it already."""
    for start in range(0, LONG_SESSION, 100):
        events = [
            {
                "actor_id": "user_long", "actor_name": "Noor Long", "session_id": "long", "action": "document.edited",
                "resource": {"type": "document", "id": f"doc_long_{number % 40}", "name": f"Draft {number % 40}"},
                "metadata": {"view": "editor", "cells": number}, "idempotency_key": f"long-{number}",
            }
            for number in range(start, start + 100)
        ]  # fmt: skip
        headers = {"Authorization": f"Bearer {key}"}
        httpx2.post(f"{url}/api/v1/events/batch", json={"events": events}, headers=headers).raise_for_status()


def main() -> None:
    """Fill a log unless one is named, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--database")
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.database or ours.sqlite_url(Path(folder))
        store = open_store(url) if given.database else ours.fill(url, given.events, lambda _: None)
        workspace = store.catalog.workspace(ours.WORKSPACE)
        assert workspace is not None
        head = store.head(workspace).seq
        shown = event(next(store.entries(workspace, head // 2, head // 2)))
        store.close()
        case = {
            "actor_id": shown["actor_id"],
            "resource_name": shown["resource_name"],
            "resource": f"#/resources/{shown['resource']['type']}/{shown['resource']['id']}",
        }
        with ours.running(url) as server:
            _append_long_session(server.base_url, server.key)
            told = measure(server.base_url, server.key, case, given.repeats)
    print(
        f"{head:,} events; median of {given.repeats}, milliseconds: until shown, of that the server, longest task of ours"
    )
    for name, runs in told.items():
        until, server_ms, longest = (statistics.median(run[at] for run in runs) for at in range(3))
        print(f"{name:36} {until:7.0f} {server_ms:7.0f} {longest:7.0f}")


if __name__ == "__main__":
    main()
