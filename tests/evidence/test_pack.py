"""Packs that the server makes, checked by the verifier that shares no code with it."""

import json
import sqlite3
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.evidence.conftest import Case, files

from immutable_verify import pack
from immutable_verify.findings import Refused


@pytest.mark.parametrize(
    ("path", "query", "events"),
    [
        ("/sessions/sess_a8f3c2d1/evidence", {}, 8),
        ("/resources/document/doc_8f3a2c1d/evidence", {}, 21),
        ("/evidence", {"actor_id": "user_4f2a8c", "action": "document.*"}, 16),
        ("/evidence", {"search": "context_menu"}, 1),
    ],
)
def test_packs_of_all_kinds_verify(case, path, query, events):
    """A session, a resource's history and a filtered set: each holds just its events, and verifies."""
    made = case.pack(path, **query)
    assert f"Its {events} events are in the log" in case.check(made).established[1]
    assert json.loads(files(made)["manifest.json"])["counts"] == {"events": events, "erased": 0, "withheld": 0}


def test_an_inferred_session_can_be_proved_too(case):
    """Its id is that of the list of sessions."""
    case.client.send(actor_id="quiet")
    inferred = case.client.get("/sessions", actor_id="quiet").json()["data"][0]["session_id"]
    assert "Its 1 events" in case.check(case.pack(f"/sessions/{inferred}/evidence")).established[1]


def test_an_id_that_ends_like_the_path_is_told_apart_by_its_slash(case):
    """Escaped, the slash is part of the session's id; else it is the path's. Neither hides the other."""
    case.client.send(session_id="s/evidence", action="of.the_longer")
    case.client.send(session_id="s", action="of.the_shorter")
    longer = case.client.get("/sessions/s%2Fevidence").json()["data"]
    assert (longer["session_id"], len(longer["timeline"])) == ("s/evidence", 1)
    assert b"of.the_shorter" in case.pack("/sessions/s/evidence")
    assert b"of.the_longer" in case.pack("/sessions/s%2Fevidence/evidence")


def test_the_log_tells_that_a_pack_was_made(case):
    """The event names the key, what was asked for, and the hash of the pack's manifest."""
    made = case.pack()
    told = case.client.events(action="immutable.evidence_exported")[0]
    assert (told["actor"]["type"], told["metadata"]["asked"]) == ("api_key", "session sess_a8f3c2d1")
    assert files(made)["manifest.note"].split(b"\n")[2].decode() == told["metadata"]["manifest_sha256"]


def test_erased_details_are_proved_erased(case):
    """The pack has the erasure with its proof, the verifier accepts it, and nothing of the details is left."""
    assert case.client.post("/erasures", {"actor_id": "user_4f2a8c", "reason": "asked"}).json()["data"]["erased"] > 0
    made = case.pack()
    assert any("Details erased, on the record" in one for one in case.check(made).established)
    assert "erasures.jsonl" in files(made)
    assert b"Lisa" not in made


def test_withheld_details_are_not_in_the_pack(case):
    """With all withheld no name is in any file of the pack, and the events prove all the same."""
    made = case.pack(withhold="all")
    findings = case.check(made)
    assert any("withheld" in one for one in findings.not_established)
    assert (b"Lisa" in made, b"Budget" in made) == (False, False)


def test_only_what_others_did_can_be_withheld(case):
    """The details of the one actor stay; those of all others go."""
    made = case.pack("/resources/document/doc_8f3a2c1d/evidence", withhold="others:user_4f2a8c")
    case.check(made)
    lines = [json.loads(line) for line in files(made)["events.jsonl"].splitlines()]
    kept = {json.loads(line["record"])["actor"]["id"] for line in lines if line["absent"] is None}
    assert kept == {"user_4f2a8c"}
    assert b"Marcus" not in made


def test_the_details_of_chosen_events_can_be_withheld(case):
    """By place, range of places or id: the verifier and the report say which; nothing of them is in the pack, the rest is."""
    told = case.client.events(session_id="sess_a8f3c2d1", limit=100)
    first, last = told[0], told[-1]
    chosen = f"events:{first['sequence']}-{first['sequence'] + 1}, {last['id']}"
    made = case.pack(withhold=chosen)
    findings = case.check(made)
    places = f"{first['sequence']} to {first['sequence'] + 1}, {last['sequence']}"
    assert f"Details withheld by whoever made the pack: {places}." in findings.not_established
    lines = [json.loads(line) for line in files(made)["events.jsonl"].splitlines()]
    kept = {first["sequence"], first["sequence"] + 1, last["sequence"]}
    assert {line["seq"] for line in lines if line["absent"] == "withheld"} == kept
    assert all(line["details"] for line in lines if line["seq"] not in kept)
    page = files(made)["report.html"].decode()
    assert f"({first['sequence']}-{first['sequence'] + 1} and {last['sequence']}) are withheld from this pack" in page


def test_packs_outlive_the_keys_that_signed_them(case):
    """After a rotation old packs verify with the old key, new ones with the new, and both keys are in the pack."""
    before = case.pack()
    (old_key,) = case.keys()
    assert case.client.post("/signing-keys", {"reason": "yearly"}).status_code == 200
    case.client.send()
    after = case.pack()
    assert pack.check(before, [old_key]).trusted
    case.check(after)
    assert len(json.loads(files(after)["keys.json"])["keys"]) == 2
    with pytest.raises(Refused):
        pack.check(after, [old_key])


@pytest.fixture(scope="module")
def sound(running):
    """One pack, and the keys to check it with."""
    case = Case(running)
    case.client.post("/erasures", {"actor_id": "user_9b2e71", "reason": "asked"})
    return case.pack("/resources/document/doc_8f3a2c1d/evidence", withhold="others:user_4f2a8c"), case.keys()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_byte_can_be_changed(sound, data):
    """Whichever byte of a pack is changed, it does not verify."""
    made, keys = sound
    at = data.draw(st.integers(0, len(made) - 1))
    changed = made[:at] + bytes([made[at] ^ data.draw(st.integers(1, 255))]) + made[at + 1 :]
    with pytest.raises(Refused):
        pack.check(changed, keys)


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/sessions/nobody/evidence", {}, 404),
        ("/resources/document/none/evidence", {}, 404),
        ("/evidence", {"actor_id": "nobody"}, 404),
        ("/evidence", {"withhold": "others:"}, 400),
        ("/evidence", {"withhold": "some"}, 400),
        ("/evidence", {"withhold": "events:"}, 400),
        ("/evidence", {"withhold": "events:0"}, 400),
        ("/evidence", {"withhold": "events:1,,2"}, 400),
        ("/evidence", {"withhold": "events:1-3,99999"}, 422),
        ("/evidence", {"withhold": "events:01a20fd5-b9e0-7235-9ee8-b07deb0f2f24"}, 422),
        ("/evidence", {"limit": "3"}, 422),
    ],
)
def test_what_cannot_be_proved_is_said(case, path, query, status):
    """There is no empty pack, and no parameter that is passed over."""
    answer = case.client.get(path, **query)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json")


def test_too_much_for_one_pack_is_refused(serve):
    """The answer says what the bounds are."""
    small = Case(serve(evidence_max_events=8))
    small.check(small.pack())
    answer = small.client.get("/evidence")
    assert (answer.status_code, "8 events" in answer.json()["message"]) == (422, True)


def test_a_pack_does_not_wait_for_the_next_checkpoint(serve):
    """Where logs are signed once a day, the checkpoint that a pack needs is made at once."""
    slow = Case(serve(checkpoint_interval_seconds=86_400))
    slow.check(slow.pack())
    slow.client.send(session_id="late")
    slow.check(slow.pack("/sessions/late/evidence"))


def test_no_pack_is_made_of_what_would_not_verify(serve):
    """Details that are gone without an erasure on the record: 409, and the log tells of no pack."""
    case = Case(serve())
    with closing(sqlite3.connect(case.server.database, timeout=60)) as database, database:
        last = "(SELECT max(id) FROM entries)"
        assert database.execute(f"UPDATE entries SET details=NULL, salt=NULL WHERE id={last}").rowcount == 1
    answer = case.client.get("/evidence")
    assert (answer.status_code, answer.json()["error"]) == (409, "conflict")
    assert case.client.events(action="immutable.evidence_exported") == []
