"""What an RFC 3161 time-stamp was made over, and when. The authority's own signature is for `openssl ts -verify`. Raises Refused.

The values are taken from their places in the structure alone. A response has room that nobody signed, for texts and certificates:
what looks like a date there must not pass for the authority's.
"""

import hashlib
import re

from immutable_verify.findings import Findings, Refused
from immutable_verify.note import Checkpoint

_INTEGER, _OCTETS, _OID, _TIME, _SEQUENCE, _EXPLICIT = 0x02, 0x04, 0x06, 0x18, 0x30, 0xA0
_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_TST_INFO = bytes.fromhex("2a864886f70d0109100104")
_SHA256 = bytes.fromhex("608648016503040201")
_MOMENT = re.compile(rb"([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})(?:\.[0-9]+)?Z")


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
    """The time that the token claims, once it was granted and its message imprint is this SHA-256 (RFC 3161 section 2.4)."""
    try:
        status = _at(token, (0, _SEQUENCE), (0, _SEQUENCE), (0, _INTEGER))
        content = _at(token, (0, _SEQUENCE), (1, _SEQUENCE))
        signed = _at(content, (1, _EXPLICIT), (0, _SEQUENCE), (2, _SEQUENCE))
        info = _at(signed, (1, _EXPLICIT), (0, _OCTETS), (0, _SEQUENCE))
        kinds = _at(content, (0, _OID)), _at(signed, (0, _OID)), _at(info, (2, _SEQUENCE), (0, _SEQUENCE), (0, _OID))
        imprint, time = _at(info, (2, _SEQUENCE), (1, _OCTETS)), _MOMENT.fullmatch(_at(info, (4, _TIME)))
    except (ValueError, IndexError):
        raise Refused(f"The time-stamp of {what} cannot be read.") from None
    if kinds != (_SIGNED_DATA, _TST_INFO, _SHA256) or imprint != digest or status not in (b"\0", b"\1"):
        raise Refused(f"The time-stamp of {what} was made over something else.")
    if time is None:
        raise Refused(f"The time-stamp of {what} has no time.")
    return "{}-{}-{} {}:{}:{} UTC".format(*(part.decode() for part in time.groups()))


def _at(data: bytes, *steps: tuple[int, int]) -> bytes:
    """The content at a place of the structure: each step is the position of a value, and the tag that it must have."""
    for position, tag in steps:
        found, data = _values(data)[position]
        if found != tag:
            raise ValueError(tag)
    return data


def _values(data: bytes) -> list[tuple[int, bytes]]:
    """The tags and contents of DER values that follow on each other."""
    values, at = [], 0
    while at < len(data):
        tag, size, at = data[at], data[at + 1], at + 2
        if size >= 0x80:
            width = size - 0x80
            if not 1 <= width <= 4:
                raise ValueError(width)
            size, at = int.from_bytes(data[at : at + width], "big"), at + width
        if at + size > len(data):
            raise ValueError(size)
        values.append((tag, data[at : at + size]))
        at += size
    return values
