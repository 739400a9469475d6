"""Code written for getimmutable 0.2.0 sends what it sent and gets what it got, over real HTTP."""

from typing import Any

import pytest

from getimmutable import ImmutableError


def test_the_fluent_builder_sends_the_published_body(client: Any, server: Any) -> None:
    """Every field lands under the name that 0.2.0 gave it."""
    receipt = (
        client.actor("user_1", name="Sarah Chen", type="user")
        .idempotency_key("idem_1")
        .version(1)
        .session("sess_abc")
        .action_category("documents")
        .target("folder", "folder_1", "Reports", {"depth": 2})
        .track("document.created", "document", {"size": 1024})
    )
    assert receipt == {"id": "evt_idem_1", "status": "queued"}
    assert server.requests[0].body == {
        "actor_id": "user_1",
        "actor_name": "Sarah Chen",
        "actor_type": "user",
        "action": "document.created",
        "resource": "document",
        "metadata": {"size": 1024},
        "action_category": "documents",
        "idempotency_key": "idem_1",
        "version": 1,
        "session_id": "sess_abc",
        "targets": [{"type": "folder", "id": "folder_1", "name": "Reports", "metadata": {"depth": 2}}],
    }


def test_a_request_goes_where_it_went_with_the_key(client: Any, server: Any) -> None:
    """The path begins with /api/v1, and the key is a bearer token."""
    client.track({"actor_id": "user_1", "action": "login"})
    request = server.requests[0]
    assert (request.method, request.path) == ("POST", "/api/v1/events")
    assert request.headers["authorization"] == "Bearer imk_test"
    assert request.headers["accept"] == "application/json"


def test_a_builder_that_is_kept_tracks_several_events(client: Any, server: Any) -> None:
    """The session is said once and holds for every event, as in the support engineer's scripts."""
    session = client.actor("user_4f2a8c", name="Lisa Wang", type="user").session("sess_a8f3c2d1")
    session.track("document.viewed", "document", {"document_id": "doc_8f3a2c1d"})
    session.track("document.edited", "document", {"document_id": "doc_8f3a2c1d"})
    assert [request.body["action"] for request in server.requests] == ["document.viewed", "document.edited"]
    assert {request.body["session_id"] for request in server.requests} == {"sess_a8f3c2d1"}
    assert len(server.stored) == 2


def test_a_minimal_event_says_no_more_than_it_has_to(client: Any, server: Any) -> None:
    """What was not said, and metadata that is empty, is left out; the key that makes retries safe is all that is added."""
    client.actor(42).track("login", metadata={})
    assert set(server.requests[0].body) == {"actor_id", "action", "idempotency_key"}
    assert server.requests[0].body["actor_id"] == "42"


def test_a_resource_may_be_a_dict(client: Any, server: Any) -> None:
    """Type, id and name become the flat fields."""
    client.actor("user_1").track("document.created", {"type": "document", "id": "doc_456", "name": "Q4 Report"})
    body = server.requests[0].body
    assert (body["resource"], body["resource_id"], body["resource_name"]) == ("document", "doc_456", "Q4 Report")


def test_targets_can_be_set_at_once(client: Any, server: Any) -> None:
    """`targets` replaces what `target` had added."""
    client.actor("user_1").target("a").targets([{"type": "b", "id": "1"}]).track("moved")
    assert server.requests[0].body["targets"] == [{"type": "b", "id": "1"}]


def test_a_batch_answers_in_the_order_sent(client: Any, server: Any) -> None:
    """One receipt for each event."""
    events = [{"actor_id": "u", "action": f"a.{n}", "idempotency_key": f"k{n}"} for n in range(3)]
    assert [one["id"] for one in client.track_batch(events)["events"]] == ["evt_k0", "evt_k1", "evt_k2"]
    assert server.requests[0].body == {"events": events}


CALLS: list[tuple[str, tuple[Any, ...], dict[str, Any], str, dict[str, str]]] = [
    (
        "get_events",
        (),
        {
            "actor_id": "u", "action": "document.*", "resource": "document", "resource_id": "d", "tenant_id": "t",
            "session_id": "s", "target_type": "folder", "target_id": "f", "search": "budget", "from_date": "2026-03-01",
            "to_date": "2026-03-31T10:00:00+02:00", "cursor": "c", "limit": 50,
        },
        "/api/v1/events",
        {
            "actor_id": "u", "action": "document.*", "resource": "document", "resource_id": "d", "tenant_id": "t",
            "session_id": "s", "target_type": "folder", "target_id": "f", "search": "budget", "from": "2026-03-01",
            "to": "2026-03-31T10:00:00+02:00", "cursor": "c", "limit": "50",
        },
    ),
    ("get_event", ("evt_1",), {}, "/api/v1/events/evt_1", {}),
    ("verify", (), {"from_date": "2026-03-01", "limit": 9}, "/api/v1/verify", {"from": "2026-03-01", "limit": "9"}),
    ("get_alerts", (), {"rule_type": "new_country"}, "/api/v1/alerts", {"rule_type": "new_country"}),
    ("get_export", ("exp_1",), {}, "/api/v1/exports/exp_1", {}),
    ("get_anchors", (), {"limit": 5}, "/api/v1/anchors", {"limit": "5"}),
    ("get_anchor", ("anc_1",), {}, "/api/v1/anchors/anc_1", {}),
    ("verify_anchor", ("anc_1",), {}, "/api/v1/anchors/anc_1/verify", {}),
]  # fmt: skip


@pytest.mark.parametrize(("method", "args", "options", "path", "query"), CALLS, ids=[call[0] for call in CALLS])
def test_a_reading_call_asks_what_it_asked(
    client: Any,
    server: Any,
    method: str,
    args: tuple[Any, ...],
    options: dict[str, Any],
    path: str,
    query: dict[str, str],
) -> None:
    """Path and parameters are those of 0.2.0, and the answer's JSON comes back as it is."""
    server.reply(200, {"data": {"whatever": "the server says"}})
    assert getattr(client, method)(*args, **options) == {"data": {"whatever": "the server says"}}
    assert (server.requests[0].method, server.requests[0].path, server.requests[0].query) == ("GET", path, query)


def test_a_viewer_token_is_asked_for_with_what_was_given(client: Any, server: Any) -> None:
    """Only what was given is in the body."""
    server.reply(200, {"token": "jwt", "expires_at": 1774537200})
    assert client.create_viewer_token(tenant_id="org_1", ttl=3600)["token"] == "jwt"
    assert server.requests[0].body == {"tenant_id": "org_1", "ttl": 3600}


def test_an_export_is_asked_for_with_its_filters(client: Any, server: Any) -> None:
    """The dates are `from` and `to`, as in a list."""
    server.reply(202, {"data": {"id": "exp_1", "status": "pending"}})
    assert client.create_export(actor_id="u", from_date="2026-03-01", to_date="2026-03-31")["data"]["id"] == "exp_1"
    assert server.requests[0].body == {"actor_id": "u", "from": "2026-03-01", "to": "2026-03-31"}


@pytest.mark.parametrize(
    ("status", "body", "text"),
    [
        (401, {"error": "Invalid API key"}, "Invalid API key"),
        (403, {"error": "forbidden", "message": "This key may not read."}, "forbidden"),
        (422, {"message": "Validation failed", "errors": {"action": ["required"]}}, "Validation failed"),
        (404, {}, "HTTP 404"),
    ],
)
def test_a_refusal_is_an_immutable_error(
    client: Any, server: Any, status: int, body: dict[str, Any], text: str
) -> None:
    """Its text is the error code, else the message, else the status; status and body are on it."""
    server.reply(status, body)
    with pytest.raises(ImmutableError) as caught:
        client.track({"actor_id": "user_1", "action": "test"})
    assert (str(caught.value), caught.value.status_code, caught.value.response_data) == (text, status, body)


def test_an_error_can_be_made_by_hand() -> None:
    """The constructor is the published one."""
    error = ImmutableError("went wrong")
    assert (str(error), error.status_code, error.response_data) == ("went wrong", 0, {})
    assert ImmutableError("m", 500, {"a": 1}).response_data == {"a": 1}
