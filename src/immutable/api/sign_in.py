"""/sign-in, /sign-out and /links: how somebody becomes signed in, and a member, in the desk."""

from typing import Annotated, ClassVar

import msgspec

from immutable import clock
from immutable.accounts import known_browsers, passwords
from immutable.accounts.email import email_of
from immutable.accounts.one_time_links import new_member_id
from immutable.accounts.recognise import Refused
from immutable.api import schemas
from immutable.api.answer import Answer, json_answer
from immutable.api.cookies import KNOWN, cookie, session_cookie
from immutable.api.decode import invalid
from immutable.api.decode_body import body_as
from immutable.api.endpoint import Call
from immutable.api.refused import refused
from immutable.api.responsible import act, as_responsible
from immutable.errors import Expired, NotFound, Unauthenticated
from immutable.model.member import Member, OneTimeLink

Email = Annotated[str, msgspec.Meta(min_length=3, max_length=254)]
Password = Annotated[str, msgspec.Meta(min_length=1, max_length=passwords.MOST)]
Code = Annotated[str, msgspec.Meta(max_length=40, description="Six digits of the authenticator, or a recovery code.")]
PersonName = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Token = Annotated[str, msgspec.Meta(min_length=1, max_length=100, description="What the link ends in.")]


class Offered(msgspec.Struct):
    """How one may sign in here."""

    has_members: Annotated[bool, msgspec.Meta(description="Whether anybody can sign in with a password yet.")]
    single_sign_on: Annotated[str | None, msgspec.Meta(description="What the provider of single sign-on is called.")]


class OfferedAnswer(msgspec.Struct):
    """How one may sign in here."""

    data: Offered


class SignInInput(msgspec.Struct, forbid_unknown_fields=True):
    """Who somebody is."""

    EXAMPLE: ClassVar = {"email": "ada@example.com", "password": "correct horse battery"}

    email: Email
    password: Password
    code: Code = ""


class SignInResult(msgspec.Struct):
    """What came of signing in: a session's cookie, or the question for a code."""

    is_signed_in: bool
    needs_code: Annotated[bool, msgspec.Meta(description="Send the same again with `code`.")]


class SignInAnswer(msgspec.Struct):
    """What came of signing in."""

    data: SignInResult


class Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """Nothing needs to be said."""

    EXAMPLE: ClassVar[dict[str, str]] = {}


class OneTimeLinkInput(msgspec.Struct, forbid_unknown_fields=True):
    """Which one-time link."""

    EXAMPLE: ClassVar = {"token": "what-the-link-ends-in"}

    token: Token


class LinkShown(msgspec.Struct):
    """What a one-time link is for. `email` is null where whoever opens it says theirs."""

    kind: str
    email: str | None
    workspace: str | None
    role: str | None
    expires_at: schemas.Time


class LinkShownAnswer(msgspec.Struct):
    """What a one-time link is for."""

    data: LinkShown


class AcceptanceInput(msgspec.Struct, forbid_unknown_fields=True):
    """Who somebody wants to be here. Whoever is a member already gives the password that they have."""

    EXAMPLE: ClassVar = {"token": "what-the-link-ends-in", "name": "Ada Lovelace", "password": "correct horse battery"}

    token: Token
    password: Password
    name: Annotated[str, msgspec.Meta(max_length=100)] = ""
    email: Annotated[str, msgspec.Meta(max_length=254, description="Only where the link names none.")] = ""
    code: Code = ""


async def get_sign_in(call: Call) -> Answer:
    """How one may sign in to the desk of this server."""
    services = call.services
    has_members = await services.read(services.store.catalog.members.exist)
    return json_answer(
        OfferedAnswer(Offered(has_members, services.settings.oidc_name if services.single_sign_on else None))
    )


async def post_sign_in(call: Call) -> Answer:
    """Sign in with e-mail address and password, and with a code where a second factor is in force; for the desk.

    The answer sets the cookie of a new session. An unknown address, a wrong password and a wrong code are refused alike.
    """
    given, services = body_as(call.body, SignInInput), call.services
    email = email_of(given.email)
    known = services.known_browsers.name(call.cookie, email)
    try:
        found = await services.recogniser.recognise(email, given.password, given.code.strip(), call.caller, known)
    except Refused as error:
        await refused(call, error)
        raise Unauthenticated(error.message) from None
    if found is None:
        return json_answer(SignInAnswer(SignInResult(is_signed_in=False, needs_code=True)))
    credentials, method = found
    cookies = [await begin_session(call, credentials.member, method, credentials.password), _known(call, email)]
    done = SignInAnswer(SignInResult(is_signed_in=True, needs_code=False))
    return msgspec.structs.replace(json_answer(done), headers=cookies)


async def post_sign_out(call: Call) -> Answer:
    """End the session that asks."""
    body_as(call.body or b"{}", Nothing)
    services, by = call.services, call.session
    assert by is not None  # noqa: S101 - the URL table asks for a session
    told = act(call, "member_signed_out", resource=("member", by.member.id, by.member.email))
    await services.work(services.store.catalog.sign_ins.end, by.member.id, by.session.id, told)
    done = SignInAnswer(SignInResult(is_signed_in=False, needs_code=False))
    return msgspec.structs.replace(json_answer(done), headers=[session_cookie(services.settings, "", 0)])


async def post_look(call: Call) -> Answer:
    """What a one-time link is for; it is not used up."""
    given, services = body_as(call.body, OneTimeLinkInput), call.services
    link = await _link(call, given.token)
    workspaces = await services.read(services.store.catalog.workspaces)
    name = next((one.name for one in workspaces if one.number == link.workspace_number), None)
    shown = LinkShown(link.kind, link.email or None, name, link.role, clock.to_text(link.expires_at))
    return json_answer(LinkShownAnswer(shown))


async def post_acceptance(call: Call) -> Answer:
    """Use a one-time link: become the first owner or a member, or set a new password. The answer signs in.

    Whoever is a member already is recognised by their password; a link makes nobody somebody else.
    """
    given, services, recognised_by = body_as(call.body, AcceptanceInput), call.services, None
    link = await _link(call, given.token)
    email = link.email or email_of(given.email)
    known = await services.read(services.store.catalog.members.credentials, email)
    if link.kind == "password" and known is not None:
        hashed = await services.passwords.hash(passwords.checked(given.password, email, known.member.name))
        told = act(call, "member_password_reset", by=as_responsible(known.member, call),
                   resource=("member", known.member.id, email))  # fmt: skip
        await services.work(services.store.catalog.sign_ins.reset_password, link.id, known.member.id, hashed, told)
        member = msgspec.structs.replace(known.member, has_totp=False)
    elif known is not None:
        try:
            browser = services.known_browsers.name(call.cookie, email)
            found = await services.recogniser.recognise(email, given.password, given.code.strip(), call.caller, browser)
        except Refused as error:
            await refused(call, error)
            raise Unauthenticated(
                "You are a member here already: give the password that you have, not a new one."
            ) from None
        if found is None:
            return json_answer(SignInAnswer(SignInResult(is_signed_in=False, needs_code=True)))
        member, recognised_by = found[0].member, found[0].password
        await _accept(call, link, member, None)
    elif link.kind == "password":
        raise NotFound("This link does not work: its member was removed. Ask for an invitation.")
    else:
        name = given.name.strip()
        if not name or not name.isprintable():
            raise invalid({"name": ["Say your name, in printable characters."]})
        hashed = await services.passwords.hash(passwords.checked(given.password, email, name))
        member = Member(new_member_id(), email, name, clock.now(), True, False, None)
        await _accept(call, link, member, hashed)
    cookies = [await begin_session(call, member, "link", recognised_by), _known(call, email)]
    done = SignInAnswer(SignInResult(is_signed_in=True, needs_code=False))
    return msgspec.structs.replace(json_answer(done), headers=cookies)


async def begin_session(call: Call, member: Member, method: str, password: str | None = None) -> tuple[bytes, bytes]:
    """Begin a session, on the record; the cookie that holds it. Raises Unauthenticated where this hash is no longer theirs."""
    services, settings = call.services, call.services.settings
    told = act(call, "member_signed_in", by=as_responsible(member, call),
               resource=("member", member.id, member.email), metadata={"method": method})  # fmt: skip
    token, _ = await services.work(
        services.member_sessions.begin, member, method, call.caller or "", call.user_agent, told, password
    )
    return session_cookie(settings, token, settings.member_session_seconds)


def _known(call: Call, email: str) -> tuple[bytes, bytes]:
    """The cookie by which this browser is known from now on to have signed in under this address."""
    browsers = call.services.known_browsers
    token = browsers.token(email, browsers.name(call.cookie, email))
    return cookie(KNOWN, token, known_browsers.SECONDS, call.services.settings, same_site="Strict")


async def _accept(call: Call, link: OneTimeLink, member: Member, hashed: str | None) -> None:
    services = call.services
    by = as_responsible(member, call)
    await services.work(services.one_time_links.accept, [link], member, hashed, by, "member_joined")


async def _link(call: Call, token: str) -> OneTimeLink:
    services = call.services
    services.limits.check_guessing(call.caller)
    try:
        return await services.read(services.one_time_links.read, token)
    except (NotFound, Expired):
        services.limits.note_failure(call.caller)
        raise
