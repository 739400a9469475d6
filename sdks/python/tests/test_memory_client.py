"""The client in memory: what an application's own tests rely on. That it answers as the server: `test_against_server.py`."""

import asyncio
from typing import Any

import pytest

from getimmutable import AsyncImmutableClient, ImmutableClient, ImmutableError
from getimmutable.testing import AsyncMemoryClient, MemoryClient


@pytest.fixture
def audit() -> MemoryClient:
    """An empty log, and Lisa's session in it."""
    client = MemoryClient()
    session = client.actor("user_1", name="Lisa Wang", type="user").session("sess_1")
    session.track("document.viewed", {"type": "document", "id": "doc_1", "name": "Q3 Budget"}, {"from": "list", "n": 1})
    session.target("folder", "fld_1").track("document.moved_to_trash", {"type": "document", "id": "doc_1"})
    return client


def test_it_can_stand_in_for_the_real_client() -> None:
    """Also where an application makes it with an address and a key."""
    assert isinstance(MemoryClient(), ImmutableClient)
    assert isinstance(AsyncMemoryClient(), AsyncImmutableClient)
    with MemoryClient("imk_test", "https://audit.example.com", timeout=2.0) as client:
        client.actor("u").track("a")
    client.assert_tracked("a")


def test_what_was_tracked_can_be_asserted(audit: MemoryClient) -> None:
    """By action, pattern and any field; a dict need only name what matters."""
    event = audit.assert_tracked("document.viewed", actor_id="user_1", metadata={"n": 1})
    assert event["resource_name"] == "Q3 Budget"
    audit.assert_tracked("document.*", times=2, session_id="sess_1", resource="document")
    audit.assert_tracked("document.viewed", resource={"id": "doc_1"}, actor={"name": "Lisa Wang"}, times=1)
    audit.assert_not_tracked("document.deleted")
    audit.assert_not_tracked("document.*", actor_id="user_2")
    assert [one["action"] for one in audit.events] == ["document.viewed", "document.moved_to_trash"]


@pytest.mark.parametrize(
    ("action", "fields", "told"),
    [
        ("document.deleted", {}, "document.deleted was not tracked"),
        ("document.viewed", {"actor_id": "user_2"}, "document.viewed actor_id='user_2' was not tracked"),
        ("document.viewed", {"metadata": {"n": 2}}, "was not tracked"),
        ("document.*", {"times": 3}, "was not tracked 3 times, but 2 times"),
        ("document.deleted", {"times": 1}, "was not tracked 1 times, but 0 times"),
    ],
)
def test_a_failed_assertion_tells_what_was_tracked(audit: MemoryClient, action: str, fields: Any, told: str) -> None:
    """So that the mistake can be seen without a debugger."""
    with pytest.raises(AssertionError) as caught:
        audit.assert_tracked(action, **fields)
    assert told in str(caught.value)
    assert "document.moved_to_trash by user_1" in str(caught.value)


def test_an_unwanted_event_fails_the_assertion(audit: MemoryClient) -> None:
    """Without arguments, any event is unwanted."""
    with pytest.raises(AssertionError, match="was tracked 1 times"):
        audit.assert_not_tracked("document.viewed")
    with pytest.raises(AssertionError, match="was tracked 2 times"):
        audit.assert_not_tracked()
    audit.clear()
    audit.assert_not_tracked()


def test_times_zero_means_none(audit: MemoryClient) -> None:
    """An assertion that nothing was tracked has its own name; this one says so."""
    with pytest.raises(AssertionError):
        audit.assert_tracked("document.deleted", times=0)


def test_a_misspelt_field_is_no_match_but_a_mistake(audit: MemoryClient) -> None:
    """An assertion that can never match would hide that."""
    with pytest.raises(TypeError, match="'actorid'"):
        audit.assert_not_tracked("document.viewed", actorid="user_1")


def test_a_failure_can_be_ordered(audit: MemoryClient) -> None:
    """To see what an application does without its audit log."""
    audit.fail_next()
    audit.fail_next(ImmutableError("forbidden", 403))
    with pytest.raises(ImmutableError, match="overloaded"):
        audit.actor("u").track("a")
    with pytest.raises(ImmutableError, match="forbidden"):
        audit.actor("u").track("a")
    audit.actor("u").track("a")
    audit.assert_tracked("a", times=1)


def test_what_is_given_out_is_a_copy(audit: MemoryClient) -> None:
    """A test cannot spoil the log by changing what it read."""
    audit.events[0]["action"] = "changed"
    assert audit.verify()["data"]["valid"]
    audit.assert_tracked("document.viewed")


def test_the_chain_is_real(audit: MemoryClient) -> None:
    """A changed record and a missing one are found; so an application's handling of a broken log can be tested."""
    audit.actor("u").track("last")
    whole = list(audit.log.entries)
    audit.log.entries[1].record = audit.log.entries[1].record.replace(b"moved_to_trash", b"viewed")
    broken = audit.verify()["data"]
    assert not broken["valid"]
    assert [(one["type"], one["event_id"]) for one in broken["breaks"]] == [("hash_mismatch", audit.events[1]["id"])]
    audit.log.entries[:] = [whole[0], whole[2]]
    assert [one["type"] for one in audit.verify()["data"]["breaks"]] == ["chain_break"]


def test_its_queue_is_the_real_queue() -> None:
    """What it takes can be asserted after a flush, and what the log rejects is reported."""
    unsent: list[Any] = []
    client = MemoryClient()
    with client.queue(lambda events, error: unsent.append((len(events), str(error)))) as queue:
        for n in range(250):
            queue.actor("u").track("a", metadata={"n": n})
        queue.track({"actor_id": "u"})
        client.fail_next(times=2)
        assert queue.flush(60.0)
    client.assert_tracked("a", times=250)
    assert [event["metadata"]["n"] for event in client.events if event["metadata"]] == list(range(250))
    assert unsent == [(1, "validation_failed")]


def test_the_async_one_does_the_same() -> None:
    """Awaited, and with the same assertions."""

    async def story() -> AsyncMemoryClient:
        async with AsyncMemoryClient() as client:
            await client.actor("u").session("s").track("a.b")
            client.queue().actor("u").track("queued")
        assert [event["action"] async for event in client.iter_events(limit=1)] == ["queued", "a.b"]
        return client

    client = asyncio.run(story())
    client.assert_tracked("a.*", session_id="s")
    client.assert_tracked("queued")


def test_later_calls_have_an_answer_too(audit: MemoryClient) -> None:
    """Exports are completed at the next look, without a file; alerts and anchors there are none."""
    export = audit.create_export(actor_id="user_1", action="document.*")["data"]
    assert export["status"] == "pending"
    assert audit.get_export(export["id"])["data"]["total_rows"] == 2
    assert audit.get_alerts()["data"] == audit.get_anchors()["data"] == []
    assert audit.create_viewer_token(tenant_id="t", ttl=60)["expires_at"] > 1_700_000_000
    for call in (audit.get_export, audit.get_anchor, audit.verify_anchor, audit.get_event, audit.get_session):
        with pytest.raises(ImmutableError, match="not_found"):
            call("nothing")
