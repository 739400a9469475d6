"""The demo's data: the ticket as it is written down, and the others, who must not be mistaken for it."""

from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest

from immutable import clock, demo
from immutable.api.decode import Decoder
from immutable.demo import background, ticket_4821
from immutable.demo.places import CITIES, write_mmdb
from immutable.geo.locate import Locator
from immutable.sessions.destructive import DestructiveRule
from immutable.settings import Settings

DESTRUCTIVE = DestructiveRule(Settings().destructive_actions)


@pytest.fixture(scope="module")
def everything() -> list[dict[str, Any]]:
    """All events of the demo, at its full size."""
    return list(demo.events())


def _session(session_id: str) -> list[dict[str, Any]]:
    return [event for event in ticket_4821.events() if event["session_id"] == session_id]


def test_her_newest_session_is_the_ticket() -> None:
    """She worked on the report, saved it, went to its folder, threw it away, emptied the trash, and looked for it."""
    steps = [
        (event["occurred_at"][11:19], event["action"], event.get("resource_name"))
        for event in _session("sess_a8f3c2d1")
    ]
    document = "Q3 Budget Report"
    assert steps == [
        ("16:41:07", "document.viewed", document),
        ("16:43:32", "document.edited", document),
        ("16:48:19", "document.edited", document),
        ("16:51:40", "document.saved", document),
        ("16:52:36", "folder.opened", "Finance Team"),
        ("16:53:11", "document.moved_to_trash", document),
        ("16:53:18", "trash.emptied", "Trash"),
        ("16:55:21", "document.searched", None),
    ]


def test_every_event_of_it_says_where_it_happened() -> None:
    """The address is in Portland, and the metadata names the place in the interface."""
    assert all(event["metadata"]["page"] for event in _session("sess_a8f3c2d1"))
    assert {event["ip_address"] for event in _session("sess_a8f3c2d1")} == {CITIES[0].address(7)}


def test_her_older_sessions_destroy_nothing(everything: list[dict[str, Any]]) -> None:
    """Three sessions are hers; only the newest has destructive steps."""
    hers = [event for event in everything if event["actor_id"] == "user_4f2a8c"]
    newest_first = list(dict.fromkeys(event["session_id"] for event in reversed(hers)))
    assert newest_first == ["sess_a8f3c2d1", "sess_7e4b9f2a", "sess_1c6d8e3f"]
    destructive = Counter(event["session_id"] for event in hers if DESTRUCTIVE.covers(event["action"]))
    assert destructive == {"sess_a8f3c2d1": 2}
    assert len(hers) <= 50  # so that one request of the support engineer's shows all three sessions


def test_others_work_on_the_document_in_the_same_hour(everything: list[dict[str, Any]]) -> None:
    """Colleagues touch the document around the time, and none of them destroys it."""
    others = [
        event
        for event in everything
        if event.get("resource_id") == "doc_8f3a2c1d"
        and event["actor_id"] != "user_4f2a8c"
        and "2026-03-27T16:00" <= event["occurred_at"] <= "2026-03-27T17:15"
    ]
    assert len({event["actor_id"] for event in others}) == 3
    assert not any(DESTRUCTIVE.covers(event["action"]) for event in others)


def test_finding_her_session_is_work(everything: list[dict[str, Any]]) -> None:
    """Among tens of thousands of events, hundreds of others are destructive too, and hundreds happen in the same hour."""
    assert len(everything) == 50_000 + len(list(ticket_4821.events()))
    assert sum(DESTRUCTIVE.covers(event["action"]) for event in everything) > 500
    assert sum("2026-03-27T16:" in event["occurred_at"] for event in everything) > 300
    assert any("session_id" not in event for event in everything)


def test_events_come_in_order_and_are_always_the_same(everything: list[dict[str, Any]]) -> None:
    """Nothing happens after the ticket came in, and the seed decides everything else."""
    times = [clock.from_text(event["occurred_at"]) for event in everything]
    assert times == sorted(times)
    assert times[-1] <= clock.from_text(ticket_4821.REPORTED_AT)
    assert list(background.events(3_000)) == list(background.events(3_000))


def test_every_event_is_valid_and_has_a_key_of_its_own(everything: list[dict[str, Any]], tmp_path: Path) -> None:
    """The API takes each as it is, and the demo's own MMDB knows the city of each address."""
    write_mmdb(tmp_path / "places.mmdb")
    decoder = Decoder(Locator(str(tmp_path / "places.mmdb")).locate, 100)
    drafts = [decoder.event(msgspec.json.encode(event), None) for event in everything]
    assert len({draft.idempotency_key for draft in drafts}) == len(drafts)
    assert {(draft.ip_city, draft.ip_country) for draft in drafts} == {(city.name, city.country) for city in CITIES}
    hers = {(draft.ip_city, draft.ip_country) for draft in drafts if draft.actor_id == "user_4f2a8c"}
    assert hers == {("Portland", "US")}
