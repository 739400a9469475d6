"""Signed notes, checkpoints and cosignatures, as the C2SP pages define them. Raises Refused."""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from immutable_verify.findings import Refused

LOG, WITNESS = 1, 4
MAX_NOTE_BYTES, MAX_SIGNATURES = 256 * 1024, 64
_NAME = re.compile(r"[^\s+]+")
SIZE = re.compile("0|[1-9][0-9]{0,14}", re.ASCII)


@dataclass(frozen=True)
class Key:
    """A verifier key. `kind`: LOG or WITNESS."""

    name: str
    public: bytes
    kind: int

    @property
    def key_id(self) -> bytes:
        """The four bytes that name the key in a signature."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]


@dataclass(frozen=True)
class Checkpoint:
    """What a log said of itself, who cosigned it, and when (seconds)."""

    origin: str
    size: int
    root: bytes
    text: str
    witnessed: dict[str, int]


def parse_key(text: str, kind: int) -> Key:
    """The key in a verifier key text `name+id+base64`."""
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    what = "log" if kind == LOG else "witness"
    data = unbase64(encoded, "The verifier key")
    if _NAME.fullmatch(name) is None or len(data) != 33 or data[0] != kind:
        raise Refused(f"This is not the verifier key of a {what}: {text[:100]!r}")
    key = Key(name, data[1:], kind)
    if key.key_id.hex() != key_id:
        raise Refused(f"The verifier key {text[:100]!r} was not copied whole: its id is not that of its key.")
    return key


def open_note(data: bytes, keys: list[Key], what: str) -> tuple[str, dict[Key, int]]:
    """The text, and the keys among `keys` whose signatures hold, with the time of a cosignature (0 for a log's)."""
    try:
        whole = data[: MAX_NOTE_BYTES + 1].decode("utf-8")
    except UnicodeDecodeError:
        raise Refused(f"{what} is not a signed note: it is not UTF-8.") from None
    text, gap, tail = whole.rpartition("\n\n")
    lines = tail[:-1].split("\n")
    if len(data) > MAX_NOTE_BYTES or not gap or not tail.endswith("\n") or len(lines) > MAX_SIGNATURES:
        raise Refused(f"{what} is not a signed note.")
    text += "\n"
    if any(letter < " " and letter != "\n" for letter in whole):
        raise Refused(f"{what} holds control characters.")
    held: dict[Key, int] = {}
    for line in lines:
        dash, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        if dash != "\u2014" or _NAME.fullmatch(name) is None:
            raise Refused(f"{what} has a line that is no signature.")
        signature = unbase64(encoded, f"A signature of {what}")
        if len(signature) < 5:
            raise Refused(f"{what} has a line that is no signature.")
        for key in keys:
            if (key.name, key.key_id) == (name, signature[:4]):
                held[key] = _check(key, text, signature[4:], what)
    return text, held


def open_checkpoint(data: bytes, keys: list[Key], what: str) -> Checkpoint:
    """A checkpoint that one of the log keys among `keys` signed."""
    text, held = open_note(data, keys, what)
    lines = text[:-1].split("\n")
    if len(lines) < 3 or not all(lines) or SIZE.fullmatch(lines[1]) is None:
        raise Refused(f"{what} is not a checkpoint.")
    root = unbase64(lines[2], f"The root of {what}")
    if len(root) != 32:
        raise Refused(f"{what} has no root of 32 bytes.")
    if not any(key.kind == LOG and key.name == lines[0] for key in held):
        raise Refused(f"{what} is not signed by the log's key.")
    witnessed = {key.name: time for key, time in held.items() if key.kind == WITNESS}
    return Checkpoint(lines[0], int(lines[1]), root, text, witnessed)


def moment(seconds: int) -> str:
    """A time for people."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):
        return f"second {seconds}"


def _check(key: Key, text: str, signature: bytes, what: str) -> int:
    seconds, message = 0, text.encode()
    if key.kind == WITNESS:
        seconds, signature = int.from_bytes(signature[:8], "big"), signature[8:]
        message = f"cosignature/v1\ntime {seconds}\n{text}".encode()
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise Refused(f"{what}: the signature of {key.name} is wrong. It was altered after signing.") from None
    return seconds


def unbase64(text: str, what: str) -> bytes:
    """Base64 in its one form."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise Refused(f"{what} is not base64.") from None
    if base64.b64encode(data).decode() != text:
        raise Refused(f"{what} is not base64 in its one form.")
    return data
