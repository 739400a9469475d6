"""Viewer tokens: a browser reads what the token covers, whatever it asks for, until the token or its key ends."""

import base64
import json
import re
import time
import uuid

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from tests.people import invited
from tests.waiting import until

from immutable.accounts.viewer_token import ViewerScope, ViewerTokens
from immutable.api import events, sessions

EVENTS = [
    {"actor_id": actor, "actor_name": actor.title(), "action": f"{tenant}.viewed", "tenant_id": tenant, "session_id": session}
    for tenant, actor, session in (
        ("acme", "ann", "s1"), ("acme", "bob", "s1"), ("umbrella", "ann", "s1"), ("umbrella", "cid", "s2"),
        ("acme", "ann", "s3"),
    )
]  # fmt: skip


@pytest.fixture
def owner(server):
    """The workspace's own client, with five events of two tenants in three sessions."""
    client = server.client()
    assert client.post("/events/batch", {"events": EVENTS}).status_code == 202
    return client


def viewer(owner, **scope):
    """A client with a token of this scope."""
    answer = owner.post("/viewer-token", scope)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["token"] == body["viewer_token"]
    return owner.server.with_key(body["token"])


def seen(client, **query):
    """(tenant, actor) of the events that the client sees."""
    answer = client.get("/viewer/events", **query)
    assert answer.status_code == 200, answer.text
    return [(event["tenant_id"], event["actor_id"]) for event in answer.json()["data"]]


def test_a_token_sees_what_it_covers(owner):
    """Every condition of the token holds, newest first, and a session's events oldest first."""
    assert seen(viewer(owner, tenant_id="acme")) == [("acme", "ann"), ("acme", "bob"), ("acme", "ann")]
    assert seen(viewer(owner, tenant_id="acme", actor_id="bob")) == [("acme", "bob")]
    assert seen(viewer(owner, session_id="s1")) == [("acme", "ann"), ("acme", "bob"), ("umbrella", "ann")]
    assert len(seen(viewer(owner))) == 5


@pytest.mark.parametrize(
    "query",
    [
        {"tenant_id": "umbrella"},
        {"actor_id": "cid"},
        {"session_id": "s2"},
        {"search": "umbrella"},
        {"action": "umbrella.*"},
    ],
)
def test_nothing_that_is_asked_for_leads_outside(owner, query):
    """Filters only narrow what the token covers."""
    assert seen(viewer(owner, tenant_id="acme"), **query) == []


THEIRS = {
    "actor_id": "eve", "action": "their.act", "resource": "their_type", "resource_id": "their_id", "tenant_id": "umbrella",
    "session_id": "s9", "target_type": "their_target", "target_id": "their_other", "search": "their words",
}  # fmt: skip


def test_no_filter_tells_of_others(owner):
    """Each filter there is, asked for what another tenant's event alone meets, finds as much as for what nothing meets."""
    event = {
        "actor_id": "eve", "action": "their.act", "tenant_id": "umbrella", "session_id": "s9", "metadata": {"a": "their words"},
        "resource": {"type": "their_type", "id": "their_id"}, "targets": [{"type": "their_target", "id": "their_other"}],
    }  # fmt: skip
    assert owner.post("/events/batch", {"events": [{**EVENTS[0], "session_id": "s9"}, event]}).status_code == 202
    assert set(THEIRS) == {one.name for one in events.FILTERS}
    client = viewer(owner, tenant_id="acme")
    for name, value in THEIRS.items():
        assert owner.get("/events", **{name: value}).json()["pagination"]["total"] > 0
        expected = [("acme", "ann")] if name == "session_id" else []  # they share it
        assert seen(client, **{name: value}) == expected
        assert client.get("/viewer/events", **{name: value}).json()["pagination"]["total"] == len(expected)
        if name in {one.name for one in sessions.FILTERS}:
            assert told(client, **{name: value}) == ([], 0)
    assert told(client)[0][0] == ("s9", 1)


def test_pages_stay_within(owner):
    """Neither does a cursor, not even the workspace's own."""
    client = viewer(owner, tenant_id="acme")
    first = client.get("/viewer/events", limit=2).json()
    assert first["pagination"]["total"] == 3
    assert seen(client, limit=2, cursor=first["pagination"]["next_cursor"]) == [("acme", "ann")]
    foreign = owner.get("/events", limit=1).json()["pagination"]["next_cursor"]
    assert {tenant for tenant, _ in seen(client, cursor=foreign)} <= {"acme"}


def test_a_session_is_told_from_what_the_token_covers(owner):
    """Other tenants' events of the same session show neither in counts nor in names."""
    sessions = viewer(owner, tenant_id="acme").get("/viewer/sessions").json()["data"]
    assert [one["session_id"] for one in sessions] == ["s3", "s1"]
    assert sessions[1]["actions"] == {"acme.viewed": 2}
    assert sessions[1]["events_count"] == 2
    (own,) = viewer(owner, session_id="s1", actor_id="bob").get("/viewer/sessions").json()["data"]
    assert [one["id"] for one in own["actors"]] == ["bob"]
    assert viewer(owner, session_id="none").get("/viewer/sessions").json()["data"] == []


def told(client, **query):
    """Ids and counts of the sessions that the client is told of, and how many there are said to be."""
    answer = client.get("/viewer/sessions", **query)
    assert answer.status_code == 200, answer.text
    found = [(one["session_id"], one["events_count"]) for one in answer.json()["data"]]
    return found, answer.json()["pagination"]["total"]


def test_filters_of_sessions_ask_covered_events_alone(owner):
    """What only another tenant's event of the same session would meet finds nothing: filters are no way to learn of it."""
    client = viewer(owner, tenant_id="acme")
    both = ([("s3", 1), ("s1", 2)], 2)
    assert (
        told(client)
        == told(client, action="acme.*")
        == told(client, search="ACME")
        == told(client, from_="2020-01-01")
        == both
    )
    assert told(client, actor_id="bob") == ([("s1", 2)], 1)
    for query in (
        {"action": "umbrella.*"}, {"search": "umbrella"}, {"tenant_id": "umbrella"}, {"actor_id": "cid"},
        {"resource_id": "r"}, {"to": "2020-01-01"}, {"action": "acme.viewed", "actor_id": "cid"},
    ):  # fmt: skip
        assert told(client, **query) == ([], 0)
        assert told(viewer(owner, session_id="s1", tenant_id="acme"), **query) == ([], 0)
    assert told(viewer(owner, tenant_id="umbrella", actor_id="ann")) == ([], 0)
    assert told(viewer(owner, session_id="s1", actor_id="bob"), action="acme.*") == ([("s1", 1)], 1)


def test_a_timeline_holds_what_the_token_covers(owner):
    """Steps, counts and times are those of covered events; a session without any is as unknown as one that is none."""
    client = viewer(owner, tenant_id="acme")
    body = client.get("/viewer/sessions/s1").json()
    assert [step["actor_id"] for step in body["data"]["timeline"]] == ["ann", "bob"]
    assert (body["data"]["events_count"], body["pagination"]["total"]) == (2, 2)
    assert body["data"]["timeline"][0]["elapsed_ms"] == 0
    assert {one["id"] for one in body["data"]["actors"]} == {"ann", "bob"}
    first = client.get("/viewer/sessions/s1", limit=1).json()
    rest = client.get("/viewer/sessions/s1", cursor=first["pagination"]["next_cursor"]).json()
    assert [step["actor_id"] for step in rest["data"]["timeline"]] == ["bob"]
    unknown = client.get("/viewer/sessions/s2")
    assert (unknown.status_code, unknown.json()) == (404, client.get("/viewer/sessions/none").json())
    assert viewer(owner, session_id="s1").get("/viewer/sessions/s3").status_code == 404
    assert len(viewer(owner, tenant_id="umbrella").get("/viewer/sessions/s1").json()["data"]["timeline"]) == 1


def test_no_cursor_leads_outside(owner):
    """A cursor of another token or of the workspace's own lists is refused, or stays within; and none can be read."""
    wide, narrow = viewer(owner), viewer(owner, tenant_id="acme")
    sessions = wide.get("/viewer/sessions", limit=1).json()["pagination"]["next_cursor"]
    assert set(told(narrow, cursor=sessions)[0]) <= {("s3", 1), ("s1", 2)}
    steps = wide.get("/viewer/sessions/s1", limit=1).json()["pagination"]["next_cursor"]
    found = narrow.get("/viewer/sessions/s1", cursor=steps).json()["data"]["timeline"]
    assert {step["tenant_id"] for step in found} <= {"acme"}
    assert narrow.get("/viewer/sessions/s3", cursor=steps).status_code == 400
    assert narrow.get("/viewer/sessions", cursor=steps).status_code == 400
    own = owner.get("/sessions", limit=1).json()["pagination"]["next_cursor"]
    assert narrow.get("/viewer/sessions", cursor=own).status_code == 400
    assert not re.search(rb"\d{6}", base64.urlsafe_b64decode(sessions + "=="))


def test_an_inferred_session_is_told_across_others_events(owner):
    """What an actor did for two tenants in one go is one session for each, however long the other's events took."""
    for minute, tenant in ((0, "acme"), (20, "umbrella"), (40, "umbrella"), (60, "acme")):
        at = f"2026-03-27T{9 + minute // 60:02}:{minute % 60:02}:00Z"
        assert owner.send(actor_id="dan", tenant_id=tenant, occurred_at=at).status_code == 202
    client = viewer(owner, tenant_id="acme", actor_id="dan")
    (session,) = client.get("/viewer/sessions").json()["data"]
    assert (session["inferred"], session["events_count"], session["duration_ms"]) == (True, 2, 3_600_000)
    steps = client.get(f"/viewer/sessions/{session['session_id']}").json()["data"]["timeline"]
    assert [step["gap_ms"] for step in steps] == [0, 3_600_000]


def test_a_token_opens_nothing_else(owner):
    """It is no key: neither to read, nor to ingest, nor to make tokens."""
    client = viewer(owner)
    for path in ("/events", "/sessions", "/verify", "/sessions/s1"):
        assert client.get(path).status_code == 401
    assert client.post("/events", EVENTS[0]).status_code == 401
    assert client.post("/viewer-token", {}).status_code == 401
    assert owner.get("/viewer/events").status_code == 401  # nor is a key a token


def test_a_token_ends_with_its_key(owner):
    """Whoever revokes the key ends its tokens at once."""
    client = viewer(owner)
    assert client.get("/viewer/events").status_code == 200
    catalog = owner.server.catalog
    workspace = catalog.workspace(owner.workspace)
    for key in catalog.keys(workspace):
        catalog.revoke_key(workspace, key.id)
    until(lambda: client.get("/viewer/events").status_code != 200)
    assert "revoked" in client.get("/viewer/events").json()["message"]


def test_a_token_is_made_with_a_key(server):
    """A member's session makes none, for the token could not end with it; nor does its cookie read what a token reads."""
    member = invited(server, f"ws-{uuid.uuid4().hex[:8]}", "owner")
    answer = member.post("/viewer-token", {"tenant_id": "acme"})
    assert (answer.status_code, answer.json()["error"]) == (403, "forbidden")
    assert member.get("/viewer/events").status_code == 401


@pytest.mark.parametrize("ttl", [59, 86_401, -1, "60", 1.5])
def test_a_time_out_of_bounds_is_refused(owner, ttl):
    """A minute to a day."""
    answer = owner.post("/viewer-token", {"ttl": ttl})
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["ttl"])


def test_tokens_are_read_strictly(server, owner):
    """Ended, altered, signed by others, by no one, or for something else: each is refused."""
    catalog = server.catalog
    key = catalog.keys(catalog.workspace(owner.workspace))[0]
    tokens = ViewerTokens(catalog)
    good, _ = tokens.make(key, ViewerScope("acme"), 3_600)
    old, _ = ViewerTokens(catalog, lambda: time.time() - 100).make(key, ViewerScope("acme"), 60)
    claims = json.loads(base64.urlsafe_b64decode(good.split(".")[1] + "=="))
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    wider = base64.urlsafe_b64encode(json.dumps({**claims, "scope": {}}).encode()).rstrip(b"=").decode()
    first, middle, last = good.split(".")
    secret = OctKey.import_key(catalog.secret("viewer-tokens"))
    other = {**claims, "aud": "another"}
    for token in (
        old, f"{head}.{middle}.", f"{first}.{wider}.{last}", jwt.encode({"alg": "HS256"}, claims, OctKey.generate_key()),
        jwt.encode({"alg": "HS256"}, other, secret), jwt.encode({"alg": "HS256"}, {"aud": "immutable-viewer"}, secret),
        good[:-2], "x", "a.b.c", good * 40, key.id,
    ):  # fmt: skip
        assert server.with_key(token).get("/viewer/events").status_code == 401
    assert server.with_key(good).get("/viewer/events").status_code == 200


def test_browsers_of_any_origin_may_ask(owner):
    """The answers, errors too, say so, and the question before them is answered; elsewhere nothing of it is said."""
    client = viewer(owner)
    asked = client.http.options("/viewer/events", headers={"origin": "https://app.example"})
    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (204, "*")
    assert client.get("/viewer/events").headers["access-control-allow-origin"] == "*"
    assert owner.get("/viewer/events").headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in owner.get("/events").headers
    assert owner.http.options("/events").status_code == 405
