"""What becomes of a failed attempt to sign in: it is on the record, and whose second factor is being guessed gets a mail."""

from immutable import clock
from immutable.accounts.recognise import Refused
from immutable.api.endpoint import Call
from immutable.api.mailed import is_mailed
from immutable.api.responsible import act, unknown


async def refused(call: Call, error: Refused) -> None:
    """Put a failed attempt on the record, without what was typed; and tell the member where it was one wrong code too many."""
    member = None if error.credentials is None else error.credentials.member
    resource = ("member", None, None) if member is None else ("member", member.id, member.email)
    add = call.services.store.catalog.acts.add
    told = act(call, "member_sign_in_failed", by=unknown(call), resource=resource, metadata={"why": error.why})
    await call.services.work(add, told)
    if member is None or error.waits_until is None:
        return
    until = clock.to_text(error.waits_until)
    told = act(call, "member_second_factor_waits", by=unknown(call), resource=resource, metadata={"until": until})
    await call.services.work(add, told)
    page = call.services.settings.public_url.rstrip("/") + "/desk#/account"
    text = (
        "Somebody who knows your password for the audit log has given many wrong codes of your second factor.\n\n"
        f"If it was not you, change your password now:\n\n{page}\n\n"
        f"Until {until[:16].replace('T', ' ')} UTC no code is taken. Until then a recovery code signs you in.\n"
    )
    await is_mailed(call, "guessing", member.email, "Somebody knows your password", text)
