"""/members and /invitations: who may use a workspace, with which role."""

from typing import Annotated, ClassVar, Literal

import msgspec

from immutable import clock
from immutable.accounts.email import email_of
from immutable.accounts.one_time_links import check_giving, path_of
from immutable.api import schemas
from immutable.api.answer import Answer, json_answer
from immutable.api.decode_body import body_as
from immutable.api.endpoint import Call
from immutable.api.mailed import is_mailed
from immutable.api.responsible import act, responsible
from immutable.api.sign_in import Email, Nothing
from immutable.errors import Conflict, NotFound
from immutable.model.member import Member, OneTimeLink, Role
from immutable.model.workspace import ADMINISTRATION

RoleName = Literal["owner", "admin", "member", "viewer"]


class MemberView(msgspec.Struct):
    """A member of the workspace."""

    id: str
    email: str
    name: str
    role: RoleName
    is_owner_of_all: Annotated[
        bool, msgspec.Meta(description="An owner of the installation, and so of this workspace too.")
    ]
    has_totp: bool


class MemberList(msgspec.Struct):
    """A workspace's members, by e-mail address."""

    data: list[MemberView]


class MemberAnswer(msgspec.Struct):
    """A member of the workspace."""

    data: MemberView


class RoleInput(msgspec.Struct, forbid_unknown_fields=True):
    """Another role for a member."""

    EXAMPLE: ClassVar = {"role": "admin"}

    role: RoleName


class InvitationInput(msgspec.Struct, forbid_unknown_fields=True):
    """Whom to invite, and as what."""

    EXAMPLE: ClassVar = {"email": "grace@example.com", "role": "viewer"}

    email: Email
    role: RoleName = "viewer"


class InvitationView(msgspec.Struct):
    """An invitation that nobody has accepted. `path` has its token, and is told once, when it is made."""

    id: str
    email: str
    role: RoleName
    created_by: str
    created_at: schemas.Time
    expires_at: schemas.Time
    path: str | None = None
    is_mailed: Annotated[bool, msgspec.Meta(description="Whether it was sent by e-mail.")] = False


class InvitationAnswer(msgspec.Struct):
    """An invitation."""

    data: InvitationView


class InvitationList(msgspec.Struct):
    """A workspace's invitations, newest first."""

    data: list[InvitationView]


async def list_members(call: Call) -> Answer:
    """The workspace's members, and the owners of the installation, who own it too."""
    return json_answer(MemberList(await _members(call)))


async def post_role(call: Call) -> Answer:
    """Give a member another role; their sessions end, so that the next thing they do is under it."""
    given, catalog, workspace = body_as(call.body, RoleInput), call.services.store.catalog, call.workspace
    member = await _member(call)
    check_giving(workspace, member.role, _own_role(call))
    check_giving(workspace, given.role, _own_role(call))
    told = act(call, "member_role_changed", resource=("member", member.id, member.email),
               metadata={"old": member.role, "new": given.role})  # fmt: skip
    everywhere = await call.services.read(catalog.create_workspace, ADMINISTRATION)
    await call.services.work(
        catalog.members.set_role, workspace, member.id, given.role, told, everywhere=everywhere.number
    )
    return json_answer(MemberAnswer(msgspec.structs.replace(member, role=given.role)))


async def post_member_removal(call: Call) -> Answer:
    """Take a member out of the workspace; their sessions end at once."""
    body_as(call.body or b"{}", Nothing)
    member, catalog = await _member(call), call.services.store.catalog
    check_giving(call.workspace, member.role, _own_role(call))
    told = act(call, "member_removed", resource=("member", member.id, member.email), metadata={"role": member.role})
    everywhere = await call.services.read(catalog.create_workspace, ADMINISTRATION)
    await call.services.work(catalog.members.remove, call.workspace, member.id, told, everywhere=everywhere.number)
    return json_answer(MemberAnswer(member))


async def post_invitation(call: Call) -> Answer:
    """Invite somebody by e-mail address; the link works once, for a week. An older one for the same address ends."""
    given, services, workspace = body_as(call.body, InvitationInput), call.services, call.workspace
    email = email_of(given.email)
    if any(one.email == email and not one.is_owner_of_all for one in await _members(call)):
        raise Conflict("They are a member of this workspace already: change their role instead.")
    for older in await services.read(services.store.catalog.sign_ins.invitations, workspace):
        if older.email == email:  # it ends by the newer one
            check_giving(workspace, older.role or "viewer", _own_role(call))
    by = responsible(call)
    token, link = await services.work(
        services.one_time_links.for_invitation, workspace, email, given.role, by, _own_role(call)
    )
    shown = _view(link, path_of(token))
    shown.is_mailed = await _is_mailed(call, link, token, by.name or by.id)
    return json_answer(InvitationAnswer(shown))


async def list_invitations(call: Call) -> Answer:
    """The workspace's invitations that nobody has accepted; expired ones for a day."""
    found = await call.services.read(call.services.store.catalog.sign_ins.invitations, call.workspace)
    return json_answer(InvitationList([_view(one) for one in found]))


async def post_invitation_revocation(call: Call) -> Answer:
    """Take an invitation back: its link no longer works."""
    body_as(call.body or b"{}", Nothing)
    services, sign_ins = call.services, call.services.store.catalog.sign_ins
    found = await services.read(sign_ins.invitations, call.workspace)
    link = next((one for one in found if one.id == call.path["id"]), None)
    if link is None:
        raise NotFound("There is no such invitation in this workspace; it may have been accepted.")
    check_giving(call.workspace, link.role or "viewer", _own_role(call))
    told = act(call, "member_invitation_revoked", resource=("invitation", link.id, link.email))
    if not await services.work(sign_ins.revoke_link, call.workspace, link.id, told):
        raise Conflict("The invitation was accepted just now.")
    return json_answer(InvitationAnswer(_view(link)))


async def _is_mailed(call: Call, link: OneTimeLink, token: str, inviter: str) -> bool:
    """Whether a mail server took the invitation. Whoever invites has the link besides, in the answer."""
    address = call.services.settings.public_url.rstrip("/") + path_of(token)
    text = (
        f"{_one_line(inviter)} invites you to the audit log {_one_line(call.workspace.name)}, as {link.role}.\n\n"
        f"This link works once, for a week:\n\n{address}\n\nIf you do not know what this is about, do nothing.\n"
    )
    return await is_mailed(call, "invitation", link.email, "Your invitation to the audit log", text)


def _one_line(text: str) -> str:
    """A stranger's text, in which nobody can hide a line or an address of their own."""
    return "".join(one if one.isprintable() else "?" for one in text[:100]).replace("://", ":")


async def _members(call: Call) -> list[MemberView]:
    catalog = call.services.store.catalog

    def read() -> list[MemberView]:
        administration = catalog.workspace(ADMINISTRATION)
        everywhere = [] if administration is None else catalog.members.of_workspace(administration)
        owners = [member for member, role in everywhere if role == "owner"]
        found = {member.id: _member_view(member, "owner", is_owner_of_all=True) for member in owners}
        for member, role in catalog.members.of_workspace(call.workspace):
            found.setdefault(member.id, _member_view(member, role, is_owner_of_all=False))
        return sorted(found.values(), key=lambda one: one.email)

    return await call.services.read(read)


async def _member(call: Call) -> MemberView:
    """The member whom the path names. Raises NotFound, or Conflict where their role is not this workspace's to give."""
    found = next((one for one in await _members(call) if one.id == call.path["id"]), None)
    if found is None:
        raise NotFound("There is no such member in this workspace.")
    if found.is_owner_of_all and call.workspace.name != ADMINISTRATION:
        raise Conflict(f"They own the whole installation: change that in the workspace {ADMINISTRATION}.")
    return found


def _own_role(call: Call) -> Role:
    """The role of whoever asks; a key that may administer counts as an admin."""
    if call.session is None:
        return "admin"
    return next(role for workspace, role in call.session.workspaces if workspace.id == call.workspace.id)


def _member_view(member: Member, role: Role, *, is_owner_of_all: bool) -> MemberView:
    return MemberView(member.id, member.email, member.name, role, is_owner_of_all, member.has_totp)


def _view(link: OneTimeLink, path: str | None = None) -> InvitationView:
    return InvitationView(
        link.id, link.email, link.role or "viewer", link.created_by, clock.to_text(link.created_at),
        clock.to_text(link.expires_at), path,
    )  # fmt: skip
