"""Checks proofs of the log offline: what is signed, that an event is in it, that a later tree goes on from an earlier one.

Pure functions over hashes (RFC 9162), so that nothing of it rests on the server's word; `verify_checkpoint` checks the signature
and needs the package `cryptography`. Keep a checkpoint and the verifier key where the server's operator cannot reach them.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from getimmutable.types import ConsistencyData, InclusionData

_HASH_BYTES = 32
_MOST_HASHES = 63
_ED25519 = 0x01
_SIZE = re.compile(r"0|[1-9][0-9]{0,14}", re.ASCII)
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_DASH = "\u2014 "


class ProofError(ValueError):
    """A proof, a checkpoint or a key does not show what it should; the message says what is wrong."""


@dataclass(frozen=True)
class Checkpoint:
    """What was signed of a log: its first `size` events have the Merkle root `root`."""

    origin: str
    size: int
    root: bytes


def leaf_hash(event_hash: bytes) -> bytes:
    """The leaf of an event in the tree."""
    return hashlib.sha256(b"\x00" + event_hash).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The node above two others."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def parse_checkpoint(note: str) -> Checkpoint:
    """Read a checkpoint out of its signed note. It says nothing of who signed it: see `verify_checkpoint`. Raises ProofError."""
    lines = _split(note)[0].split("\n")
    if len(lines) < 4 or not all(lines[:-1]) or not _SIZE.fullmatch(lines[1]):
        raise ProofError("A checkpoint has an origin, a size and a root, each on a line of its own")
    root = _decoded(lines[2])
    if len(root) != _HASH_BYTES:
        raise ProofError("The root is no hash of 32 bytes")
    return Checkpoint(lines[0], int(lines[1]), root)


def verify_checkpoint(note: str, verifier_key: str) -> Checkpoint:
    """Read a checkpoint that this key signed (`name+id+base64`, as `get_signing_keys` shows it). Raises ProofError.

    Needs the package `cryptography`; without it, ImportError.
    """
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError as error:
        raise ImportError("Checking a signature needs the package cryptography: pip install cryptography") from error
    name, key_id, key = _parsed_key(verifier_key)
    text, lines = _split(note)
    for line in lines:
        signer, _, encoded = line.removeprefix(_DASH).rpartition(" ")
        signature = _decoded(encoded)
        if line.startswith(_DASH) and signer == name and signature[:4] == key_id:
            try:
                Ed25519PublicKey.from_public_bytes(key).verify(signature[4:], text.encode())
            except (InvalidSignature, ValueError):
                raise ProofError(f"The signature of {name} is wrong: the checkpoint was altered") from None
            checkpoint = parse_checkpoint(note)
            if checkpoint.origin != name:
                raise ProofError(f"The key {name} is not that of the log {checkpoint.origin}")
            return checkpoint
    raise ProofError(f"The key {name} did not sign this checkpoint")


def check_inclusion(event_hash: bytes, sequence: int, proof: Sequence[bytes], checkpoint: Checkpoint) -> None:
    """Check that the event with this hash is number `sequence` (from 1) in the checkpoint. Raises ProofError."""
    place, last = sequence - 1, checkpoint.size - 1
    if not 0 <= place <= last:
        raise ProofError(f"There is no event {sequence} in a checkpoint of {checkpoint.size}")
    _check_form(proof, event_hash)
    found = leaf_hash(event_hash)
    for one in proof:
        if last == 0:
            raise ProofError("The proof is too long")
        if place & 1 or place == last:
            found = node_hash(one, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, one)
        place, last = place >> 1, last >> 1
    if last != 0 or found != checkpoint.root:
        raise ProofError("The proof does not lead to the checkpoint: the event is not in it as it is here")


def check_consistency(old: Checkpoint, new: Checkpoint, proof: Sequence[bytes]) -> None:
    """Check that the log of `new` begins with all that `old` covers, unchanged. Raises ProofError."""
    if old.origin != new.origin:
        raise ProofError(f"These are two logs: {old.origin} and {new.origin}")
    if not 1 <= old.size <= new.size:
        raise ProofError(f"A log of {new.size} events does not go on from one of {old.size}")
    _check_form(proof, old.root, new.root)
    if old.size == new.size:
        if proof or old.root != new.root:
            raise ProofError("The roots differ although nothing lies between: the log was rewritten")
        return
    hashes = [old.root, *proof] if old.size & (old.size - 1) == 0 else list(proof)
    place, last = old.size - 1, new.size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    if not hashes:
        raise ProofError("The proof is empty")
    old_found = found = hashes[0]
    for one in hashes[1:]:
        if last == 0:
            raise ProofError("The proof is too long")
        if place & 1 or place == last:
            old_found, found = node_hash(one, old_found), node_hash(one, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, one)
        place, last = place >> 1, last >> 1
    if last != 0 or old_found != old.root or found != new.root:
        raise ProofError("The proof does not lead to both checkpoints: the log was rewritten")


def check_inclusion_answer(answer: InclusionData, event_hash: str, checkpoint: Checkpoint) -> None:
    """Check what `get_inclusion_proof` answered under `data`, for an event whose hash you hold. Raises ProofError."""
    check_inclusion(_hash(event_hash), answer["sequence"], [_hash(one) for one in answer["hashes"]], checkpoint)


def check_consistency_answer(answer: ConsistencyData, old: Checkpoint, new: Checkpoint) -> None:
    """Check what `get_consistency_proof` answered under `data`, between two checkpoints that you hold. Raises ProofError."""
    check_consistency(old, new, [_hash(one) for one in answer["hashes"]])


def _split(note: str) -> tuple[str, list[str]]:
    text, separator, signatures = note.rpartition("\n\n")
    if not separator or not signatures.endswith("\n"):
        raise ProofError("This is no signed note: a text, an empty line and signatures")
    return text + "\n", signatures[:-1].split("\n")


def _parsed_key(text: str) -> tuple[str, bytes, bytes]:
    name, _, rest = text.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    key = _decoded(encoded)
    if not name or len(key) != 1 + _HASH_BYTES or key[0] != _ED25519:
        raise ProofError("A verifier key is written name+id+base64, of an Ed25519 key")
    found = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
    if found.hex() != key_id:
        raise ProofError("The verifier key's id is not that of its key: was it copied whole?")
    return name, found, key[1:]


def _decoded(text: str) -> bytes:
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        decoded = b""
    if not decoded or base64.b64encode(decoded).decode() != text:
        raise ProofError("A root, key or signature is not written in base64")
    return decoded


def _hash(text: str) -> bytes:
    if not _HASH.fullmatch(text):
        raise ProofError("A hash is not written as 64 lower-case hexadecimal digits")
    return bytes.fromhex(text)


def _check_form(proof: Sequence[bytes], *given: bytes) -> None:
    if len(proof) > _MOST_HASHES or any(len(one) != _HASH_BYTES for one in (*proof, *given)):
        raise ProofError("The proof is not made of at most 63 hashes of 32 bytes")
