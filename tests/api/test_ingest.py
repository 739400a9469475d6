"""POST /events: one event in, a receipt out."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

EVENT_KEYS = {
    "id", "actor", "action", "action_category", "resource", "targets", "metadata", "tenant_id", "session_id",
    "ip_address", "ip_country", "ip_city", "user_agent", "idempotency_key", "version", "changes", "on_behalf_of",
    "trace_id", "request_id", "producer", "integrity", "occurred_at", "created_at", "sequence",
    "actor_id", "actor_name", "actor_type", "resource_id", "resource_name",
}  # fmt: skip
FULL = {
    "actor_id": "usr_8842",
    "action": "document.moved_to_trash",
    "actor_name": "Dana Whitfield",
    "actor_type": "user",
    "action_category": "documents",
    "resource": "document",
    "resource_id": "doc_4711",
    "resource_name": "Q3 forecast",
    "targets": [{"type": "folder", "id": "fld_7", "name": "Finance", "metadata": {"depth": 2}}, {"type": "trash"}],
    "metadata": {"reason": "cleanup", "nested": {"list": [1, 2.5, None, True, "é🧨"]}},
    "tenant_id": "acme",
    "session_id": "sess_9f2c",
    "occurred_at": "2026-03-27T09:53:11.123456Z",
    "ip_address": "8.8.8.8",
    "user_agent": "Mozilla/5.0",
    "idempotency_key": "evt-1",
    "version": 3,
    "changes": {"title": {"old": "Q3", "new": "Q3 forecast"}, "owner": {"old": None, "new": {"id": 1}}},
    "on_behalf_of": {"id": "usr_1", "name": "Ann Lee", "type": "user"},
    "trace_id": "4bf92f3577b34da6",
    "request_id": "req_77",
    "producer": {"id": "web-3", "run": "5f3a9c0e1b2d4f67", "sequence": 41},
}


@pytest.fixture(scope="module")
def proxied(serve_module):
    """A client behind the proxies 127.0.0.1 and 10.0.0.0/8."""
    return serve_module(trusted_proxies="127.0.0.1,10.0.0.0/8").client()


def test_receipt(api):
    """An event is answered 202 with its id, queued, and where it lies in the chain."""
    answer = api.send()
    assert answer.status_code == 202
    receipt = answer.json()
    assert receipt.keys() == {"id", "status", "sequence", "event_hash"}
    assert receipt["status"] == "queued"
    assert receipt["sequence"] == 1
    assert re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", receipt["id"])
    assert re.fullmatch("[0-9a-f]{64}", receipt["event_hash"])


def test_acknowledged_is_readable_at_once(api):
    """Once acknowledged, the event is found by id, in lists and by verify, with the hash of its receipt."""
    receipt = api.send(session_id="s1").json()
    event = api.get("/events/" + receipt["id"]).json()["data"]
    assert event["integrity"]["event_hash"] == receipt["event_hash"]
    assert [one["id"] for one in api.events(session_id="s1")] == [receipt["id"]]
    verdict = api.get("/verify").json()["data"]
    assert (verdict["valid"], verdict["events_checked"]) == (True, 1)


def test_full_event_comes_back(api):
    """Every field that is sent comes back in its place, and flat besides."""
    event = api.add(**FULL)
    assert event.keys() == EVENT_KEYS
    assert event["producer"] == FULL["producer"]
    assert event["actor"] == {"id": "usr_8842", "name": "Dana Whitfield", "type": "user"}
    assert event["resource"] == {"type": "document", "id": "doc_4711", "name": "Q3 forecast"}
    assert event["targets"] == [
        {"type": "folder", "id": "fld_7", "name": "Finance", "metadata": {"depth": 2}},
        {"type": "trash", "id": None, "name": None, "metadata": None},
    ]
    same = set(FULL) - {"resource", "targets"}
    assert {name: event[name] for name in same} == {name: FULL[name] for name in same}
    assert event["ip_country"] == "US"
    assert event["integrity"]["previous_event_hash"] is None


def test_minimal_event_has_every_key(api):
    """An event of actor and action alone has every key; what is unknown is null."""
    event = api.add()
    assert event.keys() == EVENT_KEYS
    known = {"id", "actor", "actor_id", "action", "targets", "resource", "integrity", "occurred_at", "created_at"}
    assert {name for name, value in event.items() if value is not None} == known | {"sequence", "ip_address"}
    assert event["resource"] == {"type": None, "id": None, "name": None}
    assert event["targets"] == []
    assert event["occurred_at"] == event["created_at"]


def test_null_means_absent(api):
    """A field that is null is stored as one that was not sent."""
    event = api.add(**dict.fromkeys(set(FULL) - {"actor_id", "action"}))
    bare = api.add()
    differ = {"id", "integrity", "occurred_at", "created_at", "sequence"}
    assert {name: event[name] for name in EVENT_KEYS - differ} == {name: bare[name] for name in EVENT_KEYS - differ}


def test_numbers_as_ids(api):
    """A number where an id belongs is taken as its decimals."""
    ids = ["actor_id", "resource_id", "tenant_id", "session_id", "idempotency_key", "trace_id", "request_id"]
    event = api.add(
        **{name: number for number, name in enumerate(ids, 40)},
        targets=[{"type": "t", "id": -7}],
        on_behalf_of={"id": 2**63},
    )
    assert {name: event[name] for name in ids} == {name: str(number) for number, name in enumerate(ids, 40)}
    assert event["targets"][0]["id"] == "-7"
    assert event["on_behalf_of"]["id"] == "9223372036854775808"
    assert api.events(actor_id="40")


def test_number_as_id_is_bounded_like_a_text(api, refused):
    """A number of 255 digits is an id; one of 256 is not."""
    longest = api.add(actor_id=int("9" * 255))
    assert longest["actor_id"] == "9" * 255
    problem = api.send(actor_id=int("9" * 256))
    assert problem.status_code == 422
    assert list(problem.json()["errors"]) == ["actor_id"]


def test_resource_as_object(api):
    """`resource` may be an object; flat fields beside it come first."""
    event = api.add(resource={"type": "invoice", "id": 7, "name": "INV 7"})
    assert event["resource"] == {"type": "invoice", "id": "7", "name": "INV 7"}
    event = api.add(resource={"type": "invoice", "id": 7}, resource_id="inv_8", resource_name="flat")
    assert event["resource"] == {"type": "invoice", "id": "inv_8", "name": "flat"}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2026-03-27T09:53:11Z", "2026-03-27T09:53:11.000000Z"),
        ("2026-03-27T09:53:11.5Z", "2026-03-27T09:53:11.500000Z"),
        ("2026-03-27T09:53:11.123456789Z", "2026-03-27T09:53:11.123457Z"),
        ("2026-03-27T09:53:11+05:30", "2026-03-27T04:23:11.000000Z"),
        ("2026-03-27T23:53:11-08:00", "2026-03-28T07:53:11.000000Z"),
        ("2026-03-27t09:53:11z", "2026-03-27T09:53:11.000000Z"),
        ("2026-03-27", "2026-03-27T00:00:00.000000Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
    ],
)
def test_occurred_at_forms(api, sent, kept):
    """Any offset and precision is taken, and a plain date; the answer is UTC in microseconds."""
    assert api.add(occurred_at=sent)["occurred_at"] == kept


def test_created_at_is_the_servers_and_increases(api):
    """`created_at` does not depend on what the client says, and increases strictly."""
    api.post("/events/batch", {"events": [{"actor_id": "a", "action": "b", "occurred_at": "2001-01-01"}] * 50})
    times = [event["created_at"] for event in api.events(limit=50, order="asc")]
    assert len(set(times)) == 50
    assert times == sorted(times)
    assert times[0] > "2025"


def test_address_defaults_to_the_callers(api):
    """Without `ip_address`, the caller's address is kept; a private one has no country, and is no error."""
    event = api.add()
    assert (event["ip_address"], event["ip_country"], event["ip_city"]) == ("127.0.0.1", None, None)


def test_forwarded_address_is_not_believed_from_strangers(api):
    """`X-Forwarded-For` from a peer that is no trusted proxy changes nothing."""
    answer = api.http.post(
        "/events", json={"actor_id": "a", "action": "b"}, headers={"x-forwarded-for": "8.8.8.8"}
    ).json()
    assert api.get("/events/" + answer["id"]).json()["data"]["ip_address"] == "127.0.0.1"


@pytest.mark.parametrize(
    ("header", "address"),
    [
        ("8.8.8.8", "8.8.8.8"),
        ("1.1.1.1, 8.8.8.8", "8.8.8.8"),  # the first was written by the client itself
        ("8.8.8.8, 10.0.0.9", "8.8.8.8"),  # the last is a proxy of ours too
        ("8.8.8.8, nonsense", "127.0.0.1"),
        ("2001:4860:4860::8888", "2001:4860:4860::8888"),
        ("", "127.0.0.1"),
    ],
)
def test_forwarded_address_behind_trusted_proxies(proxied, header, address):
    """Behind trusted proxies, the last address that is none of theirs is the client's."""
    answer = proxied.http.post(
        "/events", json={"actor_id": "a", "action": "b"}, headers={"x-forwarded-for": header}
    ).json()
    event = proxied.get("/events/" + answer["id"]).json()["data"]
    assert event["ip_address"] == address
    assert event["ip_country"] == ("US" if address.startswith(("8.", "2001:")) else None)


def test_idempotency_key_stores_once(api):
    """An event whose key was seen answers the first one's id as a duplicate, and nothing is stored."""
    first = api.send(idempotency_key="k1").json()
    again = api.send(idempotency_key="k1", action="something.else")
    assert again.status_code == 202
    assert again.json() == {**first, "status": "duplicate"}
    assert api.length() == 1


def test_idempotency_key_is_exact(api):
    """Keys that differ in case, or by trailing space, are different keys; an empty one is none."""
    keys = ["k", "K", "k ", "\uff4b", "", ""]
    assert {api.send(idempotency_key=key).json()["status"] for key in keys} == {"queued"}
    assert api.length() == len(keys)


def test_idempotency_key_under_concurrency(api):
    """Of concurrent requests with one key, one is queued and the others get its id."""
    start = threading.Barrier(16)

    def send(_):
        start.wait()
        return api.send(idempotency_key="once").json()

    with ThreadPoolExecutor(16) as pool:
        receipts = list(pool.map(send, range(16)))
    assert sorted(receipt["status"] for receipt in receipts) == ["duplicate"] * 15 + ["queued"]
    assert len({receipt["id"] for receipt in receipts}) == 1
    assert api.length() == 1


def test_content_type_is_not_asked_for(api):
    """Clients of every kind get in: the body is JSON whatever its content type says."""
    for kind in ("application/json; charset=utf-8", "text/plain", "application/x-www-form-urlencoded"):
        answer = api.http.post("/events", content=b'{"actor_id":"a","action":"b"}', headers={"content-type": kind})
        assert answer.status_code == 202


def test_several_events_where_one_is_expected(api):
    """A list at the address of one event is told where lists go."""
    answer = api.post("/events", [{"actor_id": "usr_1", "action": "document.viewed"}])
    assert answer.status_code == 422
    assert answer.json()["errors"] == {
        "": ["One event is expected here, as an object. Send several to /api/v1/events/batch."]
    }
