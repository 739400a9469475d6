"""Beside a session: lanes of what went on at the same time, and marks of what stands out in it."""

import uuid

import httpx2
import pytest
from playwright.sync_api import expect
from tests.web.conftest import CHROME, FIREFOX, Desk, barriers

from immutable.accounts.api_key import create_key
from immutable.store.open import open_catalog


@pytest.fixture
def beside(desk):
    """A workspace of its own: Ann in two sessions, from two devices and countries; Bob on the same document."""
    catalog = open_catalog(f"sqlite:///{desk.database}")
    key, _ = create_key(catalog, catalog.create_workspace(f"beside-{uuid.uuid4().hex}"), "test", ("ingest", "read"))
    catalog.close()
    plan = {"resource": {"type": "document", "id": "d1", "name": "Plan"}, "action": "document.viewed"}
    ann = {"actor_id": "ann", "actor_name": "Ann", **plan}
    portland = {"ip_address": "67.170.12.84", "user_agent": CHROME}
    leeds = {"ip_address": "81.2.69.160", "user_agent": FIREFOX}
    events = [
        {**ann, **portland, "session_id": "main", "occurred_at": "2026-03-27T16:00:00Z"},
        {**ann, **leeds, "session_id": "main", "occurred_at": "2026-03-27T16:02:00Z"},
        {**ann, **portland, "session_id": "phone", "occurred_at": "2026-03-27T16:01:00Z"},
        {**plan, "actor_id": "bob", "actor_name": "Bob", "session_id": "bobs", "occurred_at": "2026-03-27T16:30:00Z"},
    ]
    headers = {"Authorization": f"Bearer {key}"}
    assert (
        httpx2.post(f"{desk.url}/api/v1/events/batch", json={"events": events}, headers=headers, timeout=60).status_code
        == 202
    )
    return Desk(desk.url, key, desk.database)


def test_lanes_and_marks(sign_in, page, beside):
    """Each lane says why it is there and leads to its session; a step with another device and country is marked."""
    sign_in("/sessions/main", beside)
    lanes = page.get_by_role("region", name="At the same time")
    expect(lanes.get_by_role("listitem")).to_contain_text(["this session", "the same actor", "on d1"])
    second = page.locator(".step").nth(1)
    expect(second.locator(".marks .badge")).to_have_text(["Other device", "Other country after 2 min"])
    expect(page.locator(".step").first.locator(".marks")).to_have_count(0)
    assert barriers(page) == []
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 360, "height": 800})
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    lanes.get_by_role("link").filter(has_text="Bob").click()
    expect(page.get_by_role("heading", name="Bob", level=1)).to_be_visible()


def test_what_was_alone_has_no_lanes(sign_in, page):
    """A session with nothing beside it shows no empty lanes."""
    sign_in("/sessions/sess_1c6d8e3f").locator(".step").first.wait_for()
    page.get_by_role("button", name="Verif").first.wait_for()
    expect(page.get_by_role("region", name="At the same time")).to_have_count(0)
