"""A second factor: codes of six digits that change every half minute (TOTP, RFC 6238), and recovery codes for whoever loses them.

A code works once: the time step of the last one used is kept, and only later ones count (RFC 6238, section 5.2). The secret lies
sealed in the database, bound to its member; recovery codes have 80 random bits and are kept only as digests.

Six digits are soon guessed by whoever knows the password and may go on trying: at 20 an hour, within a year in two of five
cases. So wrong codes are paid for in time, whoever types them and however often the member signs in between: ten at once, then
one in each half day, by which a year of guessing succeeds once in 450. Recovery codes cost nothing, for nobody guesses them: who
is being guessed at gets in by one. Nobody who does not know the password gets to try a code.
"""

import base64
import hashlib
import hmac
import io
import secrets
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pyotp
import segno

from immutable.checkpoints.secret import Sealer

STEP_SECONDS = 30
_TOLERANCE = 1
"""Steps that a clock may be off."""
_RECOVERY_CODES, _RECOVERY_BYTES = 10, 10
CODES_AT_ONCE, CODE_COSTS = 10, 12 * 3_600 * 1_000_000
"""How many wrong codes a member has, and how long it takes until there is another one, in microseconds."""


class SecondFactor:
    """Makes secrets and checks codes."""

    def __init__(self, sealer: Callable[[], Sealer], now: Callable[[], float] = time.time) -> None:
        """`sealer` is asked for when it is first needed."""
        self._sealer = sealer
        self._now = now

    def new(self, member_id: str) -> tuple[str, bytes]:
        """A secret as an authenticator takes it, and as it is kept."""
        secret = pyotp.random_base32()
        return secret, self._sealer().seal(secret.encode(), belongs_to=_belongs_to(member_id))

    def step_of(self, code: str, sealed: bytes, member_id: str) -> int | None:
        """The time step whose code this is, where it is one of about now."""
        totp = pyotp.TOTP(self._sealer().open(sealed, belongs_to=_belongs_to(member_id)).decode())
        current = int(self._now()) // STEP_SECONDS
        found = None
        for step in range(current - _TOLERANCE, current + _TOLERANCE + 1):  # all of them, whichever it is
            expected = totp.at(datetime.fromtimestamp(step * STEP_SECONDS, UTC))
            if hmac.compare_digest(expected.encode(), code.encode()):
                found = step
        return found


def enrolment(secret: str, email: str, issuer: str) -> tuple[str, str]:
    """The address that authenticators read, and a QR code of it as SVG."""
    uri = pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=issuer)
    svg = io.BytesIO()
    segno.make(uri, error="m").save(svg, kind="svg", xmldecl=False, scale=5, border=4, light="#fff", nl=False)
    return uri, svg.getvalue().decode()


def recovery_codes() -> tuple[list[str], list[bytes]]:
    """New recovery codes, and what is kept of them."""
    codes = [base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode().lower() for _ in range(_RECOVERY_CODES)]
    return ["-".join(code[at : at + 4] for at in range(0, len(code), 4)) for code in codes], digests(codes)


def digests(codes: Sequence[str]) -> list[bytes]:
    """What is kept of recovery codes, however they are typed."""
    plain = ("".join(one for one in code.lower() if one.isalnum()) for code in codes)
    return [hashlib.sha256(code.encode()).digest() for code in plain]


def is_code(text: str) -> bool:
    """Whether this looks like an authenticator's code, and not like a recovery code."""
    return len(text) == 6 and text.isascii() and text.isdecimal()


def _belongs_to(member_id: str) -> bytes:
    return b"totp\n" + member_id.encode()
