"""GET /search and /activity/… over HTTP."""

import pytest

from immutable.demo import ticket_4821

COMPLAINT = "Lisa Wang writes: I was working on the Q3 Budget Report and it just vanished. I didn't delete it."


@pytest.fixture(scope="module")
def log(server):
    """The events of ticket #4821."""
    api = server.client()
    assert api.post("/events/batch", {"events": list(ticket_4821.events())}).status_code == 202
    return api


def test_a_ticket_leads_to_its_session(log):
    """The words of the complaint lead to the person, the document and, first of all, the session of both."""
    found = log.get("/search", q=COMPLAINT).json()["data"]
    assert "Q3 Budget Report" in found["phrases"]
    assert ticket_4821.USER_ID in [one["id"] for one in found["actors"]]
    assert next((one["type"], one["id"]) for one in found["resources"]) == ("document", ticket_4821.DOCUMENT_ID)
    session = found["sessions"][0]
    assert (session["session_id"], session["destructive_count"]) == ("sess_a8f3c2d1", 2)
    assert all(one["whole"] for one in found["looked"])


def test_activity_counts_all_events_and_sessions(log):
    """The counts of all parts are the log's; a filter counts its own."""
    counted = log.get("/activity/events", parts=10).json()["data"]
    assert sum(counted["counts"]) == log.length()
    assert counted["from"] == log.events(order="asc", limit=1)[0]["created_at"]
    destroyed = log.get("/activity/events", action="trash.*").json()["data"]
    assert (sum(destroyed["counts"]), destroyed["counted_from"]) == (1, None)
    sessions = log.get("/activity/sessions").json()["data"]
    assert sum(sessions["counts"]) == log.get("/sessions").json()["pagination"]["total"]


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/search", {}, 422), ("/search", {"q": " "}, 422), ("/search", {"q": "x" * 2001}, 422),
        ("/search", {"q": "x", "limit": 21}, 422), ("/activity/events", {"parts": 0}, 422),
        ("/activity/sessions", {"parts": "x"}, 400),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_told(log, path, query, status):
    """In the words of the contract."""
    assert log.get(path, **query).status_code == status
