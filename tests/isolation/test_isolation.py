"""One workspace never sees another: every endpoint of the URL table, asked with B's key for what is A's."""

from contextlib import closing

import pytest
from tests.people import PASSWORD, Person, invited
from tests.waiting import until

from immutable.accounts.one_time_links import OneTimeLinks
from immutable.api.routes import TABLE
from immutable.cli.operator import operator
from immutable.store.anchor_store import StoredAnchor
from immutable.store.open import open_store

A_SECRET = "only-in-a"
EVENT = {
    "actor_id": "actor_a", "actor_name": A_SECRET, "action": "secret_a.viewed", "tenant_id": "tenant_a",
    "resource": {"type": "type_a", "id": "resource_a", "name": A_SECRET},
    "targets": [{"type": "target_a", "id": "target_id_a", "name": A_SECRET}], "metadata": {"secret": A_SECRET},
}  # fmt: skip
FILTERS = {
    "actor_id": "actor_a", "action": "secret_a.*", "resource": "type_a", "resource_id": "resource_a",
    "tenant_id": "tenant_a", "session_id": "session_a", "target_type": "target_a", "target_id": "target_id_a",
    "search": A_SECRET,
}  # fmt: skip


class Two:
    """Two workspaces on one server: A with two hundred events, B with three of its own."""

    def __init__(self, server):
        self.a, self.b = server.client(workspace="isolation-a"), server.client(workspace="isolation-b")
        events = [
            {**EVENT, "session_id": "session_a" if n % 2 else None, "idempotency_key": f"a-{n}"} for n in range(200)
        ]
        for start in (0, 100):
            assert self.a.post("/events/batch", {"events": events[start : start + 100]}).status_code == 202
        for number in range(3):
            assert (
                self.b.send(actor_id="actor_b", session_id="session_b", idempotency_key=f"b-{number}").status_code
                == 202
            )
        self.event_id = self.a.events(limit=1)[0]["id"]
        self.inferred_id = self.a.get("/sessions", inferred="true").json()["data"][0]["session_id"]


@pytest.fixture(scope="module")
def two(serve_module):
    """The two workspaces."""
    return Two(serve_module())


def _nothing(answer):
    """The answer is an empty list and tells nothing of A."""
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"] == []
    assert answer.json()["pagination"] == {"has_more": False, "next_cursor": None, "total": 0, "total_is_exact": True}


def _list_events(two):
    for name, value in FILTERS.items():
        assert two.a.get("/events", **{name: value}).json()["pagination"]["total"] > 0
        _nothing(two.b.get("/events", **{name: value}))
    assert {event["actor_id"] for event in two.b.events(limit=100)} == {"actor_b"}
    for query in ({}, {"order": "asc"}, {"actor_id": "actor_a"}):
        cursor = two.a.get("/events", **query).json()["pagination"]["next_cursor"]
        assert two.a.get("/events", **query, cursor=cursor).status_code == 200
        assert two.b.get("/events", **query, cursor=cursor).status_code == 400


def _tail(two):
    assert A_SECRET in two.a.get("/events/tail", after=0, wait=1).text
    for asked in ({"after": 0}, {"recent": 100}):
        assert A_SECRET not in two.b.get("/events/tail", **asked, wait=1).text
    assert two.b.get("/events/tail", wait=1, after=two.a.length()).status_code == 400


def _get_event(two):
    assert two.a.get(f"/events/{two.event_id}").status_code == 200
    assert two.b.get(f"/events/{two.event_id}").status_code == 404


def _ingest(two):
    answer = two.b.send(idempotency_key="a-1", session_id="session_a")
    assert answer.json()["status"] == "queued"
    assert answer.json()["sequence"] == two.b.length()
    session = two.b.get("/sessions/session_a").json()["data"]
    assert (session["events_count"], [one["id"] for one in session["actors"]]) == (1, ["usr_1"])
    assert two.a.get("/sessions/session_a").json()["data"]["events_count"] == 100


def _ingest_batch(two):
    before = two.a.length()
    answer = two.b.post("/events/batch", {"events": [{**EVENT, "actor_id": "actor_b", "idempotency_key": "a-2"}]})
    assert answer.json()["events"][0]["status"] == "queued"
    assert two.a.length() == before
    assert two.a.get("/events", actor_id="actor_b").json()["data"] == []


def _list_sessions(two):
    for name in ("actor_id", "tenant_id", "resource_id", "action", "search"):
        assert two.a.get("/sessions", **{name: FILTERS[name]}).json()["data"]
        _nothing(two.b.get("/sessions", **{name: FILTERS[name]}))
    cursor = two.a.get("/sessions", limit=1).json()["pagination"]["next_cursor"]
    assert two.b.get("/sessions", limit=1, cursor=cursor).status_code == 400
    assert {one["session_id"] for one in two.b.get("/sessions").json()["data"]} == {"session_b"}


def _get_session(two):
    for session_id in ("session_a", two.inferred_id):
        assert two.a.get(f"/sessions/{session_id}").status_code == 200
        assert two.b.get(f"/sessions/{session_id}").status_code == 404
    cursor = two.a.get("/sessions/session_a", limit=1).json()["pagination"]["next_cursor"]
    assert two.b.get("/sessions/session_b", cursor=cursor).status_code == 400


def _story(two):
    for session_id in ("session_a", two.inferred_id):
        assert A_SECRET in two.a.get(f"/sessions/{session_id}/story").text
        assert two.b.get(f"/sessions/{session_id}/story").status_code == 404


def _neighbours(two):
    for client in (two.a, two.b):
        client.send(actor_id="both", session_id=f"of_{client.workspace}", resource={"type": "shared", "id": "shared"})
    assert A_SECRET not in two.b.get("/sessions/session_a/neighbours").text
    found = two.b.get(f"/sessions/of_{two.b.workspace}/neighbours").json()["data"]
    assert not {one["session_id"] for one in found} & {f"of_{two.a.workspace}", "session_a"}


def _get_history(two):
    for path in ("type_a/resource_a", "target_a/target_id_a"):
        assert two.a.get(f"/resources/{path}/history").json()["data"]
        _nothing(two.b.get(f"/resources/{path}/history"))
    cursor = two.a.get("/resources/type_a/resource_a/history").json()["pagination"]["next_cursor"]
    assert two.b.get("/resources/type_a/resource_a/history", cursor=cursor).status_code == 400


def _search(two):
    for text in (
        "actor_a",
        "resource_a",
        "target_id_a",
        "session_a",
        two.inferred_id,
        A_SECRET,
        "secret_a",
        "127.0.0.1",
    ):
        found = two.a.get("/search", q=text).json()["data"]
        assert found["actors"] or found["sessions"] or found["resources"]
        other = two.b.get("/search", q=text).json()["data"]
        assert {one["id"] for one in other["actors"]} <= {"actor_b"}
        assert {one["session_id"] for one in other["sessions"]} <= {"session_b"}
        assert other["resources"] == []


def _activity(two):
    assert _total(two.b, "events") == two.b.length()
    assert _total(two.b, "sessions") == len(two.b.get("/sessions").json()["data"])
    for name, value in FILTERS.items():
        assert _total(two.a, "events", **{name: value}) > 0
        assert _total(two.b, "events", **{name: value}) == 0
    for name in ("actor_id", "tenant_id", "resource_id", "action", "search"):
        assert _total(two.a, "sessions", **{name: FILTERS[name]}) > 0
        assert _total(two.b, "sessions", **{name: FILTERS[name]}) == 0


def _total(client, what, **query):
    return sum(client.get(f"/activity/{what}", **query).json()["data"]["counts"])


def _verify(two):
    verdict = two.b.get("/verify").json()["data"]
    assert (verdict["valid"], verdict["events_checked"]) == (True, two.b.length())
    cursor = two.a.get("/verify", limit=1).json()["data"]["next_cursor"]
    assert two.b.get("/verify", cursor=cursor).status_code == 400


def _producers(two):
    number = {"id": A_SECRET, "run": "r", "sequence": 1}
    assert two.a.send(producer=number).status_code == 202
    assert [run["producer"] for run in until(lambda: two.a.get("/producers").json()["data"])] == [A_SECRET]
    assert two.b.get("/producers").json() == {"data": []}


def _holds(two):
    a, b = (two.a.server.client("admin", workspace=one.workspace) for one in (two.a, two.b))
    held = a.post("/holds", {"reason": A_SECRET, "actor_id": "actor_a"}).json()["data"]
    assert b.get("/holds").json()["data"] == []
    assert b.post(f"/holds/{held['id']}/release", {"reason": "r"}).status_code == 404
    assert a.get("/holds").json()["data"][-1] == held
    assert a.post(f"/holds/{held['id']}/release", {"reason": "r"}).status_code == 200


def _checkpoints(two):
    sizes = [_latest(one)["size"] for one in (two.a, two.b)]
    assert sizes[0] != sizes[1]
    assert _latest(two.a)["origin"].endswith(two.a.server.catalog.workspace("isolation-a").id)
    assert _latest(two.b)["origin"].endswith(two.b.server.catalog.workspace("isolation-b").id)
    assert two.b.get(f"/checkpoints/{sizes[0]}").status_code == 404
    origins = {one["origin"] for one in two.b.get("/checkpoints").json()["data"]}
    assert origins == {_latest(two.b)["origin"]}


def _latest(client):
    def found():
        answer = client.get("/checkpoints/latest")
        is_whole = answer.status_code == 200 and answer.json()["data"]["size"] == client.length()
        return answer.json()["data"] if is_whole else None

    return until(found)


def _inclusion(two):
    _latest(two.a)
    assert two.a.get(f"/events/{two.event_id}/proof").status_code == 200
    assert two.b.get(f"/events/{two.event_id}/proof").status_code == 404


def _consistency(two):
    size = _latest(two.a)["size"]
    assert two.a.get("/proofs/consistency", from_=1, to=size).status_code == 200
    assert two.b.get("/proofs/consistency", from_=1, to=size).status_code == 404


def _signing_keys(two):
    _latest(two.a)
    _latest(two.b)
    keys = [{key["public_key"] for key in one.get("/signing-keys").json()["data"]} for one in (two.a, two.b)]
    assert keys[0].isdisjoint(keys[1])
    admin = two.b.server.client("admin", workspace=two.b.workspace)
    admin.post("/signing-keys", {"reason": "r"})
    assert {key["public_key"] for key in two.a.get("/signing-keys").json()["data"]} == keys[0]


def _accept_rollback(two):
    admin = two.b.server.client("admin", workspace=two.b.workspace)
    assert admin.post("/checkpoints/accept-rollback", {"reason": "r"}).status_code == 409


def _public_log(two):
    _latest(two.a)
    identifier = two.a.server.catalog.workspace("isolation-a").id
    for path in ("checkpoint", "tile/0/000.p/1", "tile/entries/000.p/1"):
        assert two.b.http.get(f"{two.b.server.url}/log/{identifier}/{path}").status_code == 404


def _anchors(two):
    workspace = two.a.server.catalog.workspace("isolation-a")
    anchor = StoredAnchor(
        id="anc_of_a", chain="rfc3161:tsa", number=1, status="pending", size=1, root=b"r" * 32, note=b"note", first_seq=1,
        first_event_hash=b"f" * 32, last_event_hash=b"l" * 32, previous_hash=None, period_start=1, period_end=2, created_at=3,
    )  # fmt: skip
    with closing(open_store(two.a.server.database_url, builds_index=False)) as store:
        store.anchors.add(workspace, anchor)
    assert [one["id"] for one in two.a.get("/anchors").json()["data"]] == ["anc_of_a"]
    _nothing(two.b.get("/anchors"))
    for path in ("", "/verify"):
        assert two.a.get("/anchors/anc_of_a" + path).status_code == 200
        assert two.b.get("/anchors/anc_of_a" + path).status_code == 404
    assert two.b.server.client("admin", workspace=two.b.workspace).post("/anchors", {}).status_code == 409
    assert two.a.get("/anchors").json()["pagination"]["total"] == 1


def _public_anchors(two):
    """These are for everybody who knows the anchor: they show hashes, counts and times, and nothing of the workspace."""
    _anchors(two)
    text = two.b.get("/public/anchors/anc_of_a/verify").text
    assert two.b.get("/public/anchors/lookup", tx_hash="none").status_code == 404
    workspace = two.a.server.catalog.workspace("isolation-a")
    assert not any(word in text for word in (A_SECRET, workspace.id, workspace.name, two.event_id))


def _erase(two):
    answer = two.b.server.client("admin", workspace=two.b.workspace).post(
        "/erasures", {"reason": "r", "actor_id": "actor_a"}
    )
    # the one event of that actor that was sent with B's own key
    assert answer.json()["data"]["erased"] == two.b.get("/events", actor_id="actor_a").json()["pagination"]["total"]
    assert two.a.events(limit=1, actor_id="actor_a")[0]["actor_name"] == A_SECRET


def _viewer(two):
    """B's token, whatever it names, sees nothing of A's."""
    for scope in ({}, {"tenant_id": "tenant_a"}, {"actor_id": "actor_a"}, {"session_id": "session_a"}):
        token = two.b.post("/viewer-token", scope).json()["token"]
        viewer = two.b.server.with_key(token)
        for path in ("/viewer/events", "/viewer/sessions"):
            assert A_SECRET not in viewer.get(path).text
        for session_id in ("session_a", two.inferred_id):
            assert A_SECRET not in viewer.get(f"/viewer/sessions/{session_id}").text
    cursor = two.a.get("/events").json()["pagination"]["next_cursor"]
    assert viewer.get("/viewer/events", cursor=cursor).status_code == 400


def _evidence(two):
    for path in (
        "/sessions/session_a/evidence",
        "/resources/type_a/resource_a/evidence",
        "/resources/target_a/target_id_a/evidence",
    ):
        assert two.a.get(path).status_code == 200
        assert two.b.get(path).status_code == 404
    for name, value in FILTERS.items():
        assert two.b.get("/evidence", **{name: value}).status_code == 404
    own = two.b.get("/evidence").content
    assert own.startswith(b"PK")
    assert A_SECRET.encode() not in own
    assert b"actor_a" not in own


def _links(two):
    a, b = (two.a.server.client("admin", workspace=one.workspace) for one in (two.a, two.b))
    assert b.post("/evidence/links", {"session_id": "session_a"}).status_code == 404
    link = a.post("/evidence/links", {"session_id": "session_a"}).json()["data"]
    assert link["id"] not in {one["id"] for one in b.get("/evidence/links").json()["data"]}
    assert b.post(f"/evidence/links/{link['id']}/revoke", {"reason": "r"}).status_code == 404
    own = b.post("/evidence/links", {"filters": {}}).json()["data"]
    for part in ("", "/pack"):
        assert A_SECRET in two.b.http.get(two.b.server.url + link["path"] + part).text
        assert A_SECRET not in two.b.http.get(two.b.server.url + own["path"] + part).text


def _display(two):
    """What B decides holds in B, and B's preview counts B's events alone."""
    a, b = (two.a.server.client("read", "admin", workspace=one.workspace) for one in (two.a, two.b))
    path, decided = "/settings/destructive-actions", {"patterns": ["secret_a.viewed"]}
    before = [a.get("/settings/destructive-actions").json(), a.get("/settings/links").json()]
    preview = b.post(path + "/preview", decided).json()["data"]
    assert "secret_a.viewed" not in {one["action"] for one in preview["actions"] if one["events_count"] > 2}
    assert sum(one["events_count"] for one in preview["actions"]) == b.length()
    assert b.post(path, decided).json()["data"]["patterns"] == ["secret_a.viewed"]
    assert b.post("/settings/links/preview", {"logs": "https://b/{actor_id}"}).status_code == 200
    assert b.post("/settings/links", {"logs": "https://b/{actor_id}"}).status_code == 200
    assert [a.get("/settings/destructive-actions").json(), a.get("/settings/links").json()] == before
    shown = a.get("/sessions/session_a").json()["data"]
    assert shown["destructive_count"] == 0
    assert {step["links"]["logs"] for step in shown["timeline"]} == {None}
    assert b.post(path, {}).status_code == 200
    assert b.post("/settings/links", {"logs": None}).status_code == 200


def _erasure_preview(two):
    b = two.b.server.client("read", "admin", workspace=two.b.workspace)
    counts = b.post("/erasures/preview", {"actor_id": "actor_a"}).json()["data"]
    assert counts["events"] == b.get("/events", actor_id="actor_a").json()["pagination"]["total"]


def _investigations(two):
    a, b = (two.a.server.client("ingest", "read", "admin", workspace=one.workspace) for one in (two.a, two.b))
    one = a.post("/investigations", {"ticket": "1", "title": A_SECRET}).json()["data"]
    path = f"/investigations/{one['id']}"
    assert a.post(path + "/items", {"session_id": "session_a"}).status_code == 200
    assert b.get("/investigations").json() == {"data": [], "pagination": {"has_more": False, "next_cursor": None}}
    for part in ("", "/evidence"):
        assert b.get(path + part).status_code == 404
    for part, content in (
        ("items", {"session_id": "session_a"}), ("items/remove", {"session_id": "session_a"}), ("notes", {"text": "n"}),
        ("close", {}), ("reopen", {}),
    ):  # fmt: skip
        assert b.post(f"{path}/{part}", content).status_code == 404
    assert b.post("/evidence/links", {"investigation_id": one["id"]}).status_code == 404
    own = b.post("/investigations", {"ticket": "1", "title": "own"}).json()["data"]
    for item in ({"session_id": two.inferred_id}, {"event_id": two.event_id}):
        assert b.post(f"/investigations/{own['id']}/items", item).status_code == 404
    assert b.post(f"/investigations/{own['id']}/close", {}).status_code == 200
    a.post("/investigations", {"ticket": "2", "title": A_SECRET})
    cursor = a.get("/investigations", limit=1).json()["pagination"]["next_cursor"]
    assert b.get("/investigations", cursor=cursor).status_code == 400
    assert [event["action"] for event in a.events(resource_id=one["id"])] == [
        "immutable.investigation_item_added", "immutable.investigation_opened",
    ]  # fmt: skip


def _says_nothing_of_a(path):
    def ask(two):
        text = two.b.http.get(two.b.server.url + path).text
        assert A_SECRET not in text
        assert "isolation-a" not in text
        assert two.event_id not in text

    return ask


def _administration(two):
    """Keys, members and invitations of A's are neither seen nor changed from B, by an admin's key or by B's own members."""
    server = two.a.server
    chief = invited(server, "isolation-a", "owner", f"{A_SECRET}@example.com")
    chief_id = chief.get("/account").json()["data"]["id"]
    key = chief.post("/keys", {"name": A_SECRET}).json()["data"]
    invitation = chief.post("/invitations", {"email": f"{A_SECRET}-2@example.com"}).json()["data"]
    assert {key["id"], invitation["id"], chief_id} <= {
        one["id"] for path in ("keys", "invitations", "members") for one in chief.get("/" + path).json()["data"]
    }
    for b in (server.client("admin", workspace="isolation-b"), invited(server, "isolation-b", "owner")):
        for path in ("keys", "invitations", "members"):
            assert A_SECRET not in b.get("/" + path).text
        for path in (
            f"keys/{key['id']}/revoke",
            f"invitations/{invitation['id']}/revoke",
            f"members/{chief_id}/remove",
        ):
            assert b.post("/" + path, {}).status_code == 404
        assert b.post(f"/members/{chief_id}/role", {"role": "viewer"}).status_code == 404
    b.workspace = "isolation-a"  # the member says that they mean the other workspace
    for path in ("keys", "invitations", "members", "events"):
        assert b.get("/" + path).status_code == 403
    assert chief.get("/account").json()["data"]["workspaces"][0]["role"] == "owner"


def _access(two):
    for one, name in ((two.a, "isolation-a"), (two.b, "isolation-b")):
        told = one.get("/access").json()["data"]
        assert (told["workspace_name"], told["scopes"]) == (name, ["ingest", "read"])


def _account(two):
    """What is a member's own is theirs alone, whatever workspace is named; a key is no member."""
    server = two.a.server
    mine, theirs = (invited(server, f"isolation-{name}", "owner") for name in "ab")
    session_id = mine.get("/account").json()["data"]["session_id"]
    assert session_id not in theirs.get("/account/sessions").text
    assert theirs.post(f"/account/sessions/{session_id}/end").status_code == 404
    theirs.post("/account/sessions/end")
    assert "isolation-a" not in theirs.get("/account").text
    assert theirs.post("/account/totp", {"password": PASSWORD}).status_code == 200
    assert theirs.post("/account/totp/confirm", {"code": "000000"}).status_code == 403
    assert theirs.post("/account/totp/remove", {"password": PASSWORD, "code": "000000"}).status_code == 409
    assert theirs.post("/account/password", {"password": PASSWORD, "new_password": PASSWORD}).status_code == 200
    assert theirs.post("/workspaces", {"name": "isolation-c"}).status_code == 403
    assert theirs.post("/sign-out").status_code == 200
    assert mine.get("/account").status_code == 200
    assert two.b.get("/account").status_code == 401


def _links_for_people(two):
    """A link shows and makes only what it was made for."""
    person = Person(two.a.server, "", "isolation-a")
    token, _ = OneTimeLinks(two.a.server.catalog).for_invitation(
        two.a.server.catalog.workspace("isolation-b"), person.email, "viewer", operator(), "owner"
    )
    assert person.post("/links/look", {"token": token}).json()["data"]["workspace"] == "isolation-b"
    assert person.accept(token).status_code == 200
    assert person.get("/events").status_code == 403
    assert person.sign_in().status_code == 200
    assert "isolation-a" not in person.get("/sign-in").text


# Reading comes before what writes into B, so that B's own events are known.
CASES = {
    ("/api/v1/events", "GET"): _list_events,
    ("/api/v1/events/tail", "GET"): _tail,
    ("/api/v1/events/{id}", "GET"): _get_event,
    ("/api/v1/sessions", "GET"): _list_sessions,
    ("/api/v1/sessions/{session_id:path}", "GET"): _get_session,
    ("/api/v1/sessions/{session_id:path}/story", "GET"): _story,
    ("/api/v1/resources/{type}/{id:path}/history", "GET"): _get_history,
    ("/api/v1/search", "GET"): _search,
    **{(f"/api/v1/activity/{what}", "GET"): _activity for what in ("events", "sessions")},
    ("/api/v1/verify", "GET"): _verify,
    ("/api/v1/checkpoints", "GET"): _checkpoints,
    ("/api/v1/checkpoints/latest", "GET"): _checkpoints,
    ("/api/v1/checkpoints/{size}", "GET"): _checkpoints,
    ("/api/v1/events/{id}/proof", "GET"): _inclusion,
    ("/api/v1/proofs/consistency", "GET"): _consistency,
    ("/log/{workspace_id}/checkpoint", "GET"): _public_log,
    ("/log/{workspace_id}/tile/{path:path}", "GET"): _public_log,
    ("/api/v1/signing-keys", "GET"): _signing_keys,
    ("/api/v1/signing-keys", "POST"): _signing_keys,
    ("/api/v1/checkpoints/accept-rollback", "POST"): _accept_rollback,
    ("/api/v1/viewer/events", "GET"): _viewer,
    ("/api/v1/viewer/sessions", "GET"): _viewer,
    ("/api/v1/viewer/sessions/{session_id:path}", "GET"): _viewer,
    ("/api/v1/viewer-token", "POST"): _viewer,
    ("/api/v1/sessions/{session_id:path}/evidence", "GET"): _evidence,
    ("/api/v1/resources/{type}/{id:path}/evidence", "GET"): _evidence,
    ("/api/v1/evidence", "GET"): _evidence,
    ("/api/v1/evidence/links", "GET"): _links,
    ("/api/v1/evidence/links", "POST"): _links,
    ("/api/v1/evidence/links/{id}/revoke", "POST"): _links,
    ("/api/v1/investigations", "GET"): _investigations,
    **{("/api/v1/investigations/{id}" + path, "GET"): _investigations for path in ("", "/evidence")},
    **{
        ("/api/v1/investigations" + path, "POST"): _investigations
        for path in ("", *(f"/{{id}}/{end}" for end in ("items", "items/remove", "notes", "close", "reopen")))
    },
    ("/share/{token}", "GET"): _links,
    ("/share/{token}/pack", "GET"): _links,
    **{("/api/v1/anchors" + path, "GET"): _anchors for path in ("", "/{id}", "/{id}/verify")},
    ("/api/v1/anchors", "POST"): _anchors,
    **{("/api/v1/public/anchors/" + path, "GET"): _public_anchors for path in ("lookup", "{id}/verify")},
    ("/api/v1/sessions/{session_id:path}/neighbours", "GET"): _neighbours,
    ("/api/v1/events", "POST"): _ingest,
    ("/api/v1/events/batch", "POST"): _ingest_batch,
    ("/api/v1/producers", "GET"): _producers,
    ("/api/v1/access", "GET"): _access,
    ("/api/v1/holds", "POST"): _holds,
    ("/api/v1/holds", "GET"): _holds,
    ("/api/v1/holds/{id}/release", "POST"): _holds,
    ("/api/v1/erasures/preview", "POST"): _erasure_preview,
    ("/api/v1/erasures", "POST"): _erase,
    **{("/api/v1/settings/" + path, "GET"): _display for path in ("destructive-actions", "links")},
    **{
        ("/api/v1/settings/" + path, "POST"): _display
        for path in ("destructive-actions", "destructive-actions/preview", "links", "links/preview")
    },
    **{("/api/v1/" + path, "GET"): _administration for path in ("keys", "members", "invitations")},
    **{
        ("/api/v1/" + path, "POST"): _administration
        for path in (
            "keys",
            "keys/{id}/revoke",
            "members/{id}/role",
            "members/{id}/remove",
            "invitations",
            "invitations/{id}/revoke",
        )
    },
    **{("/api/v1/" + path, "GET"): _account for path in ("account", "account/sessions")},
    **{
        ("/api/v1/" + path, "POST"): _account
        for path in (
            "account/sessions/end",
            "account/sessions/{id}/end",
            "account/password",
            "account/totp",
            "account/totp/confirm",
            "account/totp/remove",
            "sign-out",
            "workspaces",
        )
    },
    **{("/api/v1/" + path, "POST"): _links_for_people for path in ("sign-in", "links/look", "links/accept")},
    ("/api/v1/sign-in", "GET"): _links_for_people,
    **{
        (path, "GET"): _says_nothing_of_a(path)
        for path in ("/api/v1/single-sign-on", "/api/v1/single-sign-on/callback")
    },
    **{(path, "GET"): _says_nothing_of_a(path) for path in ("/api/v1/openapi.json", "/healthz", "/readyz", "/metrics")},
}


@pytest.mark.parametrize(
    ("route", "method"), [*{case: place for place, case in CASES.items()}.values()], ids=lambda value: value
)
def test_no_endpoint_crosses_workspaces(two, route, method):
    """Whatever B's key asks of this endpoint, it neither sees nor changes what is A's."""
    CASES[route, method](two)


def test_no_endpoint_lets_a_member_into_a_workspace_that_they_only_name(two):
    """Whatever a member of B's says in the header, with whatever role there, no endpoint lets them into A."""
    chief = invited(two.b.server, "isolation-b", "owner")
    chief.workspace = "isolation-a"
    asked = [(verb, path) for path, methods in TABLE.items() for verb, method in methods.items() if method.scope]
    assert len(asked) > 40
    for verb, path in asked:
        url = path.removeprefix("/api/v1")
        for name, value in {
            "{id}": two.event_id, "{id:path}": "resource_a", "{type}": "type_a", "{session_id:path}": "session_a", "{size}": "1",
        }.items():  # fmt: skip
            url = url.replace(name, value)
        answer = chief.get(url) if verb == "GET" else chief.post(url, {})
        assert answer.status_code == 403, (verb, path, answer.text)
        assert A_SECRET not in answer.text


def test_every_endpoint_has_a_case():
    """A new route needs a way to try to cross workspaces on it."""
    assert {(path, method) for path, methods in TABLE.items() for method in methods} == set(CASES)
