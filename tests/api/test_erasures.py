"""Erasing details and holding events over HTTP."""

import pytest

LISA = {"actor_id": "lisa", "actor_name": "Lisa Wang", "metadata": {"note": "umbrella"}, "ip_address": "192.0.2.7"}


@pytest.fixture
def admin(server):
    """A client that may administer an empty workspace."""
    return server.client("ingest", "read", "admin")


def erase(client, **fields):
    """Erase, and what came of it."""
    answer = client.post("/erasures", {"reason": "asked for", **fields})
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def hold(client, **fields):
    """Place a hold, and what it is."""
    answer = client.post("/holds", {"reason": "case 7", **fields})
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def test_an_erased_event_stays_without_its_details(admin):
    """What was personal is null, the rest is as it was, and the chain is whole."""
    before = admin.add(**LISA, session_id="s1")
    done = erase(admin, actor_id="lisa")
    assert (done["erased"], done["held"], done["is_complete"]) == (1, 0, True)
    assert (done["erased_in_archives"], done["unreached_archives"]) == (0, [])
    after = admin.get("/events/" + before["id"]).json()["data"]
    assert (after["actor_name"], after["metadata"], after["ip_address"]) == (None, None, None)
    assert after["integrity"] == {**before["integrity"], "details_erased": True}
    assert (before["integrity"]["details_erased"], after["action"]) == (False, before["action"])
    verdict = admin.get("/verify").json()["data"]
    assert (verdict["valid"], verdict["details_erased"]) == (True, 1)


def test_the_log_says_who_erased_and_why(admin):
    """The erasure is an event, made by the key that asked for it."""
    admin.add(**LISA)
    (receipt,) = erase(admin, actor_id="lisa")["erasures"]
    told = admin.get("/events/" + receipt["id"]).json()["data"]
    assert (told["action"], told["actor"]["type"]) == ("immutable.details_erased", "api_key")
    assert told["metadata"] == {"reason": "asked for", "events": 1}
    assert told["targets"] == [{"type": "sequences", "id": "1-1", "name": None, "metadata": None}]
    assert told["integrity"]["event_hash"] == receipt["event_hash"]


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"reason": "r"}, ""),
        ({"actor_id": "a"}, "reason"),
        ({"actor_id": "a", "reason": ""}, "reason"),
        ({"actor_id": "a", "reason": "x" * 1001}, "reason"),
        ({"actor_id": "a", "reason": "r\0"}, ""),
        ({"actor_id": "a", "reason": "r", "actor": "b"}, "actor"),
        ({"actor_id": "a", "reason": "r", "after_sequence": -1}, "after_sequence"),
        ([], ""),
    ],
)
def test_a_wrong_erasure_is_refused(admin, fields, named):
    """It says which field is wrong, and nothing is erased."""
    admin.add(**LISA)
    answer = admin.post("/erasures", fields)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [named])
    assert admin.events()[0]["actor_name"] == "Lisa Wang"


@pytest.mark.parametrize("fields", [{"from": "yesterday"}, {"action": "a*b"}])
def test_a_condition_that_cannot_be_read_is_refused(admin, fields):
    """Times and patterns are read as the list of events reads them."""
    assert admin.post("/erasures", {"reason": "r", **fields}).status_code == 400


def test_only_an_administrator_erases_and_holds(api):
    """Keys to read and to ingest may not, and a body that is no JSON is 400."""
    for path in ("/erasures", "/holds", "/holds/hold_1/release"):
        assert api.post(path, {"reason": "r", "actor_id": "a"}).status_code == 403
    assert api.get("/holds").status_code == 403


def test_a_hold_keeps_its_events(admin):
    """What is held is passed over by erasures until it is released; both are told by the log."""
    admin.add(**LISA, session_id="s1")
    placed = hold(admin, session_id="s1", to="2999-01-01")
    assert (placed["to"], placed["released_at"]) == ("2999-01-01T23:59:59.999999Z", None)
    assert admin.get("/holds").json()["data"] == [placed]
    assert (erase(admin, actor_id="lisa")["held"], admin.events(actor_id="lisa")[0]["actor_name"]) == (1, "Lisa Wang")
    path = f"/holds/{placed['id']}/release"
    released = admin.post(path, {"reason": "settled"}).json()["data"]
    assert released["released_at"] is not None
    assert admin.post(path, {"reason": "settled"}).status_code == 409
    assert admin.post("/holds/hold_none/release", {"reason": "r"}).status_code == 404
    assert erase(admin, actor_id="lisa")["erased"] == 1
    told = [event["action"] for event in admin.events(action="immutable.*", order="asc")]
    assert told == ["immutable.hold_placed", "immutable.hold_released", "immutable.details_erased"]


def test_a_hold_on_everything_is_refused(admin):
    """A hold says what it holds."""
    assert admin.post("/holds", {"reason": "r"}).status_code == 422


def test_what_an_erasure_would_do_is_told_before(admin):
    """Events meant, held, erased before and to be erased are each counted once, and nothing is changed."""
    for session in ("s1", "s2", "s3"):
        admin.add(**LISA, session_id=session)
    admin.add(actor_id="tom")
    erase(admin, session_id="s1")
    held = hold(admin, session_id="s2")
    counts = {"events": 3, "erasable": 1, "held": 1, "erased": 1, "own": 0, "pruned": 0}
    assert admin.post("/erasures/preview", {"actor_id": "lisa"}).json() == {"data": counts}
    admin.post(f"/holds/{held['id']}/release", {"reason": "settled"})
    assert admin.post("/erasures/preview", {"actor_id": "lisa"}).json()["data"]["erasable"] == 2
    whole = admin.post("/erasures/preview", {"from": "2020-01-01"}).json()["data"]
    assert (whole["events"], whole["own"], whole["erasable"]) == (7, 3, 3)
    assert admin.events(actor_id="lisa", session_id="s2")[0]["actor_name"] == "Lisa Wang"
    assert admin.post("/erasures/preview", {}).status_code == 422
    assert (
        admin.server.client("read", workspace=admin.workspace).post("/erasures/preview", {"actor_id": "l"}).status_code
        == 403
    )
