"""POST /events/batch: each event stands for itself, unless all or none was asked for."""

import pytest

GOOD = {"actor_id": "usr_1", "action": "document.viewed"}
BAD = {"actor_id": "usr_1"}


def batch(*events):
    """The body of a batch."""
    return {"events": list(events)}


def test_answers_come_in_the_order_sent(api):
    """The answer has a receipt for each event, in their order, and they are adjacent in the chain."""
    answer = api.post("/events/batch", batch(*({**GOOD, "actor_id": f"usr_{n}"} for n in range(100))))
    assert answer.status_code == 202
    receipts = answer.json()["events"]
    assert [one["sequence"] for one in receipts] == list(range(1, 101))
    assert {one["status"] for one in receipts} == {"queued"}
    stored = api.events(limit=100, order="asc")
    assert [one["id"] for one in stored] == [one["id"] for one in receipts]
    assert [one["actor_id"] for one in stored] == [f"usr_{n}" for n in range(100)]
    hashes = [one["integrity"]["event_hash"] for one in stored]
    assert [one["integrity"]["previous_event_hash"] for one in stored] == [None, *hashes[:-1]]


def test_invalid_event_is_rejected_in_its_place(api):
    """An invalid event is told in its place what is wrong with it; the others are kept."""
    answer = api.post("/events/batch", batch(GOOD, BAD, {**GOOD, "version": 0, "color": "red"}, GOOD))
    assert answer.status_code == 202
    first, second, third, last = answer.json()["events"]
    assert (first["status"], last["status"]) == ("queued", "queued")
    assert last["sequence"] == first["sequence"] + 1
    assert second == {
        "id": None,
        "status": "rejected",
        "error": "validation_failed",
        "message": "action: This field is required.",
        "errors": {"action": ["This field is required."]},
    }
    assert third["errors"].keys() == {"version", "color"}
    assert api.length() == 2


@pytest.mark.parametrize("item", [None, 5, "x", [], True, {}])
def test_what_is_no_event_is_rejected_in_its_place(api, item):
    """Something that is not even an object is rejected like any invalid event."""
    answer = api.post("/events/batch", batch(item, GOOD))
    assert [one["status"] for one in answer.json()["events"]] == ["rejected", "queued"]


def test_none_valid(api, refused):
    """With no valid event the batch is refused, and the errors name event and field."""
    problem = refused(api.post("/events/batch", batch(BAD, {"action": "a.b"})), 422)
    assert problem["error"] == "validation_failed"
    assert problem["errors"] == {
        "events.0.action": ["This field is required."],
        "events.1.actor_id": ["This field is required."],
    }


def test_atomic_is_all_or_none(api, refused):
    """With atomic=true one invalid event keeps all out, and the answer says which."""
    problem = refused(api.post("/events/batch", batch(GOOD, BAD, GOOD), atomic="true"), 422)
    assert list(problem["errors"]) == ["events.1.action"]
    answer = api.post("/events/batch", batch(GOOD, GOOD), atomic="true")
    assert answer.status_code == 202
    assert api.length() == 2


def test_atomic_takes_true_or_false(api, refused):
    """Another word than true or false is refused, and nothing is stored."""
    refused(api.post("/events/batch", batch(GOOD), atomic="yes"), 400)
    assert api.post("/events/batch", batch(GOOD, BAD), atomic="false").status_code == 202


def test_duplicates_within_a_batch(api):
    """A key that comes twice in one batch is stored once; the second answers the first one's id."""
    sent = batch({**GOOD, "idempotency_key": "k"}, GOOD, {**GOOD, "idempotency_key": "k", "action": "other.thing"})
    first, other, again = api.post("/events/batch", sent).json()["events"]
    assert again == {**first, "status": "duplicate"}
    assert other["sequence"] == 2
    assert api.length() == 2


def test_duplicates_of_earlier_events(api):
    """Sending a batch again stores nothing and answers the same ids."""
    sent = batch(*({**GOOD, "idempotency_key": f"k{n}"} for n in range(10)))
    first = api.post("/events/batch", sent).json()["events"]
    again = api.post("/events/batch", sent).json()["events"]
    assert again == [{**one, "status": "duplicate"} for one in first]
    assert api.length() == 10


@pytest.mark.parametrize("count", [0, 101])
def test_one_to_a_hundred_events(api, refused, count):
    """No event is too few, 101 are too many."""
    assert list(refused(api.post("/events/batch", batch(*[GOOD] * count)), 422)["errors"]) == ["events"]


def test_more_events_where_configured(serve):
    """The operator may allow more events in a batch; the OpenAPI document then says so."""
    api = serve(batch_max_events=250).client()
    assert len(api.post("/events/batch", batch(*[GOOD] * 250)).json()["events"]) == 250
    assert api.post("/events/batch", batch(*[GOOD] * 251)).status_code == 422
    components = api.get("/openapi.json").json()["components"]
    assert components["schemas"]["BatchInput"]["properties"]["events"]["maxItems"] == 250


@pytest.mark.parametrize("body", [{}, {"events": None}, {"events": {}}, {"events": [GOOD], "x": 1}, [GOOD], GOOD, None])
def test_other_bodies(api, refused, body):
    """A body that is not {"events": [...]} and nothing else is refused whole."""
    refused(api.post("/events/batch", body), 422)
