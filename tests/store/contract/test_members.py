"""Members, sessions, links and acts in the catalogue, on every engine."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from immutable.errors import Conflict, Expired
from immutable.model.act import Act
from immutable.model.member import LinkKind, Member, MemberSession, OneTimeLink, Role
from immutable.model.workspace import ADMINISTRATION, Workspace
from immutable.store.catalog import Catalog

_numbers = itertools.count(1)


def act(action: str = "tested") -> Act:
    """An act of its own."""
    return Act(f"act_{next(_numbers)}", 1, action, "somebody", "operator")


def link(kind: LinkKind = "invitation", email: str = "", workspace: Workspace | None = None) -> OneTimeLink:
    """A link of its own."""
    number = None if workspace is None else workspace.number
    return OneTimeLink(f"inv_{next(_numbers)}", kind, email, number, "member", "somebody", next(_numbers), 2**50)


def join(catalog: Catalog, workspace: Workspace, role: Role, email: str = "") -> Member:
    """A member of the workspace, by a link."""
    number = next(_numbers)
    member = Member(f"mem_{number}", email or f"{number}@example.com", "N", number, True, False, None)
    made = link(email=member.email, workspace=workspace)
    catalog.sign_ins.add_link(made, f"link {number}".encode(), None, forget_before=0)
    catalog.sign_ins.accept([made.id], member, "hash", [(workspace.number, role)], act())
    return member


def begin(catalog: Catalog, member: Member) -> tuple[bytes, MemberSession]:
    """A session of the member."""
    number = next(_numbers)
    session = MemberSession(f"ses_{number}", member.id, "password", "127.0.0.1", "Browser", number, number)
    digest = f"session {number}".encode()
    catalog.sign_ins.begin(session, digest, act(), forget_before=0)
    return digest, session


@pytest.fixture
def place(catalog: Catalog) -> Workspace:
    """A workspace of its own."""
    return catalog.create_workspace(f"members {next(_numbers)}")


@pytest.fixture
def everywhere(catalog: Catalog) -> int:
    """The number of the administrative log's workspace, which has an owner."""
    workspace = catalog.create_workspace(ADMINISTRATION)
    if not catalog.members.of_workspace(workspace):
        join(catalog, workspace, "owner")
    return workspace.number


def test_a_link_makes_one_member(catalog: Catalog, place: Workspace) -> None:
    """Used by many at once, a link makes one of them a member, and leaves no trace of the others."""
    made = link(email="one@example.com", workspace=place)
    catalog.sign_ins.add_link(made, b"one link", None, forget_before=0)
    outcomes: list[str] = []

    def accept(number: int) -> None:
        member = Member(f"mem_of_one_{number}", "one@example.com", "N", 1, True, False, None)
        try:
            catalog.sign_ins.accept([made.id], member, "hash", [(place.number, "viewer")], act())
            outcomes.append(member.id)
        except Expired:
            outcomes.append("")

    threads = [threading.Thread(target=accept, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = [one for one in outcomes if one]
    assert len(outcomes) == 5
    assert [(member.id, role) for member, role in catalog.members.of_workspace(place)] == [(winner, "viewer")]
    assert catalog.sign_ins.link(b"one link") is None


def test_an_act_is_kept_with_what_it_does_or_not_at_all(catalog: Catalog, place: Workspace, everywhere: int) -> None:
    """What fails leaves no act; what succeeds leaves its own, in order, until it is forgotten."""
    member = join(catalog, place, "admin")
    catalog.acts.forget([one.id for one in catalog.acts.oldest(1_000)])
    failing, done = act("failing"), act("done")
    with pytest.raises(Conflict):
        catalog.members.set_role(place, "mem_none", "viewer", failing, everywhere=everywhere)
    catalog.members.set_role(place, member.id, "viewer", done, everywhere=everywhere)
    assert catalog.acts.oldest(10) == [done]
    catalog.acts.forget([done.id])
    assert catalog.acts.oldest(10) == []


def test_the_last_owner_of_all_stays(catalog: Catalog, everywhere: int) -> None:
    """Of two owners who remove each other at the same moment, one is left."""
    workspace = catalog.create_workspace(ADMINISTRATION)
    (first,) = [member for member, role in catalog.members.of_workspace(workspace) if role == "owner"]
    second = join(catalog, workspace, "owner")
    failures: list[Exception] = []

    def remove(member: Member) -> None:
        try:
            catalog.members.remove(workspace, member.id, act(), everywhere=everywhere)
        except Conflict as error:
            failures.append(error)

    threads = [threading.Thread(target=remove, args=(one,)) for one in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(failures) == 1
    assert [role for _, role in catalog.members.of_workspace(workspace)].count("owner") == 1


def test_who_leaves_the_last_workspace_is_forgotten(catalog: Catalog, place: Workspace, everywhere: int) -> None:
    """With sessions, codes and password; who is in another one as well stays, signed out."""
    member = join(catalog, place, "member")
    digest, _ = begin(catalog, member)
    other = catalog.create_workspace("members elsewhere")
    again = link(email=member.email, workspace=other)
    catalog.sign_ins.add_link(again, b"again", None, forget_before=0)
    catalog.sign_ins.accept([again.id], member, None, [(other.number, "viewer")], act())
    catalog.members.remove(place, member.id, act(), everywhere=everywhere)
    assert catalog.sign_ins.session(digest) is None
    assert catalog.members.roles(member.id) == {other.number: "viewer"}
    catalog.members.remove(other, member.id, act(), everywhere=everywhere)
    assert catalog.members.credentials(member.email) is None


def test_a_code_is_used_once(catalog: Catalog, place: Workspace) -> None:
    """Of a second factor each time step counts once and only forwards, and each recovery code once."""
    member = join(catalog, place, "member")
    members = catalog.members
    assert not members.use_step(member.id, 5)
    assert members.offer_totp(member.id, b"sealed")
    members.put_totp_in_force(member.id, 5, [b"code 1", b"code 2"], act())
    assert not members.offer_totp(member.id, b"another")
    with pytest.raises(Conflict):
        members.put_totp_in_force(member.id, 6, [], act())
    assert [members.use_step(member.id, step) for step in (5, 4, 6, 6, 7)] == [False, False, True, False, True]
    assert [members.use_recovery_code(member.id, code) for code in (b"code 1", b"code 1", b"none")] == [
        True,
        False,
        False,
    ]
    assert members.recovery_codes_left(member.id) == 1
    members.remove_totp(member.id, act())
    kept = members.credentials_of(member.id)
    assert kept is not None
    assert (kept.totp, kept.member.has_totp, members.recovery_codes_left(member.id)) == (None, False, 0)


def test_codes_are_paid_for_in_time(catalog: Catalog, place: Workspace) -> None:
    """So many at once, however many ask at the same moment; then one in each span; a good one is given back."""
    member, members = join(catalog, place, "member"), catalog.members
    assert members.offer_totp(member.id, b"sealed")
    members.put_totp_in_force(member.id, 5, [], act())
    with ThreadPoolExecutor(6) as pool:
        tried = list(pool.map(lambda _: members.pay_for_code(member.id, 1_000, 100, 200), range(6)))
    assert sorted(tried) == [(False, 1_300)] * 3 + [(True, 1_100), (True, 1_200), (True, 1_300)]
    assert members.pay_for_code(member.id, 1_099, 100, 200) == (False, 1_300)
    assert members.pay_for_code(member.id, 1_100, 100, 200) == (True, 1_400)
    assert members.use_step(member.id, 6, 100)
    assert members.pay_for_code(member.id, 1_100, 100, 200) == (True, 1_400)
    members.remove_totp(member.id, act())
    assert members.pay_for_code(member.id, 1_100, 100, 200) == (True, 1_200)


def test_sessions_belong_to_their_member(catalog: Catalog, place: Workspace) -> None:
    """Nobody ends another member's session; a use is kept, and never set back."""
    mine, theirs = join(catalog, place, "member"), join(catalog, place, "member")
    digest, session = begin(catalog, mine)
    begin(catalog, mine)
    assert not catalog.sign_ins.end(theirs.id, session.id, act())
    catalog.sign_ins.note_seen({session.id: 2**40, "ses_none": 1})
    catalog.sign_ins.note_seen({session.id: 2**30})
    found = catalog.sign_ins.session(digest)
    assert found is not None
    assert found.seen_at == 2**40
    assert catalog.sign_ins.end_others(mine.id, session.id, act()) == 1
    assert [one.id for one in catalog.sign_ins.sessions(mine.id)] == [session.id]
    assert catalog.sign_ins.end(mine.id, session.id, act())


def test_a_newer_link_replaces_the_older(catalog: Catalog, place: Workspace) -> None:
    """For the same address in the same workspace; those of others stay, and only the workspace's own can be taken back."""
    first, second = (link(email="a@example.com", workspace=place) for _ in range(2))
    other = link(email="b@example.com", workspace=place)
    for number, one in enumerate((first, other, second)):
        catalog.sign_ins.add_link(one, f"{place.number} {number}".encode(), act(), forget_before=0)
    assert [one.id for one in catalog.sign_ins.invitations(place)] == [other.id, second.id]
    assert [one.id for one in catalog.sign_ins.invitations_of("a@example.com", 1)] == [second.id]
    assert not catalog.sign_ins.revoke_link(catalog.create_workspace("members not there"), second.id, act())
    assert catalog.sign_ins.revoke_link(place, second.id, act())
