"""What an RFC 3161 time-stamp was made over. The authority's own signature is for `openssl ts -verify`. Raises Refused."""

import hashlib
import re

from immutable_verify.findings import Findings, Refused
from immutable_verify.note import Checkpoint

_SHA256 = bytes.fromhex("0609608648016503040201")
_IMPRINT = re.compile(re.escape(_SHA256) + rb"(?:\x05\x00)?\x04\x20(.{32})", re.DOTALL)
_TIME = re.compile(rb"\x18.(\d{14})(?:\.\d+)?Z", re.DOTALL)
_TST_INFO = bytes.fromhex("060b2a864886f70d0109100104")


def tell(token: bytes, checkpoint: Checkpoint, what: str, findings: Findings) -> None:
    """Check a time-stamp over a checkpoint's text, and say what it shows."""
    claimed = check(token, hashlib.sha256(checkpoint.text.encode()).digest(), what)
    findings.established.append(
        f"{what} ({checkpoint.size} events) is what a time-stamp, dated {claimed}, was made over."
    )
    findings.not_established.append(
        f"Whether the time-stamping authority's own signature on {what} is right: check it with `openssl ts -verify`."
    )


def check(token: bytes, digest: bytes, what: str) -> str:
    """The time that the token claims, once its message imprint (RFC 3161 section 2.4.1) is this SHA-256.

    The imprint is the first SHA-256 after the object identifier of TSTInfo, the time the first GeneralizedTime after it.
    """
    start = token.find(_TST_INFO)
    imprint = _IMPRINT.search(token, start) if start >= 0 else None
    if imprint is None or imprint[1] != digest:
        raise Refused(f"The time-stamp of {what} was made over something else.")
    time = _TIME.search(token, imprint.end())
    if time is None:
        raise Refused(f"The time-stamp of {what} has no time.")
    year, rest = time[1][:4].decode(), time[1][4:].decode()
    return f"{year}-{rest[:2]}-{rest[2:4]} {rest[4:6]}:{rest[6:8]}:{rest[8:]} UTC"
