"""/account: what a member does with their own sign-in: sessions, password, second factor. No key can do this."""

from typing import Annotated, ClassVar

import msgspec

from immutable import clock
from immutable.accounts import passwords, totp
from immutable.accounts.member_sessions import SignedIn
from immutable.accounts.recognise import Refused
from immutable.accounts.roles import SCOPES_OF
from immutable.api import schemas
from immutable.api.answer import Answer, json_answer
from immutable.api.decode_body import body_as
from immutable.api.endpoint import Call
from immutable.api.refused import refused
from immutable.api.responsible import act
from immutable.api.sign_in import Code, Nothing, Password
from immutable.errors import Conflict, Forbidden, NotFound, Unauthenticated
from immutable.model.member import Credentials, MemberSession
from immutable.model.workspace import held_in


class WorkspaceOf(msgspec.Struct):
    """A workspace, and the role that the member has in it."""

    id: str
    name: str
    role: str
    is_administration: bool
    scopes: Annotated[list[str], msgspec.Meta(description="Of ingest, read and admin, those that the role has here.")]


class Account(msgspec.Struct):
    """The member who is signed in."""

    id: str
    email: str
    name: str
    has_password: bool
    has_totp: bool
    recovery_codes_left: int
    session_id: str
    workspaces: list[WorkspaceOf]


class AccountAnswer(msgspec.Struct):
    """The member who is signed in."""

    data: Account


class SessionView(msgspec.Struct):
    """A sign-in that lasts."""

    id: str
    is_this: bool
    method: str
    ip_address: str | None
    user_agent: str | None
    created_at: schemas.Time
    seen_at: schemas.Time


class SessionViewList(msgspec.Struct):
    """A member's sessions, the newest first."""

    data: list[SessionView]


class Ended(msgspec.Struct):
    """How many sessions were ended."""

    ended: schemas.Count


class EndedAnswer(msgspec.Struct):
    """How many sessions were ended."""

    data: Ended


class PasswordInput(msgspec.Struct, forbid_unknown_fields=True):
    """The password that holds, and the one to come."""

    EXAMPLE: ClassVar = {"password": "correct horse battery", "new_password": "staple the next horse"}

    password: Password
    new_password: Password


class ConfirmationInput(msgspec.Struct, forbid_unknown_fields=True):
    """The password, so that whoever finds a signed-in desk cannot do this."""

    EXAMPLE: ClassVar = {"password": "correct horse battery"}

    password: Password


class RemovalInput(msgspec.Struct, forbid_unknown_fields=True):
    """The password and a code, so that whoever has only one of the two factors cannot take the other away."""

    EXAMPLE: ClassVar = {"password": "correct horse battery", "code": "492039"}

    password: Password
    code: Code


class CodeInput(msgspec.Struct, forbid_unknown_fields=True):
    """A code of the authenticator that was just set up."""

    EXAMPLE: ClassVar = {"code": "492039"}

    code: Code


class Enrolment(msgspec.Struct):
    """What an authenticator takes: the secret, its address, and that as a QR code (SVG)."""

    secret: str
    uri: str
    qr_svg: Annotated[str, msgspec.Meta(description="An SVG image.")]


class EnrolmentAnswer(msgspec.Struct):
    """What an authenticator takes."""

    data: Enrolment


class Codes(msgspec.Struct):
    """Recovery codes, each good once. They are shown only now."""

    recovery_codes: list[str]


class CodesAnswer(msgspec.Struct):
    """Recovery codes."""

    data: Codes


async def get_account(call: Call) -> Answer:
    """Who is signed in, and in which workspaces they have which role."""
    by, catalog = _by(call), call.services.store.catalog
    member = await call.services.read(catalog.members.member, by.member.id) or by.member
    left = await call.services.read(catalog.members.recovery_codes_left, member.id)
    workspaces = [
        WorkspaceOf(one.id, one.name, role, one.is_administration, held_in(one, SCOPES_OF[role]))
        for one, role in by.workspaces
    ]
    return json_answer(
        AccountAnswer(
            Account(
                member.id,
                member.email,
                member.name,
                member.has_password,
                member.has_totp,
                left,
                by.session.id,
                workspaces,
            )
        )
    )


async def list_own_sessions(call: Call) -> Answer:
    """Where one is signed in."""
    by = _by(call)
    found = await call.services.read(call.services.store.catalog.sign_ins.sessions, by.member.id)
    return json_answer(SessionViewList([_view(one, by) for one in found]))


async def post_end_own_session(call: Call) -> Answer:
    """End one of one's sessions: whoever has it is signed out at once."""
    body_as(call.body or b"{}", Nothing)
    by, services, session_id = _by(call), call.services, call.path["id"]
    told = act(call, "member_session_ended", resource=("member_session", session_id, None))
    if not await services.work(services.store.catalog.sign_ins.end, by.member.id, session_id, told):
        raise NotFound("You have no such session; it may be over.")
    return json_answer(EndedAnswer(Ended(1)))


async def post_end_other_sessions(call: Call) -> Answer:
    """End all of one's sessions but the one that asks."""
    body_as(call.body or b"{}", Nothing)
    by, services = _by(call), call.services
    told = act(call, "member_sessions_ended", resource=("member", by.member.id, by.member.email))
    ended = await services.work(services.store.catalog.sign_ins.end_others, by.member.id, by.session.id, told)
    return json_answer(EndedAnswer(Ended(ended)))


async def post_password(call: Call) -> Answer:
    """Change one's password, which ends all of one's other sessions."""
    given, services = body_as(call.body, PasswordInput), call.services
    credentials = await _confirmed(call, given.password)
    member = credentials.member
    new = passwords.checked(given.new_password, member.email, member.name, field="new_password")
    hashed = await services.passwords.hash(new)
    told = act(call, "member_password_changed", resource=("member", member.id, member.email))
    await services.work(
        services.store.catalog.members.set_password, member.id, hashed, told, but_session=_by(call).session.id
    )
    return json_answer(EndedAnswer(Ended(0)))


async def post_totp(call: Call) -> Answer:
    """Begin to set up a second factor: a secret for an authenticator. It is asked for once a first code is confirmed."""
    given, services = body_as(call.body, ConfirmationInput), call.services
    member = (await _confirmed(call, given.password)).member
    secret, sealed = services.second_factor.new(member.id)
    if not await services.work(services.store.catalog.members.offer_totp, member.id, sealed):
        raise Conflict("A second factor is in force already. Remove it first.")
    uri, svg = totp.enrolment(secret, member.email, "Immutable")
    return json_answer(EnrolmentAnswer(Enrolment(secret, uri, svg)))


async def post_totp_confirmation(call: Call) -> Answer:
    """Put the second factor in force by a first code; the answer has the recovery codes, which are shown only now."""
    given, services = body_as(call.body, CodeInput), call.services
    member_id, members = _by(call).member.id, services.store.catalog.members
    credentials = await services.read(members.credentials_of, member_id)
    if credentials is None or credentials.totp is None or credentials.member.has_totp:
        raise Conflict("There is no second factor to confirm: begin with setting one up.")
    services.limits.take_sign_in(credentials.member.email, _by(call).session.id)
    step = services.second_factor.step_of(given.code.strip(), credentials.totp, member_id)
    if step is None:
        raise Forbidden("The code is wrong. Is the clock of the device right? Try the next one.")
    services.limits.forgive_sign_in(credentials.member.email, _by(call).session.id)
    codes, kept = totp.recovery_codes()
    told = act(call, "member_second_factor_added", resource=("member", member_id, credentials.member.email))
    await services.work(members.put_totp_in_force, member_id, step, kept, told)
    return json_answer(CodesAnswer(Codes(codes)))


async def post_totp_removal(call: Call) -> Answer:
    """Remove one's second factor; whoever has lost it gives a recovery code."""
    given, services = body_as(call.body, RemovalInput), call.services
    member = (await _confirmed(call, given.password, given.code.strip())).member
    told = act(call, "member_second_factor_removed", resource=("member", member.id, member.email))
    await services.work(services.store.catalog.members.remove_totp, member.id, told)
    return json_answer(EndedAnswer(Ended(0)))


async def _confirmed(call: Call, password: str, code: str | None = None) -> Credentials:
    """The member's credentials, once they have shown that they know their password. Raises Forbidden.

    `code`: of their second factor, which they are to show as well. Raises Conflict where none is in force.
    """
    services, member_id = call.services, _by(call).member.id
    credentials: Credentials | None = await services.read(services.store.catalog.members.credentials_of, member_id)
    if credentials is None:
        raise Unauthenticated("You are no member any more.")
    if not credentials.member.has_password:
        raise Conflict(
            "You sign in by single sign-on and have no password here; its provider keeps your second factor."
        )
    if code is not None and not credentials.member.has_totp:
        raise Conflict("No second factor is in force.")
    try:
        await services.recogniser.confirm(credentials, password, call.caller, _by(call).session.id, code)
    except Refused as error:  # the session goes on, so it is no 401
        await refused(call, error)
        raise Forbidden(error.message) from None
    return credentials


def _by(call: Call) -> SignedIn:
    assert call.session is not None  # noqa: S101 - the URL table asks for a session
    return call.session


def _view(session: MemberSession, by: SignedIn) -> SessionView:
    return SessionView(
        session.id, session.id == by.session.id, session.method, session.address or None, session.user_agent or None,
        clock.to_text(session.created_at), clock.to_text(session.seen_at),
    )  # fmt: skip
