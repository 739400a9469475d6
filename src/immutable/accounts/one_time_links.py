"""One-time links: they make the first owner, members of a workspace, or a new password. Each works once, and for a while.

A link's token is 32 random bytes behind the # of its address, where no server, proxy or log sees it; kept is its SHA-256.
"""

import os
import secrets
from collections.abc import Sequence

from immutable import clock
from immutable.accounts.acts import act_of
from immutable.accounts.api_key import digest_of
from immutable.accounts.roles import is_at_least
from immutable.errors import Conflict, Expired, Forbidden, NotFound
from immutable.log.system_events import Responsible
from immutable.model.act import Act
from immutable.model.member import LinkKind, Member, OneTimeLink, Role
from immutable.model.workspace import ADMINISTRATION, Workspace
from immutable.store.catalog import Catalog

OWNER_SECONDS, INVITATION_SECONDS, PASSWORD_SECONDS = 3_600, 7 * 86_400, 3_600
_KEPT_AFTER = 86_400 * 1_000_000
"""How long a link that is over is told apart from one that never was."""


class OneTimeLinks:
    """Makes links and reads them."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def for_first_owner(self, by: Responsible) -> str:
        """The token of a new link for the first owner; older ones no longer work. Raises Conflict where there are members."""
        if self._catalog.members.exist():
            raise Conflict("There are members already. Invite others by their e-mail address.")
        # A start of the server is no act of anybody's; becoming the owner by the link is one.
        return self._make("owner", "", None, None, by, OWNER_SECONDS, None)[0]

    def for_invitation(
        self, workspace: Workspace, email: str, role: Role, by: Responsible, own_role: Role
    ) -> tuple[str, OneTimeLink]:
        """The token of a new invitation. Raises Forbidden where the inviting member's own role is below what they give."""
        check_giving(workspace, role, own_role)
        act = act_of(
            "member_invited", by, workspace=workspace, resource=("invitation", None, email), metadata={"role": role}
        )
        return self._make("invitation", email, workspace, role, by, INVITATION_SECONDS, act)

    def for_password(self, member: Member, by: Responsible) -> str:
        """The token of a link by which a member sets a new password, which switches off their second factor."""
        act = act_of("member_password_link_made", by, resource=("member", member.id, member.email))
        return self._make("password", member.email, None, None, by, PASSWORD_SECONDS, act)[0]

    def read(self, token: str) -> OneTimeLink:
        """What a link is for. Raises NotFound or Expired."""
        link = self._catalog.sign_ins.link(digest_of(token))
        if link is None or (link.kind == "owner" and self._catalog.members.exist()):
            raise NotFound("This link does not work: it was used, taken back, or not copied whole. Ask for a new one.")
        if link.expires_at <= clock.now():
            raise Expired("This link has expired. Ask for a new one.")
        return link

    def accept(
        self, links: Sequence[OneTimeLink], member: Member, password: str | None, by: Responsible, name: str
    ) -> None:
        """Make somebody a member as the links say, all of the same address. Raises Expired where one was used meanwhile."""
        workspaces = {one.number: one for one in self._catalog.workspaces()}
        roles: list[tuple[int, Role]] = []
        for link in links:
            if link.kind == "owner":
                roles.append((self._catalog.create_workspace(ADMINISTRATION).number, "owner"))
            elif link.workspace_number in workspaces and link.role is not None:
                roles.append((link.workspace_number, link.role))
        told = [
            {"workspace": workspaces[number].id if number in workspaces else None, "role": role}
            for number, role in roles
        ]
        only = workspaces.get(roles[0][0]) if len(roles) == 1 else None
        act = act_of(
            name, by, workspace=only, resource=("member", member.id, member.email), metadata={"roles": told}
        )  # fmt: skip
        self._catalog.sign_ins.accept([one.id for one in links], member, password, roles, act)

    def _make(
        self, kind: LinkKind, email: str, workspace: Workspace | None, role: Role | None, by: Responsible, seconds: int,
        act: Act | None,
    ) -> tuple[str, OneTimeLink]:  # fmt: skip
        token, now = secrets.token_urlsafe(32), clock.now()
        link = OneTimeLink(
            f"inv_{os.urandom(8).hex()}", kind, email, None if workspace is None else workspace.number, role,
            by.name or by.id, now, now + seconds * 1_000_000,
        )  # fmt: skip
        told = None if act is None else act.about(act.resource_id or link.id)
        self._catalog.sign_ins.add_link(link, digest_of(token), told, forget_before=now - _KEPT_AFTER)
        return token, link


def check_giving(workspace: Workspace, role: Role, own_role: Role) -> None:
    """Raises where somebody of `own_role` may not give (or take) this role: nobody gives what is above their own."""
    if not is_at_least(own_role, role):
        raise Forbidden(f"You cannot give or take the role {role}: it is above your own.")
    if workspace.name == ADMINISTRATION and role not in ("owner", "viewer"):
        raise Conflict(
            "In the administrative log there are owners, who own the installation, and viewers, who read it."
        )


def path_of(token: str) -> str:
    """A link's address on this server: what it says is behind the #."""
    return f"/desk#/welcome/{token}"


def new_member_id() -> str:
    """An id that no member has."""
    return f"mem_{os.urandom(8).hex()}"
