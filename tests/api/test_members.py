"""Members: the first owner, signing in and out, sessions, roles and invitations, on both engines."""

import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.people import PASSWORD, Person, invited, owner
from tests.waiting import until

from immutable.accounts.api_key import digest_of
from immutable.accounts.one_time_links import OneTimeLinks
from immutable.accounts.roles import SCOPES_OF
from immutable.api.routes import TABLE
from immutable.cli.operator import operator
from immutable.model.member import ROLES

ADMINISTRATIVE = [
    (verb, path) for path, verbs in TABLE.items() for verb, method in verbs.items() if method.scope == "admin"
]


@pytest.fixture
def boss(server):
    """The owner of the installation."""
    return owner(server)


@pytest.fixture(scope="module")
def crew(server):
    """A member of each role, in one workspace."""
    owner(server)
    return {role: invited(server, "crew", role) for role in ROLES}


def test_the_first_owners_link_works_once(serve):
    """The console's link makes an owner of everything; used again, or replaced by a newer one, it does not work."""
    server = serve()
    (link,) = re.findall(r"http\S+/desk#/welcome/(\S+)", server.said())
    newer = OneTimeLinks(server.catalog).for_first_owner(operator())
    first, second = Person(server, "first@example.com"), Person(server, "second@example.com")
    assert first.accept(link, email=first.email).status_code == 404
    assert first.accept(newer, email=first.email).status_code == 200
    assert second.accept(newer, email=second.email).status_code == 404
    roles = {one["name"]: one["role"] for one in first.get("/account").json()["data"]["workspaces"]}
    assert roles == {"immutable.administration": "owner"}
    assert link not in server.logged()
    assert newer not in server.logged()


def test_one_link_opened_at_once_makes_one_owner(serve):
    """Of several who open the same link at the same moment, one becomes owner."""
    server = serve()
    token = OneTimeLinks(server.catalog).for_first_owner(operator())
    people = [Person(server) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda one: one.accept(token, email=one.email).status_code, people))
    assert answers.count(200) == 1
    assert set(answers) <= {200, 404, 410}


def test_wrong_password_and_unknown_address_are_told_alike(boss):
    """What is answered does not tell whether there is such a member; no cookie is set."""
    wrong, unknown = Person(boss.server, boss.email), Person(boss.server)
    answers = [one.sign_in("not the password") for one in (wrong, unknown)]
    assert [one.status_code for one in answers] == [401, 401]
    assert answers[0].content == answers[1].content
    assert {*answers[0].headers} == {*answers[1].headers}
    assert "set-cookie" not in answers[0].headers


def test_an_address_is_one_however_it_is_written(boss):
    """Capitals and forms of the same letters are the same member."""
    person = Person(boss.server, " OWNER@Example.com ")
    assert person.sign_in().status_code == 200


def test_a_session_lets_in_as_its_role(crew, server):
    """A session reaches the endpoints that a key with its role's scopes does, in the workspace that it names."""
    key = server.client(workspace="crew")
    key.send()
    for role, person in crew.items():
        assert person.get("/events").json()["pagination"]["total"] >= 1
        can_write = person.post("/events", {"actor_id": "a", "action": "b"}).status_code == 202
        assert can_write == ("ingest" in SCOPES_OF[role])
        assert (person.get("/keys").status_code == 200) == ("admin" in SCOPES_OF[role])


@pytest.mark.parametrize("role", ROLES)
def test_each_role_at_each_administrative_endpoint(crew, role):
    """Owners and admins get past the door of every administrative endpoint, members and viewers of none."""
    for verb, path in ADMINISTRATIVE:
        url = re.sub(r"{\w+(:\w+)?}", "none", path.removeprefix("/api/v1"))
        answer = crew[role].get(url) if verb == "GET" else crew[role].post(url, {"unknown field": 1})
        assert (answer.status_code == 403) == (role in ("member", "viewer")), (verb, path, answer.text)
        assert answer.status_code < 500


def test_nobody_gives_or_takes_what_is_above_them(crew, server):
    """An admin, and a key that administers, neither make an owner nor touch one."""
    chief, admin = crew["owner"], crew["admin"]
    chief_id = chief.get("/account").json()["data"]["id"]
    key = server.client("admin", workspace="crew")
    for one in (admin, key):
        assert one.post("/invitations", {"email": "x@example.com", "role": "owner"}).status_code == 403
        assert one.post(f"/members/{chief_id}/role", {"role": "viewer"}).status_code == 403
        assert one.post(f"/members/{chief_id}/remove", {}).status_code == 403
        invitation = chief.post("/invitations", {"email": "heir@example.com", "role": "owner"}).json()["data"]
        assert one.post("/invitations", {"email": "heir@example.com", "role": "viewer"}).status_code == 403
        assert one.post(f"/invitations/{invitation['id']}/revoke", {}).status_code == 403
        assert chief.post(f"/invitations/{invitation['id']}/revoke").status_code == 200
    own_id = admin.get("/account").json()["data"]["id"]
    assert admin.post(f"/members/{own_id}/role", {"role": "owner"}).status_code == 403
    assert chief.get("/account").status_code == 200


def test_only_owners_of_the_installation_make_workspaces(crew, boss):
    """Neither an owner of one workspace does, nor anybody under a reserved or taken name."""
    assert crew["owner"].post("/workspaces", {"name": "mine"}).status_code == 403
    assert boss.post("/workspaces", {"name": "made by the boss"}).json()["data"]["role"] == "owner"
    assert boss.post("/workspaces", {"name": "made by the boss"}).status_code == 409
    assert boss.post("/workspaces", {"name": "immutable.administration"}).status_code == 409


def test_the_last_owner_stays(boss):
    """Neither removal nor another role takes the installation its last owner; once there is another, it does."""
    own_id = boss.get("/account").json()["data"]["id"]
    assert boss.post(f"/members/{own_id}/remove").status_code == 409
    assert boss.post(f"/members/{own_id}/role", {"role": "viewer"}).status_code == 409
    assert boss.get("/account").status_code == 200
    second = invited(boss.server, "immutable.administration", "owner")
    second_id = second.get("/account").json()["data"]["id"]
    assert second.post(f"/members/{second_id}/role", {"role": "viewer"}).status_code == 200
    assert owner(boss.server).post(f"/members/{second_id}/remove").status_code == 200


@pytest.mark.parametrize("what", ["remove", "role"])
def test_removal_and_another_role_end_sessions(boss, what):
    """Whoever was removed, or has another role, is signed out at once."""
    person = invited(boss.server, f"leaving-{what}-{time.time_ns()}", "admin")
    boss.workspace = person.workspace
    member_id = person.get("/account").json()["data"]["id"]
    assert person.get("/events").status_code == 200
    assert boss.post(f"/members/{member_id}/{what}", {} if what == "remove" else {"role": "viewer"}).status_code == 200
    until(lambda: person.get("/events").status_code == 401)
    assert person.sign_in().status_code == (401 if what == "remove" else 200)


def test_sessions_are_listed_and_ended(crew):
    """A member sees where they are signed in, and ends one session, or all others."""
    first = crew["member"]
    others = [Person(first.server, first.email, "crew") for _ in range(3)]
    assert [one.sign_in().status_code for one in others] == [200] * 3
    listed = first.get("/account/sessions").json()["data"]
    assert [one["is_this"] for one in listed].count(True) == 1
    ids = {one.get("/account").json()["data"]["session_id"]: one for one in others}
    ended_id, ended = next(iter(ids.items()))
    assert first.post(f"/account/sessions/{ended_id}/end").status_code == 200
    until(lambda: ended.get("/account").status_code == 401)
    assert first.post(f"/account/sessions/{ended_id}/end").status_code == 404
    stranger = crew["viewer"].get("/account").json()["data"]["session_id"]
    assert first.post(f"/account/sessions/{stranger}/end").status_code == 404
    assert first.post("/account/sessions/end").json()["data"]["ended"] >= 2
    until(lambda: {one.get("/account").status_code for one in others} == {401})
    assert first.get("/account").status_code == crew["viewer"].get("/account").status_code == 200


def test_signing_in_makes_a_new_session(crew):
    """A session's token that somebody planted before signing in is not the one after it (session fixation)."""
    person = Person(crew["admin"].server, crew["admin"].email)
    person.http.cookies.set("immutable-session", "planted", domain="127.0.0.1")
    assert person.sign_in().status_code == 200
    tokens = [one.value for one in person.http.cookies.jar if one.name == "immutable-session"]
    assert "planted" not in tokens or len(tokens) == 2
    (made,) = [one for one in tokens if one != "planted"]
    planted = Person(person.server)
    planted.http.cookies.set("immutable-session", "planted", domain="127.0.0.1")
    assert planted.get("/account").status_code == 401
    assert person.server.catalog.sign_ins.session(digest_of(made or "")) is not None


def test_the_cookie_is_kept_from_scripts_and_other_sites(boss):
    """It is HttpOnly and SameSite; over https it is __Host- and Secure."""
    cookies = Person(boss.server, boss.email).sign_in().headers.get_list("set-cookie")
    assert [one.partition("=")[0] for one in cookies] == ["immutable-session", "immutable-known"]
    for cookie in cookies:
        assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
        assert "Domain" not in cookie


def test_other_pages_cannot_use_a_session(boss):
    """Without the desk's header, from another origin, or from another site, nothing is done with the cookie."""
    boss.post("/workspaces", {"name": "csrf"})
    for headers in (
        {"immutable-desk": None},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": boss.server.url.replace("127.0.0.1", "localhost")},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ):
        request = boss.http.build_request("POST", "/account/sessions/end", json={})
        for name, value in headers.items():
            if value is None:
                del request.headers[name]
            else:
                request.headers[name] = value
        assert boss.http.send(request).status_code in (401, 403)
        request = boss.http.build_request("POST", "/sign-in", json={"email": boss.email, "password": PASSWORD})
        for name, value in headers.items():
            if value is None:
                del request.headers[name]
            else:
                request.headers[name] = value
        answer = boss.http.send(request)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
    assert boss.post("/account/sessions/end", origin=boss.server.url, sec_fetch_site="same-origin").status_code == 200


def test_an_invitation_works_once_until_taken_back(boss, server):
    """Accepted, taken back, or replaced by a newer one for the same address, a link does not work again."""
    boss.workspace = "crew"
    server.catalog.create_workspace("crew")
    token = {}
    for name in ("old", "new"):
        made = boss.post("/invitations", {"email": "inv@example.com", "role": "member"}).json()["data"]
        token[name] = made["path"].rsplit("/", 1)[1]
    person = Person(server, "inv@example.com", "crew")
    shown = person.post("/links/look", {"token": token["new"]}).json()["data"]
    assert (shown["email"], shown["workspace"], shown["role"]) == ("inv@example.com", "crew", "member")
    assert person.accept(token["old"]).status_code == 404
    assert person.accept(token["new"]).status_code == 200
    assert person.accept(token["new"]).status_code == 404
    assert boss.post("/invitations", {"email": "inv@example.com"}).status_code == 409
    made = boss.post("/invitations", {"email": "back@example.com"}).json()["data"]
    assert boss.post(f"/invitations/{made['id']}/revoke").status_code == 200
    assert Person(server).accept(made["path"].rsplit("/", 1)[1]).status_code == 404


def test_an_invitation_makes_nobody_somebody_else(crew, boss, server):
    """For a member's address it asks for the member's own password: whoever invites cannot set one."""
    admin_email = crew["viewer"].email
    boss.workspace = "elsewhere"
    server.catalog.create_workspace("elsewhere")
    token = boss.post("/invitations", {"email": admin_email, "role": "admin"}).json()["data"]["path"].rsplit("/", 1)[1]
    thief = Person(server, "", "elsewhere")
    assert thief.accept(token, password="another password").status_code == 401
    assert thief.get("/account").status_code == 401
    assert thief.accept(token).status_code == 200
    names = {one["name"]: one["role"] for one in thief.get("/account").json()["data"]["workspaces"]}
    assert names == {"crew": "viewer", "elsewhere": "admin"}


def test_a_changed_password_ends_other_sessions(server, boss):
    """The session that changes it goes on; the old password no longer works; a wrong one changes nothing."""
    person = invited(server, "passwords", "viewer")
    other = Person(server, person.email)
    assert other.sign_in().status_code == 200
    new = "staple the next horse"
    assert person.post("/account/password", {"password": "wrong", "new_password": new}).status_code == 403
    assert person.post("/account/password", {"password": PASSWORD, "new_password": "short"}).status_code == 422
    assert person.post("/account/password", {"password": PASSWORD, "new_password": new}).status_code == 200
    until(lambda: other.get("/account").status_code == 401)
    assert person.get("/account").status_code == 200
    assert other.sign_in().status_code == 401
    assert other.sign_in(new).status_code == 200


@pytest.mark.parametrize("what", ["remove", "role"])
def test_who_lost_a_role_does_not_come_back_by_an_own_invitation(boss, server, what):
    """Invitations that somebody made end with their role; those of others stay."""
    place = f"invited-{what}-{time.time_ns()}"
    admin, other = Person(server, workspace=place), invited(server, place, "owner")
    made, _ = OneTimeLinks(server.catalog).for_invitation(
        server.catalog.workspace(place), admin.email, "admin", operator(), "owner"
    )
    assert admin.accept(made, name="Mallory").status_code == 200
    tokens = [
        one.post("/invitations", {"email": f"{index}@example.com", "role": "admin"})
        .json()["data"]["path"]
        .rsplit("/", 1)[1]
        for index, one in enumerate((admin, other))
    ]
    admin_id = admin.get("/account").json()["data"]["id"]
    answer = other.post(f"/members/{admin_id}/{what}", {} if what == "remove" else {"role": "viewer"})
    assert answer.status_code == 200
    look = [Person(server).post("/links/look", {"token": token}).status_code for token in tokens]
    assert look == [404, 200]


def test_a_removed_member_does_not_come_back_by_a_password_link(boss, server):
    """A link for a new password makes nobody a member."""
    person = invited(server, "gone", "viewer")
    known = server.catalog.members.credentials(person.email).member
    token = OneTimeLinks(server.catalog).for_password(known, operator())
    boss.workspace = "gone"
    assert boss.post(f"/members/{known.id}/remove").status_code == 200
    assert Person(server, person.email).accept(token).status_code == 404
    assert server.catalog.members.credentials(person.email) is None


def test_hostile_names_stay_text(server, boss):
    """Whatever a person calls themselves comes back as it was, or is refused; no control characters are kept."""
    boss.workspace = "hostile"
    server.catalog.create_workspace("hostile")
    name = "<script>alert(1)</script> שלום 🧨"
    person = Person(server, "hostile@example.com", "hostile")
    token = boss.post("/invitations", {"email": person.email}).json()["data"]["path"].rsplit("/", 1)[1]
    for wrong in ("\u202egnp.exe", "a\nb", "", " "):
        assert person.accept(token, name=wrong).status_code == 422
    assert person.accept(token, name=name).status_code == 200
    assert name in {one["name"] for one in boss.get("/members").json()["data"]}
    for wrong in ("no address", "a@b\r\nSet-Cookie: x", "a@", "@b", "a b@c", "a@b@c", "<a@b>"):
        assert boss.post("/invitations", {"email": wrong}).status_code == 422
