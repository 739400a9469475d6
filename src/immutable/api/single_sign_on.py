"""/single-sign-on: to the provider and back. Browsers come here by themselves, so both answer with an address to go on to."""

import structlog

from immutable import clock
from immutable.accounts.one_time_links import new_member_id
from immutable.accounts.single_sign_on import SECONDS, Identity, SignOnRefused
from immutable.api.answer import Answer
from immutable.api.cookies import SINGLE_SIGN_ON, cookie
from immutable.api.endpoint import Call
from immutable.api.parameters import Parameter
from immutable.api.responsible import act, as_responsible, unknown
from immutable.api.sign_in import begin_session
from immutable.errors import NotFound
from immutable.model.member import Member

CALLBACK = (
    Parameter("code", "What the provider gives the browser.", {"type": "string"}),
    Parameter("state", "What the browser was sent out with.", {"type": "string"}),
)
_log = structlog.get_logger(__name__)


async def get_single_sign_on(call: Call) -> Answer:
    """Go to the provider of single sign-on; for browsers."""
    services = call.services
    if services.single_sign_on is None:
        raise NotFound("Single sign-on is not set up here: IMMUTABLE_OIDC_ISSUER.")
    services.limits.take_public(call.caller)
    try:
        address, sealed = await services.outside(services.single_sign_on.begin)
    except SignOnRefused as error:
        return await _refused(call, error)
    return _go(address, cookie(SINGLE_SIGN_ON, sealed, SECONDS, services.settings, same_site="Lax"))


async def get_single_sign_on_callback(call: Call) -> Answer:
    """Come back from the provider: whoever it vouches for is signed in, where they are a member or invited."""
    services, query = call.services, call.query
    if services.single_sign_on is None:
        raise NotFound("Single sign-on is not set up here: IMMUTABLE_OIDC_ISSUER.")
    services.limits.check_guessing(call.caller)
    gone = cookie(SINGLE_SIGN_ON, "", 0, services.settings, same_site="Lax")
    try:
        identity = await services.outside(
            services.single_sign_on.finish, query.get("code", ""), query.get("state", ""), call.cookie
        )
        member = await services.work(_member, call, identity)
    except SignOnRefused as error:
        services.limits.note_failure(call.caller)
        return await _refused(call, error, gone)
    session = await begin_session(call, member, "single_sign_on")
    return _go(services.settings.public_url.rstrip("/") + "/desk#/signed-in", session, gone)


def _member(call: Call, identity: Identity) -> Member:
    """The member that this is; an invitation for the verified address is accepted. Raises SignOnRefused."""
    services, catalog = call.services, call.services.store.catalog
    member = catalog.members.of_subject(identity.subject)
    if member is None and identity.email is None:
        raise SignOnRefused("unverified", "The provider has not verified the address.")
    if member is None:
        known = catalog.members.credentials(identity.email or "")
        member = None if known is None else known.member
        if member is not None and not _is_linked(call, member, identity.subject):
            raise SignOnRefused("another", "The address is a member's who signs in as somebody else there.")
    email = member.email if member is not None else identity.email or ""
    invitations = catalog.sign_ins.invitations_of(email, clock.now()) if identity.email == email else []
    if member is None:
        if not invitations:
            raise SignOnRefused("not-invited", "Nobody has invited this address.")
        name = identity.name if identity.name.isprintable() and identity.name else email
        member = Member(new_member_id(), email, name, clock.now(), False, False, identity.subject)
    if invitations:
        by = as_responsible(member, call)
        services.one_time_links.accept(invitations, member, None, by, "member_joined")
    return member


def _is_linked(call: Call, member: Member, subject: str) -> bool:
    by = as_responsible(member, call)
    told = act(call, "member_single_sign_on_linked", by=by, resource=("member", member.id, member.email))
    return call.services.store.catalog.members.set_subject(member.id, subject, told)


async def _refused(call: Call, error: SignOnRefused, *cookies: tuple[bytes, bytes]) -> Answer:
    _log.warning("single_sign_on_refused", why=error.why, detail=error.message)
    resource = ("member", None, None)
    told = act(call, "member_sign_in_failed", by=unknown(call), resource=resource, metadata={"why": error.why})
    await call.services.work(call.services.store.catalog.acts.add, told)
    return _go(f"{call.services.settings.public_url.rstrip('/')}/desk#/refused/{error.why}", *cookies)


def _go(address: str, *cookies: tuple[bytes, bytes]) -> Answer:
    return Answer(302, b"", [(b"location", address.encode()), *cookies], b"text/plain")
