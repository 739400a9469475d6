"""Members and their roles in the catalogue: the same statements on both engines. Durable on return, and seen by every process.

A role in the administrative log's workspace is one in the whole installation: its owners are owners everywhere
(`accounts/roles.py`). So what must never be is that workspace without an owner.
"""

from collections.abc import Sequence
from typing import Any

from immutable.errors import Conflict
from immutable.model.act import Act
from immutable.model.member import Credentials, Member, Role
from immutable.model.workspace import Workspace
from immutable.store.acts import keep
from immutable.store.statements import Send, Statements

_MEMBER = "m.id, m.email, m.name, m.created_at, m.password IS NOT NULL, m.totp_on, m.subject"
_GONE = "There is no such member in this workspace any more."


def member_of(row: Sequence[Any]) -> Member:
    """The member in a row of the columns above."""
    identifier, email, name, created_at, has_password, has_totp, subject = row
    return Member(identifier, email, name, created_at, bool(has_password), bool(has_totp), subject)


class Members:
    """All members of all workspaces."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def exist(self) -> bool:
        """Whether there is any member."""
        return bool(self._statements.read("SELECT 1 FROM members LIMIT 1"))

    def member(self, member_id: str) -> Member | None:
        """The member of this id."""
        rows = self._statements.read(f"SELECT {_MEMBER} FROM members m WHERE m.id=?", member_id)
        return member_of(rows[0]) if rows else None

    def credentials(self, email: str) -> Credentials | None:
        """What recognises the member of this e-mail address."""
        return self._credentials("m.email=?", email)

    def credentials_of(self, member_id: str) -> Credentials | None:
        """What recognises the member of this id."""
        return self._credentials("m.id=?", member_id)

    def of_subject(self, subject: str) -> Member | None:
        """The member whom the provider of single sign-on calls this."""
        rows = self._statements.read(f"SELECT {_MEMBER} FROM members m WHERE m.subject=?", subject)
        return member_of(rows[0]) if rows else None

    def roles(self, member_id: str) -> dict[int, Role]:
        """A member's roles, by the workspace's number."""
        rows = self._statements.read("SELECT workspace_number, role FROM memberships WHERE member_id=?", member_id)
        return dict(rows)

    def of_workspace(self, workspace: Workspace) -> list[tuple[Member, Role]]:
        """A workspace's members with their roles, by e-mail address."""
        rows = self._statements.read(
            f"SELECT {_MEMBER}, s.role FROM memberships s JOIN members m ON m.id = s.member_id WHERE s.workspace_number=?",
            workspace.number,
        )
        return sorted(((member_of(row[:-1]), row[-1]) for row in rows), key=lambda one: one[0].email)

    def set_role(self, workspace: Workspace, member_id: str, role: Role, act: Act, *, everywhere: int) -> None:
        """Change a member's role, and end their sessions and invitations.

        Raises Conflict where no owner would be left, or they are no member.
        `everywhere`: the number of the workspace whose owners own all.
        """
        with self._statements.change(act) as send:
            sql = "UPDATE memberships SET role=? WHERE workspace_number=? AND member_id=? RETURNING 1"
            if not send(sql, role, workspace.number, member_id):
                raise Conflict(_GONE)
            _see_that_an_owner_is_left(send, everywhere)
            _take_back_invitations(send, workspace, member_id, everywhere)
            _end_sessions(send, member_id)

    def remove(self, workspace: Workspace, member_id: str, act: Act, *, everywhere: int) -> None:
        """Take a member out of a workspace and end their sessions and invitations; who is in none any more is forgotten.

        Raises Conflict where no owner would be left, or they are no member.
        """
        with self._statements.change(act) as send:
            sql = "DELETE FROM memberships WHERE workspace_number=? AND member_id=? RETURNING 1"
            if not send(sql, workspace.number, member_id):
                raise Conflict(_GONE)
            _see_that_an_owner_is_left(send, everywhere)
            _take_back_invitations(send, workspace, member_id, everywhere)
            _end_sessions(send, member_id)
            _forget_where_in_none(send, member_id)

    def set_password(self, member_id: str, password: str, act: Act | None, *, but_session: str = "") -> None:
        """Keep another hash. With an act, which a mere stronger hash of the same password is none of, end all other sessions."""
        with self._statements.change(act, counts=act is not None) as send:
            send("UPDATE members SET password=? WHERE id=? RETURNING 1", password, member_id)
            if act is not None:
                _end_sessions(send, member_id, but_session)

    def set_subject(self, member_id: str, subject: str, act: Act) -> bool:
        """Keep who this is to the provider of single sign-on; False where it is somebody else already.

        The first time, whatever recognised the member until then ends: password, second factor and sessions. Whoever chose the
        password had a link, which the one who invited had too; the provider alone has seen whose the address is.
        """
        with self._statements.change() as send:
            sql = "UPDATE members SET subject=?, password=NULL WHERE id=? AND subject IS NULL RETURNING 1"
            if send(sql, subject, member_id):
                forget_totp(send, member_id)
                _end_sessions(send, member_id)
                keep(send, act)
            return bool(send("SELECT 1 FROM members WHERE id=? AND subject=?", member_id, subject))

    def offer_totp(self, member_id: str, sealed: bytes) -> bool:
        """Keep a TOTP secret that is not in force yet; False where one is."""
        with self._statements.change(counts=False) as send:
            sql = "UPDATE members SET totp=?, totp_step=0 WHERE id=? AND totp_on=0 RETURNING 1"
            return bool(send(sql, sealed, member_id))

    def put_totp_in_force(self, member_id: str, step: int, codes: Sequence[bytes], act: Act) -> None:
        """Ask for codes from now on, the one of `step` being used. Raises Conflict where that was so already."""
        with self._statements.change(act) as send:
            sql = "UPDATE members SET totp_on=1, totp_step=? WHERE id=? AND totp_on=0 AND totp IS NOT NULL RETURNING 1"
            if not send(sql, step, member_id):
                raise Conflict("A second factor is in force already.")
            send("DELETE FROM recovery_codes WHERE member_id=? RETURNING 1", member_id)
            for digest in codes:
                send("INSERT INTO recovery_codes VALUES (?,?) RETURNING 1", member_id, digest)

    def remove_totp(self, member_id: str, act: Act, *, ends_sessions: bool = False) -> None:
        """Ask for no code any more."""
        with self._statements.change(act) as send:
            forget_totp(send, member_id)
            if ends_sessions:
                _end_sessions(send, member_id)

    def pay_for_code(self, member_id: str, now: int, cost: int, most: int) -> tuple[bool, int]:
        """Pay for trying a code, before it is looked at; whether it may be, and until when is paid by now.

        What is paid is a time, which goes on by `cost` with each code; one may be tried while it is no more than `most` from now.
        """
        with self._statements.change(counts=False) as send:
            sql = (
                "UPDATE members SET codes_paid = CASE WHEN codes_paid > ? THEN codes_paid ELSE ? END + ? "
                "WHERE id=? AND codes_paid <= ? RETURNING codes_paid"
            )
            if rows := send(sql, now, now, cost, member_id, now + most):
                return True, rows[0][0]
            rows = send("SELECT codes_paid FROM members WHERE id=?", member_id)
            return False, rows[0][0] if rows else now

    def use_step(self, member_id: str, step: int, cost: int = 0) -> bool:
        """Use the code of a time step, and give back what it cost; False where it, or a later one, was used before."""
        with self._statements.change(counts=False) as send:
            sql = (
                "UPDATE members SET totp_step=?, codes_paid=codes_paid-? WHERE id=? AND totp_on=1 AND totp_step < ? "
                "RETURNING 1"
            )
            return bool(send(sql, step, cost, member_id, step))

    def use_recovery_code(self, member_id: str, digest: bytes) -> bool:
        """Use a recovery code; False where there is none such any more."""
        with self._statements.change(counts=False) as send:
            sql = "DELETE FROM recovery_codes WHERE member_id=? AND digest=? RETURNING 1"
            return bool(send(sql, member_id, digest))

    def recovery_codes_left(self, member_id: str) -> int:
        """How many recovery codes are not used."""
        rows = self._statements.read("SELECT count(*) FROM recovery_codes WHERE member_id=?", member_id)
        return int(rows[0][0])

    def copy_to(self, target: "Members", ours: Workspace, theirs: Workspace) -> None:
        """Make a workspace's members ones of its copy in another store, with all that recognises them.

        Who is there already stays as they are there, but has the role that they have here; who is no member here is none there.
        """
        here = self.of_workspace(ours)
        emails = {member.email for member, _ in here}
        for member, _ in target.of_workspace(theirs):
            if member.email not in emails:
                target.drop_copy(theirs, member.id)
        for member, role in here:
            kept = self.credentials_of(member.id)
            rows = self._statements.read("SELECT digest FROM recovery_codes WHERE member_id=?", member.id)
            if kept is not None:
                target.put_copy(theirs, kept, role, [bytes(row[0]) for row in rows])

    def put_copy(self, workspace: Workspace, kept: Credentials, role: Role, codes: Sequence[bytes]) -> None:
        """Store another store's member with a role."""
        member = kept.member
        with self._statements.change() as send:
            if add_member(send, member, kept.password):
                sql = "UPDATE members SET totp=?, totp_on=?, totp_step=? WHERE id=? RETURNING 1"
                send(sql, kept.totp, int(member.has_totp), kept.totp_step, member.id)
                for digest in codes:
                    send("INSERT INTO recovery_codes VALUES (?,?) RETURNING 1", member.id, digest)
            ((member_id,),) = send("SELECT id FROM members WHERE email=?", member.email)
            sql = "UPDATE memberships SET role=? WHERE workspace_number=? AND member_id=? AND role<>? RETURNING 1"
            add_role(send, workspace.number, member_id, role, member.created_at)
            if send(sql, role, workspace.number, member_id, role):
                _end_sessions(send, member_id)

    def drop_copy(self, workspace: Workspace, member_id: str) -> None:
        """Take out of a workspace's copy whom the workspace does not have any more."""
        with self._statements.change() as send:
            send(
                "DELETE FROM memberships WHERE workspace_number=? AND member_id=? RETURNING 1",
                workspace.number,
                member_id,
            )
            _end_sessions(send, member_id)
            _forget_where_in_none(send, member_id)

    def _credentials(self, where: str, value: str) -> Credentials | None:
        rows = self._statements.read(
            f"SELECT {_MEMBER}, m.password, m.totp, m.totp_step FROM members m WHERE {where}", value
        )
        if not rows:
            return None
        *person, password, totp, step = rows[0]
        return Credentials(member_of(person), password, None if totp is None else bytes(totp), step)


def add_member(send: Send, member: Member, password: str | None) -> bool:
    """Store a member; False where the e-mail address is another's."""
    return bool(
        send(
            "INSERT INTO members (id, email, name, password, subject, created_at) VALUES (?,?,?,?,?,?) "
            "ON CONFLICT (email) DO NOTHING RETURNING 1",
            member.id, member.email, member.name, password, member.subject, member.created_at,
        )
    )  # fmt: skip


def add_role(send: Send, workspace_number: int, member_id: str, role: Role, at: int) -> bool:
    """Make somebody a member of a workspace; False where they are one, whose role then stays."""
    sql = "INSERT INTO memberships VALUES (?,?,?,?) ON CONFLICT DO NOTHING RETURNING 1"
    return bool(send(sql, workspace_number, member_id, role, at))


def _forget_where_in_none(send: Send, member_id: str) -> None:
    """Forget who is in no workspace any more."""
    if not send("SELECT 1 FROM memberships WHERE member_id=? LIMIT 1", member_id):
        send("DELETE FROM recovery_codes WHERE member_id=? RETURNING 1", member_id)
        send("DELETE FROM members WHERE id=? RETURNING 1", member_id)


def forget_totp(send: Send, member_id: str) -> None:
    """Forget a second factor with its recovery codes."""
    send("UPDATE members SET totp=NULL, totp_on=0, totp_step=0, codes_paid=0 WHERE id=? RETURNING 1", member_id)
    send("DELETE FROM recovery_codes WHERE member_id=? RETURNING 1", member_id)


def _see_that_an_owner_is_left(send: Send, everywhere: int) -> None:
    # Locks the row, so that of two owners who take each other's role at once the second sees what the first did.
    send("UPDATE workspaces SET allowlist=allowlist WHERE number=? RETURNING 1", everywhere)
    if not send("SELECT 1 FROM memberships WHERE workspace_number=? AND role='owner' LIMIT 1", everywhere):
        raise Conflict("This is the last owner of the installation. Make another member an owner first.")


def _take_back_invitations(send: Send, workspace: Workspace, member_id: str, everywhere: int) -> None:
    """End what somebody invited to, by whose links they could come back: here, or everywhere where they owned everything.

    Whoever has the same name loses theirs as well: an invitation keeps the name of who made it, and is soon made again.
    """
    by = "created_by=(SELECT coalesce(nullif(name, ''), email) FROM members WHERE id=?)"
    sql = f"DELETE FROM member_links WHERE kind='invitation' AND {by} AND (workspace_number=? OR ?=?) RETURNING 1"
    send(sql, member_id, workspace.number, workspace.number, everywhere)


def _end_sessions(send: Send, member_id: str, but: str = "") -> None:
    send("DELETE FROM member_sessions WHERE member_id=? AND id<>? RETURNING 1", member_id, but)
