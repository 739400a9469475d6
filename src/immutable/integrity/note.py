"""Signed notes (C2SP signed-note) with Ed25519, and the cosignatures of witnesses (C2SP tlog-cosignature, Ed25519). Pure.

Key names hold neither spaces nor `+`. Keys are written as notes write them: a verifier key is `name+id+base64`, a signing key
`PRIVATE+KEY+name+id+base64`.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Sequence

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = 0x01
COSIGNATURE = 0x04
"""Signature types: a note's Ed25519, and a witness's with the time in it."""

MAX_NOTE_BYTES = 64 * 1024
MAX_SIGNATURES = 64
_KEY_BYTES = 32
_SIGNATURE_BYTES = 64
_NAME = re.compile(r"[^\s+]{1,255}")
_PRIVATE = "PRIVATE+KEY+"
_DASH = "\u2014 "


class NoteError(ValueError):
    """A note, or a key, that cannot be trusted; the message says why."""


class Verifier(msgspec.Struct, frozen=True):
    """Checks the signatures of one key. `algorithm` is ED25519 or COSIGNATURE."""

    name: str
    public_key: bytes
    algorithm: int = ED25519

    @property
    def key_id(self) -> bytes:
        """The four bytes by which signatures name the key."""
        content = self.name.encode() + b"\n" + bytes([self.algorithm]) + self.public_key
        return hashlib.sha256(content).digest()[:4]

    def __str__(self) -> str:
        """The verifier key as text: name, key id, algorithm and public key."""
        key = base64.b64encode(bytes([self.algorithm]) + self.public_key).decode()
        return f"{self.name}+{self.key_id.hex()}+{key}"


class Signer(msgspec.Struct, frozen=True):
    """Signs with one key. Its seed never shows in what is printed of it."""

    name: str
    seed: bytes
    algorithm: int = ED25519

    @property
    def verifier(self) -> Verifier:
        """What checks its signatures."""
        return Verifier(self.name, self._private.public_key().public_bytes_raw(), self.algorithm)

    @property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    def sign(self, content: bytes) -> bytes:
        """The Ed25519 signature of these bytes (RFC 8032)."""
        return self._private.sign(content)

    def exported(self) -> str:
        """The signing key as text. It is a secret."""
        key = base64.b64encode(bytes([self.algorithm]) + self.seed).decode()
        return f"{_PRIVATE}{self.name}+{self.verifier.key_id.hex()}+{key}"

    def __repr__(self) -> str:
        """The name alone."""
        return f"Signer({self.name!r})"


class Signature(msgspec.Struct, frozen=True):
    """A signature that verified: by whom, and for a cosignature when, in seconds since 1970."""

    verifier: Verifier
    at: int | None
    line: str
    """The line of the note that holds it, without its end."""


class OpenedNote(msgspec.Struct, frozen=True):
    """A note's text and what verified. Signatures of unknown keys are passed over."""

    text: str
    signatures: list[Signature]


def parse_verifier(text: str) -> Verifier:
    """The verifier of a verifier key. Raises NoteError."""
    name, key_id, algorithm, key = _parse_key(text)
    verifier = Verifier(name, key, algorithm)
    if verifier.key_id.hex() != key_id:
        raise NoteError("The verifier key's id is not that of its key: was it copied whole?")
    return verifier


def parse_signer(text: str) -> Signer:
    """The signer of a signing key. Raises NoteError."""
    if not text.startswith(_PRIVATE):
        raise NoteError("A signing key begins with PRIVATE+KEY+.")
    name, key_id, algorithm, seed = _parse_key(text.removeprefix(_PRIVATE))
    signer = Signer(name, seed, algorithm)
    if signer.verifier.key_id.hex() != key_id:
        raise NoteError("The signing key's id is not that of its key: was it copied whole?")
    return signer


def sign(text: str, signers: Iterable[Signer]) -> str:
    """The note of `text`, which must end with a newline, signed by each of `signers` (type ED25519). Raises NoteError."""
    _check_text(text)
    return text + "\n" + "".join(signature_line(signer, text) + "\n" for signer in signers)


def signature_line(signer: Signer, text: str, at: int | None = None) -> str:
    """A signature line over `text`, without its end; `at` (seconds since 1970) for a cosignature."""
    if signer.algorithm == ED25519:
        signature = signer.sign(text.encode())
    else:
        at = at or 0
        signature = at.to_bytes(8, "big") + signer.sign(_cosigned(text, at))
    return f"{_DASH}{signer.name} {base64.b64encode(signer.verifier.key_id + signature).decode()}"


def open_note(note: bytes, verifiers: Sequence[Verifier]) -> OpenedNote:
    """Check a note: at least one known key signed it, and none of the known keys' signatures is wrong. Raises NoteError."""
    text, lines = split_note(note)
    verified: list[Signature] = []
    for line, (name, key_id, signature) in lines:
        known = next((one for one in verifiers if one.name == name and one.key_id == key_id), None)
        if known is None or any(one.verifier == known for one in verified):
            continue
        verified.append(Signature(known, _verify(known, text, signature), line))
    if not verified:
        raise NoteError("No known key signed this note.")
    return OpenedNote(text, verified)


def split_note(note: bytes) -> tuple[str, list[tuple[str, tuple[str, bytes, bytes]]]]:
    """A note's text, and its signature lines with name, key id and signature, nothing of it verified. Raises NoteError."""
    if len(note) > MAX_NOTE_BYTES:
        raise NoteError("The note is larger than 64 KiB.")
    try:
        whole = note.decode("utf-8")
    except UnicodeDecodeError:
        raise NoteError("The note is not UTF-8.") from None
    text, separator, rest = whole.rpartition("\n\n")
    if not separator or not rest.endswith("\n"):
        raise NoteError("The note has no signatures.")
    text += "\n"
    _check_text(text)
    lines = rest[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise NoteError("The note has more than 64 signatures.")
    return text, [(line, _parse_line(line)) for line in lines]


def _verify(verifier: Verifier, text: str, signature: bytes) -> int | None:
    """When a cosignature was made, None for a plain signature. Raises NoteError where it is wrong."""
    at = None
    content = text.encode()
    if verifier.algorithm == COSIGNATURE:
        at = int.from_bytes(signature[:8], "big")
        content, signature = _cosigned(text, at), signature[8:]
    try:
        Ed25519PublicKey.from_public_bytes(verifier.public_key).verify(signature, content)
    except (InvalidSignature, ValueError):
        raise NoteError(f"The signature of {verifier.name} is wrong: the note was altered.") from None
    if at is not None and at >= 1 << 63:
        raise NoteError(f"The cosignature of {verifier.name} has no possible time.")
    return at


def _cosigned(text: str, at: int) -> bytes:
    """What a witness signs (tlog-cosignature, "Ed25519 signed message")."""
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def _check_text(text: str) -> None:
    if not text.endswith("\n") or any(ord(one) < 0x20 and one != "\n" for one in text):
        raise NoteError("A note's text ends with a newline and holds no other control characters.")


def _parse_line(line: str) -> tuple[str, bytes, bytes]:
    name, separator, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not separator or not _NAME.fullmatch(name):
        raise NoteError("A line after the note's text is no signature.")
    signature = _decode(encoded)
    if len(signature) < 5:
        raise NoteError("A signature of the note is too short.")
    return name, signature[:4], signature[4:]


def _parse_key(text: str) -> tuple[str, str, int, bytes]:
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    if not _NAME.fullmatch(name) or not re.fullmatch("[0-9a-f]{8}", key_id):
        raise NoteError("A key is written as name+id+base64.")
    key = _decode(encoded)
    if len(key) != 1 + _KEY_BYTES or key[0] not in (ED25519, COSIGNATURE):
        raise NoteError("The key is neither an Ed25519 key nor that of a witness.")
    return name, key_id, key[0], key[1:]


def _decode(text: str) -> bytes:
    """Standard base64, exactly. Raises NoteError."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NoteError("A key or signature is not base64.") from None
    if base64.b64encode(decoded).decode() != text:
        raise NoteError("A key or signature is not written in the one way that base64 has.")
    return decoded
