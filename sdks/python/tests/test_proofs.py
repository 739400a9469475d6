"""Proofs are checked offline: what a real server answers holds, and no other."""

import asyncio
import base64
import builtins
import time
from typing import Any

import pytest

from getimmutable import AsyncImmutableClient, ImmutableClient, proofs
from getimmutable.proofs import Checkpoint, ProofError, check_consistency, check_inclusion, leaf_hash, node_hash

EVENTS = [bytes([number]) * 32 for number in range(9)]


def root_of(hashes: list[bytes]) -> bytes:
    """RFC 9162 section 2.1.1, word for word."""
    if len(hashes) == 1:
        return leaf_hash(hashes[0])
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return node_hash(root_of(hashes[:split]), root_of(hashes[split:]))


def inclusion(index: int, hashes: list[bytes]) -> list[bytes]:
    """RFC 9162 section 2.1.3.1, word for word."""
    if len(hashes) == 1:
        return []
    split = 1 << (len(hashes) - 1).bit_length() - 1
    if index < split:
        return [*inclusion(index, hashes[:split]), root_of(hashes[split:])]
    return [*inclusion(index - split, hashes[split:]), root_of(hashes[:split])]


def consistency(old: int, hashes: list[bytes], is_whole: bool = True) -> list[bytes]:
    """RFC 9162 section 2.1.4.1, word for word."""
    if old == len(hashes):
        return [] if is_whole else [root_of(hashes)]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    if old <= split:
        return [*consistency(old, hashes[:split], is_whole), root_of(hashes[split:])]
    return [*consistency(old - split, hashes[split:], False), root_of(hashes[:split])]


def at(size: int) -> Checkpoint:
    """The checkpoint of the first events."""
    return Checkpoint("log", size, root_of(EVENTS[:size]))


def test_every_proof_of_small_trees() -> None:
    """The right one holds; with a hash changed, missing or too many, or for another place, it does not."""
    for size in range(1, 10):
        for index in range(size):
            proof = inclusion(index, EVENTS[:size])
            check_inclusion(EVENTS[index], index + 1, proof, at(size))
            for wrong in (proof[:-1] if proof else [b"x" * 32], [*proof, b"x" * 32], [b"x" * 32, *proof[1:]]):
                if wrong != proof:
                    with pytest.raises(ProofError):
                        check_inclusion(EVENTS[index], index + 1, wrong, at(size))
            with pytest.raises(ProofError):
                check_inclusion(b"x" * 32, index + 1, proof, at(size))
        for old in range(1, size + 1):
            proof = consistency(old, EVENTS[:size])
            check_consistency(at(old), at(size), proof)
            for wrong in ([*proof, b"x" * 32], [b"x" * 32, *proof[1:]]):
                with pytest.raises(ProofError):
                    check_consistency(at(old), at(size), wrong)
            with pytest.raises(ProofError):
                check_consistency(Checkpoint("log", old, b"x" * 32), at(size), proof)


@pytest.mark.parametrize(
    "note",
    [
        "", "log\n1\n", "log\n01\nroot\n\n\u2014 log x\n", f"log\n1\n{base64.b64encode(b'x').decode()}\n\n\u2014 log x\n",
        "log\nmany\nroot\n\n\u2014 log x\n", "\n\n",
    ],
)  # fmt: skip
def test_what_is_no_checkpoint(note: str) -> None:
    """Anything else is refused with a word of what is wrong."""
    with pytest.raises(ProofError):
        proofs.parse_checkpoint(note)


def test_what_a_real_server_answers(real_server: Any) -> None:
    """Both clients get it, it holds, and a checkpoint, key or event that is another one does not."""
    key = real_server.key()
    with ImmutableClient(key, real_server.url, timeout=60.0) as client:
        receipts = [client.track({"actor_id": "a", "action": "b"}) for _ in range(3)]
        while not any(one["size"] == 3 for one in client.iter_checkpoints()):
            time.sleep(0.05)
        assert client.get_checkpoint()["data"] == next(client.iter_checkpoints()) == client.get_checkpoints()["data"][0]

    async def ask() -> tuple[Any, Any, Any, Any]:
        async with AsyncImmutableClient(key, real_server.url, timeout=60.0) as audit:
            return (
                (await audit.get_signing_keys())["data"][0]["verifier_key"],
                (await audit.get_checkpoint(3))["data"]["note"],
                (await audit.get_inclusion_proof(receipts[0]["id"], size=3))["data"],
                (await audit.get_consistency_proof(2))["data"],
            )

    verifier, note, inclusion, between = asyncio.run(ask())
    checkpoint = proofs.verify_checkpoint(note, verifier)
    proofs.check_inclusion_answer(inclusion, receipts[0]["event_hash"], checkpoint)
    old = Checkpoint(checkpoint.origin, 2, bytes.fromhex(between["from_root_hash"]))
    proofs.check_consistency_answer(between, old, checkpoint)
    with pytest.raises(ProofError, match="not in it"):
        proofs.check_inclusion_answer(inclusion, receipts[1]["event_hash"], checkpoint)
    with pytest.raises(ProofError, match="two logs"):
        proofs.check_consistency_answer(between, Checkpoint("another", 2, old.root), checkpoint)
    with pytest.raises(ProofError, match="altered"):
        proofs.verify_checkpoint(note.replace("\n3\n", "\n4\n"), verifier)
    with pytest.raises(ProofError, match="copied whole"):
        proofs.verify_checkpoint(note, verifier.replace("+", "x+", 1))
    with pytest.raises(ProofError, match="did not sign"):
        proofs.verify_checkpoint(note.replace("\u2014 ", "\u2014 x"), verifier)


def test_without_the_package_that_checks_signatures(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named, and everything else works."""
    real = builtins.__import__

    def without(name: str, *rest: Any, **named: Any) -> Any:
        if name.startswith("cryptography"):
            raise ImportError(name)
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match="pip install cryptography"):
        proofs.verify_checkpoint("", "")
