"""GET /verify over HTTP; what it finds in a tampered database is tested with the log."""

import pytest
from tests.waiting import until


@pytest.fixture(scope="module")
def log(server):
    """A log of 120 events."""
    api = server.client()
    for count in (100, 20):
        api.post("/events/batch", {"events": [{"actor_id": "a", "action": "b", "session_id": "s"}] * count})
    return api


def test_whole_log(log):
    """A log that nobody touched verifies, and it is told what was signed of it."""

    def signed():
        data = log.get("/verify").json()["data"]
        assert data["valid"], data["breaks"]
        return data if data["scope"][-1]["seals"] == ["signed"] else None

    data = until(signed)
    assert data == {
        "valid": True,
        "events_checked": 120,
        "breaks": [],
        "details_erased": 0,
        "erased": [],
        "pruned_through": 0,
        "first_sequence": 1,
        "last_sequence": 120,
        "sessions_checked": True,
        "scope": [{"first_sequence": 1, "last_sequence": 120, "seals": ["signed"]}],
        "checkpoints_checked": data["checkpoints_checked"],
        "rollbacks": [],
        "signing_halted": None,
        "is_complete": True,
        "next_cursor": None,
    }


def test_empty_log(api):
    """A log without events verifies."""
    data = api.get("/verify").json()["data"]
    assert data | {"valid": True, "events_checked": 0, "breaks": [], "is_complete": True} == data


def test_span(log):
    """A span is checked from its first to its last event, both included."""
    events = log.events(limit=100, order="asc")
    data = log.get("/verify", from_=events[9]["created_at"], to=events[19]["created_at"]).json()["data"]
    assert (data["valid"], data["first_sequence"], data["last_sequence"]) == (True, 10, 20)
    assert log.get("/verify", from_="2999-01-01").json()["data"]["events_checked"] == 0


def test_in_parts(log):
    """A long log is checked in parts; the cursor tells where to go on."""
    checked, query = 0, {"limit": 50}
    for _ in range(3):
        data = log.get("/verify", **query).json()["data"]
        assert data["valid"], data["breaks"]
        checked += data["events_checked"]
        query["cursor"] = data["next_cursor"]
    assert (checked, data["is_complete"]) == (120, True)


@pytest.mark.parametrize(
    ("query", "status"),
    [({"limit": "0"}, 422), ({"limit": "100001"}, 422), ({"limit": "x"}, 400), ({"cursor": "x"}, 400),
     ({"from": "x"}, 400), ({"actor_id": "a"}, 422)],
)  # fmt: skip
def test_bad_parameters(api, refused, query, status):
    """Parameters that cannot be read are refused."""
    refused(api.get("/verify", **query), status)
