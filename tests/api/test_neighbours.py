"""GET /sessions/{id}/neighbours, and the marks of a timeline, over HTTP."""

import pytest


def on(at, session, actor="ann", thing="d1", **more):
    """An event at that time of 27 March 2026."""
    resource = {"type": "document", "id": thing}
    return {
        "actor_id": actor, "action": "document.viewed", "session_id": session, "resource": resource,
        "occurred_at": f"2026-03-27T{at}Z", **more,
    }  # fmt: skip


@pytest.fixture(scope="module")
def log(server):
    """Ann in two sessions at once; Bob on the same document near, Cid long after, Dan on another."""
    api = server.client()
    events = [
        on("09:00:00", "s1", user_agent="curl/8"), on("09:30:00", "s1", user_agent="Wget/1.21"),
        on("09:10:00", "phone", thing="d2"), on("08:00:00", "earlier"), on("08:10:00", "earlier"),
        on("10:20:00", "bobs", "bob"), on("12:00:00", "cids", "cid"), on("09:15:00", "dans", "dan", "d3"),
        on("09:20:00", None, "eve"),
    ]  # fmt: skip
    assert api.post("/events/batch", {"events": events}).status_code == 202
    return api


def test_parallel_sessions_and_others_on_the_same_things(log):
    """The same actor's only at the same time, others' within an hour and with what they share, inferred ones too."""
    found = log.get("/sessions/s1/neighbours").json()["data"]
    assert [one["session_id"] if not one["inferred"] else "(eve)" for one in found] == ["phone", "bobs", "(eve)"]
    assert [one["shared"] for one in found] == [[], *[[{"type": "document", "id": "d1"}]] * 2]


def test_a_change_of_device_stands_in_the_timeline(log):
    """With the event that it is compared with."""
    steps = log.get("/sessions/s1").json()["data"]["timeline"]
    assert steps[0]["marks"] == []
    assert steps[1]["marks"] == [
        {"kind": "device_changed", "since_sequence": steps[0]["sequence"], "seconds": 1800, "km": None}
    ]


def test_an_unknown_session_has_no_neighbours(log):
    """It is told as not found."""
    assert log.get("/sessions/none/neighbours").status_code == 404
