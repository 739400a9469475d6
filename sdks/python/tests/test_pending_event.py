"""The fluent builder beyond what 0.2.0 had; that is in `test_published_usage.py`."""

from datetime import UTC, datetime
from typing import Any

import pytest

from getimmutable import ImmutableError


def test_every_field_of_an_event_can_be_said(client: Any, server: Any) -> None:
    """Each chained method fills the field of its name."""
    (
        client.actor("agent_1", type="agent")
        .tenant("org_1")
        .ip_address("203.0.113.7")
        .user_agent("Firefox")
        .occurred_at(datetime(2026, 3, 27, 16, 53, 11, tzinfo=UTC))
        .changes({"title": {"old": "Draft", "new": "Report"}})
        .on_behalf_of("user_1", name="Lisa Wang")
        .trace("trace_1")
        .request("req_1")
        .track("document.renamed", "document")
    )
    body = server.requests[0].body
    assert body.pop("idempotency_key")
    assert body == {
        "actor_id": "agent_1",
        "actor_type": "agent",
        "tenant_id": "org_1",
        "ip_address": "203.0.113.7",
        "user_agent": "Firefox",
        "occurred_at": "2026-03-27T16:53:11+00:00",
        "changes": {"title": {"old": "Draft", "new": "Report"}},
        "on_behalf_of": {"id": "user_1", "name": "Lisa Wang"},
        "trace_id": "trace_1",
        "request_id": "req_1",
        "action": "document.renamed",
        "resource": "document",
    }


def test_what_belongs_to_one_event_ends_with_it(client: Any, server: Any) -> None:
    """A key that stayed would make the second event a duplicate of the first, and lose it."""
    session = client.actor("u").session("s").idempotency_key("k").occurred_at("2026-03-27").changes({"a": {"new": 1}})
    session.track("first")
    session.track("second")
    first, second = (request.body for request in server.requests)
    assert first["idempotency_key"] == "k"
    assert second["idempotency_key"] != "k"
    assert second.keys() == {"actor_id", "action", "session_id", "idempotency_key"}
    assert len(server.stored) == 2


def test_the_key_ends_with_its_event_also_when_that_fails(client: Any, server: Any) -> None:
    """Otherwise the next event could be taken for the one that failed."""
    session = client.actor("u").idempotency_key("k")
    server.reply(422, {"error": "validation_failed"})
    with pytest.raises(ImmutableError):
        session.track("first")
    session.track("second")
    assert server.requests[1].body["idempotency_key"] != "k"


def test_context_that_is_none_is_left_out(client: Any, server: Any) -> None:
    """An application can pass on what it has, without asking first."""
    client.actor("u", name=None).session(None).tenant(None).ip_address(None).user_agent("").trace(None).track(
        "a", None, None
    )
    assert set(server.requests[0].body) == {"actor_id", "action", "idempotency_key"}


def test_the_callers_values_are_not_changed(client: Any, server: Any) -> None:
    """Lists and dicts that were handed over stay the caller's."""
    targets = [{"type": "a"}]
    metadata = {"n": 1}
    client.actor("u").targets(targets).target("b").track("x", metadata=metadata)
    assert targets == [{"type": "a"}]
    assert metadata == {"n": 1}
    assert server.requests[0].body["targets"] == [{"type": "a"}, {"type": "b"}]


def test_false_and_zero_are_values(client: Any, server: Any) -> None:
    """Only what is absent or empty is left out."""
    client.actor(0).track("a", {"type": "row", "id": 0}, {"confirmed": False})
    body = server.requests[0].body
    assert (body["actor_id"], body["resource_id"], body["metadata"]) == ("0", 0, {"confirmed": False})
