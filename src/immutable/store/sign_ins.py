"""Sessions of members and one-time links in the catalogue: the same statements on both engines. Tokens are kept as digests."""

from collections.abc import Mapping, Sequence

import msgspec

from immutable.errors import Expired
from immutable.model.act import Act
from immutable.model.member import Member, MemberSession, OneTimeLink, Role
from immutable.model.workspace import Workspace
from immutable.store.acts import keep
from immutable.store.members import add_member, add_role, forget_totp
from immutable.store.statements import Send, Statements

_SESSION = ", ".join(field.name for field in msgspec.structs.fields(MemberSession))
_LINK = ", ".join(field.name for field in msgspec.structs.fields(OneTimeLink))

_USED = "This link was used already. Ask for a new one."


class SignIns:
    """The sessions and links of one catalogue."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def begin(
        self, session: MemberSession, digest: bytes, act: Act, *, forget_before: int, password: str | None = None
    ) -> bool:
        """Store a session; those of everybody that began before `forget_before`, and so are over, are forgotten.

        `password`: the hash by which the member was recognised; False where it is another by now, and nothing was stored.
        """
        with self._statements.change(counts=False) as send:
            # An update and no question, so that it waits for who changes the password and ends the sessions at this moment.
            sql = "UPDATE members SET password=password WHERE id=? AND password=? RETURNING 1"
            if password is not None and not send(sql, session.member_id, password):
                return False
            keep(send, act)
            send("DELETE FROM member_sessions WHERE created_at < ? RETURNING 1", forget_before)
            send(
                f"INSERT INTO member_sessions (digest, {_SESSION}) VALUES (?,?,?,?,?,?,?,?) RETURNING 1",
                digest, *msgspec.structs.astuple(session),
            )  # fmt: skip
            return True

    def session(self, digest: bytes) -> MemberSession | None:
        """The session whose token has this digest."""
        rows = self._statements.read(f"SELECT {_SESSION} FROM member_sessions WHERE digest=?", digest)
        return MemberSession(*rows[0]) if rows else None

    def sessions(self, member_id: str) -> list[MemberSession]:
        """A member's sessions, the newest first."""
        sql = f"SELECT {_SESSION} FROM member_sessions WHERE member_id=? ORDER BY created_at DESC"
        return [MemberSession(*row) for row in self._statements.read(sql, member_id)]

    def note_seen(self, seen: Mapping[str, int]) -> None:
        """Record when sessions were last used: session id to microseconds."""
        with self._statements.change(counts=False) as send:
            for session_id, at in sorted(
                seen.items()
            ):  # in one order everywhere, so that no two processes wait for each other
                sql = "UPDATE member_sessions SET seen_at=? WHERE id=? AND seen_at < ? RETURNING 1"
                send(sql, at, session_id, at)

    def end(self, member_id: str, session_id: str, act: Act) -> bool:
        """End one session of a member; False where there is none such, and nothing is told then."""
        with self._statements.change() as send:
            sql = "DELETE FROM member_sessions WHERE member_id=? AND id=? RETURNING 1"
            return _told(send, act, send(sql, member_id, session_id))

    def end_others(self, member_id: str, session_id: str, act: Act) -> int:
        """End all sessions of a member but one; how many it were."""
        with self._statements.change(act) as send:
            return len(
                send("DELETE FROM member_sessions WHERE member_id=? AND id<>? RETURNING 1", member_id, session_id)
            )

    def add_link(self, link: OneTimeLink, digest: bytes, act: Act | None, *, forget_before: int) -> None:
        """Store a link instead of others for the same; those that are long over are forgotten."""
        with self._statements.change(act, counts=False) as send:
            send("DELETE FROM member_links WHERE expires_at < ? RETURNING 1", forget_before)
            where = "kind=? AND email=? AND coalesce(workspace_number, 0)=?"
            send(
                f"DELETE FROM member_links WHERE {where} RETURNING 1", link.kind, link.email, link.workspace_number or 0
            )
            send(
                f"INSERT INTO member_links (digest, {_LINK}) VALUES (?,?,?,?,?,?,?,?,?) RETURNING 1",
                digest, *msgspec.structs.astuple(link),
            )  # fmt: skip

    def link(self, digest: bytes) -> OneTimeLink | None:
        """The link whose token has this digest, where it was not used."""
        rows = self._statements.read(f"SELECT {_LINK} FROM member_links WHERE digest=?", digest)
        return OneTimeLink(*rows[0]) if rows else None

    def invitations(self, workspace: Workspace) -> list[OneTimeLink]:
        """A workspace's invitations that nobody has accepted, newest first."""
        sql = (
            f"SELECT {_LINK} FROM member_links WHERE kind='invitation' AND workspace_number=? ORDER BY created_at DESC"
        )
        return [OneTimeLink(*row) for row in self._statements.read(sql, workspace.number)]

    def invitations_of(self, email: str, now: int) -> list[OneTimeLink]:
        """All invitations of an e-mail address that hold."""
        sql = f"SELECT {_LINK} FROM member_links WHERE kind='invitation' AND email=? AND expires_at > ?"
        return [OneTimeLink(*row) for row in self._statements.read(sql, email, now)]

    def revoke_link(self, workspace: Workspace, link_id: str, act: Act) -> bool:
        """Take an invitation back; False where the workspace has none such, and nothing is told then."""
        with self._statements.change(counts=False) as send:
            sql = "DELETE FROM member_links WHERE workspace_number=? AND id=? RETURNING 1"
            return _told(send, act, send(sql, workspace.number, link_id))

    def accept(
        self, link_ids: Sequence[str], member: Member, password: str | None, roles: Sequence[tuple[int, Role]], act: Act
    ) -> None:
        """Use up links, and make the member, where new, one with these roles. Raises Expired where a link was used meanwhile."""
        with self._statements.change(act) as send:
            _use(send, link_ids)
            add_member(send, member, password)
            ((member_id,),) = send("SELECT id FROM members WHERE email=?", member.email)
            if member_id != member.id:  # somebody else became the member of this address at the same moment
                raise Expired(_USED)
            for number, role in roles:
                add_role(send, number, member_id, role, act.at)

    def reset_password(self, link_id: str, member_id: str, password: str, act: Act) -> None:
        """Use up a link: another password, no second factor, and no session. Raises Expired."""
        with self._statements.change(act) as send:
            _use(send, [link_id])
            send("UPDATE members SET password=? WHERE id=? RETURNING 1", password, member_id)
            forget_totp(send, member_id)
            send("DELETE FROM member_sessions WHERE member_id=? RETURNING 1", member_id)


def _told(send: Send, act: Act, done: Sequence[object]) -> bool:
    """Keep an act where something was done: what a stranger makes up must not stand in the administrative log."""
    if done:
        keep(send, act)
    return bool(done)


def _use(send: Send, link_ids: Sequence[str]) -> None:
    for link_id in link_ids:
        if not send("DELETE FROM member_links WHERE id=? RETURNING 1", link_id):
            raise Expired(_USED)
