"""Recognises a member by e-mail address, password and code, in a way that tells nobody which of them was wrong, or is known.

Every attempt counts against the address that it comes from and the e-mail address that it names, whether there is such a member
or not, and takes the same work. What an attempt said is not kept: people type passwords into the wrong field.
"""

import math
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from immutable import clock
from immutable.accounts import totp
from immutable.accounts.passwords import Passwords
from immutable.accounts.rate_limits import RateLimits
from immutable.accounts.totp import SecondFactor
from immutable.errors import RateLimited, Unauthenticated
from immutable.model.member import Credentials
from immutable.store.members import Members

_WRONG = "The e-mail address or the password is wrong."
_WRONG_CODE = "The code is wrong, or was used before. Wait for the next one, or use a recovery code."

Work = Callable[..., Awaitable[Any]]
"""Runs a function of the store beside the event loop."""


class Refused(Unauthenticated):
    """An attempt that failed: whose it would have been, where there is such a member, and why, for the administrative log."""

    def __init__(self, message: str, why: str, credentials: Credentials | None, waits_until: int | None = None) -> None:
        super().__init__(message)
        self.why, self.credentials = why, credentials
        self.waits_until = waits_until
        """Until when no code of the second factor is looked at any more, where this one was the last."""


class Recogniser:
    """Checks passwords and codes, within limits."""

    def __init__(
        self, members: Members, passwords: Passwords, second_factor: SecondFactor, limits: RateLimits, work: Work
    ) -> None:
        self._members = members
        self._passwords = passwords
        self._second_factor = second_factor
        self._limits = limits
        self._work = work

    async def recognise(
        self, email: str, password: str, code: str, address: str | None, known: str = ""
    ) -> tuple[Credentials, str] | None:
        """Who this is, and how they were recognised; None where a code is needed besides. Raises Refused or RateLimited.

        `known`: the name of a browser in which this member has signed in before.
        """
        self._limits.check_guessing(address)
        self._limits.take_sign_in(email, known)
        found: Credentials | None = await self._work(self._members.credentials, email)
        if not await self._passwords.is_right(None if found is None else found.password, password) or found is None:
            self._limits.note_failure(address)
            raise Refused(_WRONG, "wrong_password" if found is not None else "unknown_email", found)
        if found.password is not None and self._passwords.is_weak(found.password):
            stronger = await self._passwords.hash(password)
            await self._work(self._members.set_password, found.member.id, stronger, None)
            found = msgspec.structs.replace(found, password=stronger)
        method = "password"
        if found.member.has_totp:
            if not code:
                self._limits.forgive_sign_in(email, known)
                return None
            method = await self._code(found, code, address, known)
        self._limits.forgive_sign_in(email, known)
        return found, method

    async def confirm(
        self, credentials: Credentials, password: str, address: str | None, session_id: str, code: str | None = None
    ) -> None:
        """See that whoever is signed in still knows their password, and with a `code` that they have their second factor.

        Raises Refused or RateLimited.
        """
        self._limits.check_guessing(address)
        self._limits.take_sign_in(credentials.member.email, session_id)
        if not await self._passwords.is_right(credentials.password, password):
            self._limits.note_failure(address)
            raise Refused("The password is wrong.", "wrong_password", credentials)
        if code is not None:
            await self._code(credentials, code, address, session_id)
        self._limits.forgive_sign_in(credentials.member.email, session_id)

    async def _code(self, found: Credentials, code: str, address: str | None, known: str) -> str:
        """What kind of code this is. Raises Refused where it is wrong, or was used; RateLimited where too many were wrong."""
        member_id, waits_until = found.member.id, None
        if totp.is_code(code):
            now, most = clock.now(), (totp.CODES_AT_ONCE - 1) * totp.CODE_COSTS
            may_try, paid = await self._work(self._members.pay_for_code, member_id, now, totp.CODE_COSTS, most)
            seconds = math.ceil((paid - most - now) / 1_000_000)
            if not may_try:
                # The password was right, and the code is not looked at.
                self._limits.forgive_sign_in(found.member.email, known)
                raise RateLimited(_waits(seconds), seconds)
            step = None
            if found.totp is not None:
                step = self._second_factor.step_of(code, found.totp, member_id)
            if step is not None and await self._work(self._members.use_step, member_id, step, totp.CODE_COSTS):
                return "totp"
            waits_until = paid - most if seconds > 0 else None
        else:
            (digest,) = totp.digests([code])
            if await self._work(self._members.use_recovery_code, member_id, digest):
                return "recovery_code"
        self._limits.note_failure(address)
        raise Refused(_WRONG_CODE, "wrong_code", found, waits_until)


def _waits(seconds: int) -> str:
    hours = math.ceil(seconds / 3_600)
    return (
        f"Too many codes were wrong. Use a recovery code, or try again in {hours} hour{'' if hours == 1 else 's'}. If it was not "
        "you, somebody knows your password: change it."
    )
