"""The administrative log: every act is in it, whoever did it from where; nobody writes into it but the server."""

import time

import pytest
from msgspec import structs
from tests.people import PASSWORD, Person, invited, owner
from tests.waiting import until

from immutable.accounts.acts import act_of
from immutable.cli.operator import operator
from immutable.model.workspace import ADMINISTRATION


def acts(boss, name, **query):
    """The acts of this name that the log tells, once there is one."""
    return until(lambda: boss.get("/events", action=f"immutable.{name}", limit=100, **query).json()["data"], name)


def test_acts_are_told_with_who_where_and_what(server):
    """From the desk, from the API and from strangers; the log verifies like any other."""
    boss = owner(server)
    person = invited(server, f"told-{time.time_ns()}", "admin")
    place = server.catalog.workspace(person.workspace)
    key = person.post("/keys", {"name": "k"}).json()["data"]
    member_id = person.get("/account").json()["data"]["id"]
    person.post(f"/keys/{key['id']}/revoke")
    person.post("/erasures", {"reason": "asked", "actor_id": "nobody"})
    admin = server.client("admin", workspace=person.workspace)
    hold = admin.post("/holds", {"reason": "case", "actor_id": "a"}).json()["data"]
    admin.post("/invitations", {"email": "invited@example.com"})
    Person(server, person.email).sign_in("what was typed")
    Person(server, "typed.by.mistake@example.com").sign_in("what was typed")
    person.post("/sign-out")
    acts(boss, "member_signed_out", actor_id=member_id)  # the last of them: all others are in the log before it
    for name, actor_type in {
        "member_joined": "member", "member_signed_in": "member", "key_created": "member", "key_revoked": "member",
        "erasure_requested": "member", "hold_placed": "api_key", "member_invited": "api_key",
    }.items():  # fmt: skip
        told = acts(boss, name, **({} if name == "member_signed_in" else {"tenant_id": place.id}))
        assert told[0]["actor"]["type"] == actor_type, name
        assert told[0]["ip_address"] == "127.0.0.1"
        assert told[0]["user_agent"] == admin.http.headers["user-agent"]
    assert acts(boss, "key_created", tenant_id=place.id)[0]["resource"]["id"] == key["id"]
    assert acts(boss, "hold_placed", tenant_id=place.id)[0]["resource"]["id"] == hold["id"]
    failed = acts(boss, "member_sign_in_failed")
    assert {one["metadata"]["why"] for one in failed} >= {"wrong_password", "unknown_email"}
    assert boss.get("/verify").json()["data"]["valid"]
    for text in (PASSWORD, "what was typed", "typed.by.mistake", key["secret"]):
        assert boss.get("/events", search=text).json()["data"] == []


def test_what_was_not_done_is_not_told(server):
    """A session that nobody has cannot be ended, and an invitation taken back once: neither attempt becomes an act."""
    boss = owner(server)
    person = invited(server, f"made-up-{time.time_ns()}", "admin")
    place = server.catalog.workspace(person.workspace)
    made = person.post("/invitations", {"email": "ada@example.com"}).json()["data"]
    told = act_of("member_invitation_revoked", operator(), workspace=place, resource=("invitation", made["id"], None))
    revoke = server.catalog.sign_ins.revoke_link
    assert [revoke(place, made["id"], told), revoke(place, made["id"], structs.replace(told, id="act_2"))] == [
        True,
        False,
    ]
    assert person.post("/account/sessions/ses_made_up/end").status_code == 404
    person.post("/keys", {"name": "the last act"})
    acts(boss, "key_created", tenant_id=place.id)
    assert boss.get("/events", resource_id="ses_made_up").json()["data"] == []
    assert len(acts(boss, "member_invitation_revoked", tenant_id=place.id)) == 1


def test_nobody_writes_into_it(server):
    """No key for it can do more than read, and no member's role can either."""
    boss = owner(server)
    for scopes in (["ingest"], ["read", "admin"]):
        assert boss.post("/keys", {"scopes": scopes}).status_code == 409
    secret = boss.post("/keys", {"scopes": ["read"]}).json()["data"]["secret"]
    reader = server.with_key(secret)
    assert reader.get("/events").status_code == 200
    for one in (reader, boss):
        assert one.post("/events", {"actor_id": "a", "action": "b"}).status_code == 403
        assert one.post("/events/batch", {"events": []}).status_code == 403
    viewer = invited(server, ADMINISTRATION, "viewer")
    assert viewer.get("/events").status_code == 200
    assert viewer.get("/members").status_code == 403


@pytest.mark.parametrize("path", ["/viewer-token"])
def test_viewer_tokens_are_made_by_keys(server, path):
    """A token ends with its key, so a member's session makes none."""
    person = invited(server, "tokens", "owner")
    assert person.post(path).status_code == 403


def test_guessing_is_slowed_down_for_known_and_unknown_alike(serve):
    """After so many wrong passwords for an address, whoever sends them, even the right one waits; others sign in."""
    server = serve(failed_sign_ins_per_hour=3)
    boss = owner(server)
    person = invited(server, "guessed", "viewer")
    for email in (person.email, "unknown@example.com"):
        answers = [Person(server, email).sign_in(f"guess number {number}").status_code for number in range(5)]
        assert answers == [401, 401, 401, 429, 429]
    assert Person(server, person.email).sign_in().status_code == 429
    # Who guesses keeps nobody out of a browser in which they have signed in before; it lets nobody in, and guess no longer.
    assert person.sign_in().status_code == 200
    assert person.post("/account/password", {"password": PASSWORD, "new_password": PASSWORD + "!"}).status_code == 200
    person.post("/sign-out")
    assert [person.sign_in(f"guess {number}").status_code for number in range(4)] == [401, 401, 401, 429]
    other = invited(server, "guessed", "viewer")
    other.email = person.email
    assert other.sign_in(PASSWORD + "!").status_code == 429
    assert [Person(server, boss.email).sign_in().status_code for _ in range(5)] == [200] * 5
