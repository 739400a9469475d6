"""GET /sessions, /sessions/{id} and /resources/{type}/{id}/history."""

import pytest

CHROME = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/134.0.0.0 Safari/537.36"


def on(at, action, session="s1", **more):
    """An event at that time of 27 March 2026."""
    return {"actor_id": "ann", "action": action, "session_id": session, "occurred_at": f"2026-03-27T{at}Z", **more}


STORY = [
    on("09:00:10", "document.viewed", actor_name="Ann Lee", tenant_id="acme", ip_address="8.8.8.8", user_agent=CHROME,
       resource={"type": "document", "id": "d/1", "name": "Q3"}),
    on("09:00:00", "user.signed_in", resource={"type": "user", "id": "ann"}),
    on("09:02:00.500", "document.deleted", resource={"type": "document", "id": "d/1"}),
    on("10:00:00", "folder.viewed", "s2", resource={"type": "folder", "id": "f1"}, targets=[{"type": "document", "id": "d/1"}]),
]  # fmt: skip


@pytest.fixture(scope="module")
def log(server):
    """Two sessions of Ann, and one of Bob that is only inferred."""
    api = server.client()
    for event in [*STORY, {"actor_id": "bob", "action": "report.opened", "occurred_at": "2026-03-27T11:00:00Z"}]:
        assert api.send(**event).status_code == 202
    return api


def test_summary(log):
    """A session's summary says who, when, where, with what, and how much was destroyed."""
    session = log.get("/sessions", actor_id="ann").json()["data"][-1]
    assert session == {
        "session_id": "s1",
        "inferred": False,
        "actors": [{"id": "ann", "name": "Ann Lee", "type": None}],
        "tenant_id": "acme",
        "started_at": "2026-03-27T09:00:00.000000Z",
        "ended_at": "2026-03-27T09:02:00.500000Z",
        "duration_ms": 120_500,
        "events_count": 3,
        "actions": {"document.viewed": 1, "user.signed_in": 1, "document.deleted": 1},
        "resources_count": 2,
        "places": session["places"],
        "devices": session["devices"],
        "destructive_count": 1,
    }
    assert {"country": "US", "city": None} in session["places"]
    assert len(session["devices"]) == 1
    assert "Chrome" in session["devices"][0]


@pytest.mark.parametrize(
    ("query", "sessions"),
    [
        ({}, ["(bob)", "s2", "s1"]),
        ({"actor_id": "ann"}, ["s2", "s1"]),
        ({"actor_id": "zoe"}, []),
        ({"tenant_id": "acme"}, ["s1"]),
        ({"resource_id": "f1"}, ["s2"]),
        ({"action": "document.*"}, ["s1"]),
        ({"action": "folder.viewed"}, ["s2"]),
        ({"action": "*"}, ["(bob)", "s2", "s1"]),
        ({"search": "ann lee"}, ["s1"]),
        ({"search": "REPORT"}, ["(bob)"]),
        ({"inferred": "true"}, ["(bob)"]),
        ({"inferred": "false"}, ["s2", "s1"]),
        ({"from": "2026-03-27T09:30:00Z"}, ["(bob)", "s2"]),
        ({"to": "2026-03-27T10:00:00Z"}, ["s2", "s1"]),
        ({"from": "2026-03-28"}, []),
        ({"to": "2026-03-27"}, ["(bob)", "s2", "s1"]),
        ({"actor_id": "ann", "action": "*.deleted"}, 400),
        ({"inferred": "maybe"}, 400),
        ({"cursor": "x"}, 400),
        ({"limit": "101"}, 422),
        ({"session_id": "s1"}, 422),
        ({"actor_id": "x" * 256}, 400),
    ],
)
def test_list(log, query, sessions):
    """Sessions are found by who, what and when, newest first."""
    answer = log.get("/sessions", **query)
    if isinstance(sessions, int):
        assert answer.status_code == sessions
        return
    found = ["(bob)" if one["inferred"] else one["session_id"] for one in answer.json()["data"]]
    assert found == sessions
    assert answer.json()["pagination"] == {
        "has_more": False, "next_cursor": None, "total": len(sessions), "total_is_exact": True,
    }  # fmt: skip


def test_timeline_is_oldest_first(log):
    """The story goes by when things occurred, with the time since the start and since the step before."""
    session = log.get("/sessions/s1").json()["data"]
    steps = session.pop("timeline")
    assert session == log.get("/sessions", tenant_id="acme").json()["data"][0]
    assert [(one["action"], one["elapsed_ms"], one["gap_ms"], one["destructive"]) for one in steps] == [
        ("user.signed_in", 0, 0, False),
        ("document.viewed", 10_000, 10_000, False),
        ("document.deleted", 120_500, 110_500, True),
    ]
    extra = {"elapsed_ms", "gap_ms", "destructive", "device", "marks", "links"}
    plain = log.get("/events/" + steps[0]["id"]).json()["data"]
    assert {name: value for name, value in steps[0].items() if name not in extra} == plain


def test_inferred_session(log):
    """An event without a session id is in an inferred one, which has an id, a summary and a timeline."""
    session = log.get("/sessions", inferred="true").json()["data"][0]
    story = log.get("/sessions/" + session["session_id"]).json()["data"]
    assert [one["action"] for one in story["timeline"]] == ["report.opened"]
    assert story["timeline"][0]["session_id"] is None
    assert [one["action"] for one in log.events(session_id=session["session_id"])] == ["report.opened"]


def test_silence_ends_an_inferred_session(api):
    """An actor's pause of more than half an hour begins another session; half an hour does not."""
    for at in ("09:00:00", "09:30:00", "10:00:00.000001", "10:00:01"):
        api.send(session_id=None, occurred_at=f"2026-03-27T{at}Z")
    sessions = api.get("/sessions").json()["data"]
    assert [one["events_count"] for one in sessions] == [2, 2]


def test_timeline_in_pages(api):
    """A long session goes on with the cursor; times go on where the page before ended."""
    events = [
        {
            "actor_id": "a",
            "action": "b",
            "session_id": "long",
            "occurred_at": f"2026-03-27T00:{n // 60:02}:{n % 60:02}Z",
        }
        for n in range(250)
    ]
    for first in range(0, 250, 100):
        assert api.post("/events/batch", {"events": events[first : first + 100]}).status_code == 202
    whole = api.get("/sessions/long").json()
    assert len(whole["data"]["timeline"]) == 250
    assert whole["pagination"] | {"has_more": False, "total": 250} == whole["pagination"]
    walked, cursor = [], {}
    while True:
        answer = api.get("/sessions/long", limit=100, **cursor).json()
        walked += answer["data"]["timeline"]
        if not answer["pagination"]["has_more"]:
            break
        cursor = {"cursor": answer["pagination"]["next_cursor"]}
    assert walked == whole["data"]["timeline"]
    assert [one["gap_ms"] for one in walked] == [0] + [1000] * 249


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "1001"}, {"order": "asc"}])
def test_timeline_parameters(log, query):
    """A timeline's page holds 1 to 1,000 steps."""
    assert log.get("/sessions/s1", **query).status_code == 422


def test_session_ids_of_any_kind(api):
    """An id with slashes, dots, spaces or another script leads to its session when percent-encoded."""
    for session in ("a/b", "a b", "..", "é🧨", "%", "a?b#c", "events", "x" * 255):
        api.send(session_id=session)
        quoted = "".join(f"%{byte:02X}" for byte in session.encode())
        answer = api.http.get("/sessions/" + quoted)
        assert answer.status_code == 200, session
        assert answer.json()["data"]["session_id"] == session


def test_unknown_session(log, refused):
    """A session that is not there is not found."""
    for unknown in ("s3", "S1", "s1%20", "x" * 3000):
        refused(log.http.get("/sessions/" + unknown), 404)
    refused(log.http.get("/sessions/s%00"), 400)


def test_session_pages(api):
    """A list of sessions goes on with its cursor, every session once."""
    events = [{"actor_id": "a", "action": "b", "session_id": f"s{n}"} for n in range(60)]
    api.post("/events/batch", {"events": events})
    walked, cursor = [], {}
    while True:
        answer = api.get("/sessions", **cursor).json()
        walked += [one["session_id"] for one in answer["data"]]
        assert answer["pagination"]["total"] == 60
        if not answer["pagination"]["has_more"]:
            break
        cursor = {"cursor": answer["pagination"]["next_cursor"]}
    assert sorted(walked) == sorted(f"s{n}" for n in range(60))


def test_history(log):
    """A resource's history has what was done to it and what touched it as a target, oldest first, across sessions."""
    answer = log.http.get("/resources/document/d%2F1/history").json()
    assert [(one["action"], one["session_id"], one["destructive"]) for one in answer["data"]] == [
        ("document.viewed", "s1", False),
        ("document.deleted", "s1", True),
        ("folder.viewed", "s2", False),
    ]
    assert answer["pagination"]["total"] == 3
    for path in (
        "/resources/folder/d%2F1/history",
        "/resources/document/D%2F1/history",
        "/resources/document/x/history",
    ):
        assert log.http.get(path).json()["data"] == []


def test_history_in_pages(api):
    """A long history goes on with its cursor, which is good for this resource alone."""
    events = [{"actor_id": "a", "action": "b", "resource": "doc", "resource_id": f"d{n % 2}"} for n in range(60)]
    api.post("/events/batch", {"events": events})
    first = api.get("/resources/doc/d1/history").json()
    cursor = first["pagination"]["next_cursor"]
    rest = api.get("/resources/doc/d1/history", cursor=cursor).json()
    assert [one["sequence"] for one in first["data"] + rest["data"]] == list(range(2, 61, 2))
    assert api.get("/resources/doc/d0/history", cursor=cursor).status_code == 400


def test_a_long_timeline_is_in_order_over_all_pages(api):
    """Events that arrived in any order: page by page the earliest comes first, and no gap is negative."""
    minutes = [5, 0, 3, 1, 4, 2, 3]
    for number, minute in enumerate(minutes):
        assert api.send(**on(f"09:0{minute}:00", f"step.{number}")).status_code == 202
    seen, query = [], {"limit": 2}
    while True:
        answer = api.get("/sessions/s1", **query).json()
        seen += answer["data"]["timeline"]
        if not answer["pagination"]["has_more"]:
            break
        query["cursor"] = answer["pagination"]["next_cursor"]
    assert [step["occurred_at"][14:16] for step in seen] == [f"{minute:02}" for minute in sorted(minutes)]
    assert len({step["id"] for step in seen}) == len(minutes)
    assert [step["gap_ms"] for step in seen] == [0, 60_000, 60_000, 60_000, 0, 60_000, 60_000]


def test_a_client_cannot_take_an_inferred_sessions_id(api):
    """An event under such an id would stand before the inferred session, so it is refused."""
    receipt = api.post("/events", {"actor_id": "bob", "action": "report.opened"}).json()
    refused = api.send(session_id=f"inf_{receipt['id']}")
    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["session_id"])
    assert api.get(f"/sessions/inf_{receipt['id']}").json()["data"]["inferred"] is True
