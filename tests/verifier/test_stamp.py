"""Anchors in a pack, with time-stamps that `openssl ts` really made."""

import contextlib
import hashlib
import json
import runpy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.verifier.conftest import openssl, stamped

from immutable.integrity import checkpoint, proof
from immutable.integrity import note as signing
from immutable.integrity import pack as writer
from immutable.integrity.checkpoint import Checkpoint
from immutable.integrity.merkle import leaf_hash
from immutable_verify import note, pack, stamp
from immutable_verify.findings import Refused
from immutable_verify.note import LOG

ROOT = Path(__file__).parents[2]
VECTORS: dict[str, Any] = runpy.run_path(str(ROOT / "tools" / "write_proof_vectors.py"))
ENTRIES = VECTORS["log"]()
KEYS = [note.parse_key(str(VECTORS["LOG"].verifier), LOG)]


def der(tag: int, *contents: bytes) -> bytes:
    """One DER value."""
    content = b"".join(contents)
    size = len(content)
    length = bytes([size]) if size < 0x80 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + length + content


def backdated(token: bytes, digest: bytes) -> bytes:
    """A good response in whose status, which nobody signs, a text says what a token of the year 2001 over this would say."""
    decoy = bytes.fromhex("060b2a864886f70d0109100104") + der(
        0x30, der(2, b"\1"), der(6, b"\x2a\3\4"),
        der(0x30, der(0x30, bytes.fromhex("0609608648016503040201"), b"\5\0"), der(4, digest)),
        der(2, b"\7"), der(0x18, b"20010203040506Z"),
    )  # fmt: skip
    granted, rest = bytes.fromhex("3003020100"), token[4:]
    assert rest.startswith(granted)
    return der(0x30, der(0x30, granted[2:], der(0x30, der(0x0C, decoy))), rest.removeprefix(granted))


def anchored(folder: Path, size: int, *, over: bytes | None = None, root: bytes | None = None) -> bytes:
    """A pack with an anchor at this size of the log."""
    leaves = [leaf_hash(entry.event_hash) for entry in ENTRIES]
    tree, old = VECTORS["tree_of"](leaves), VECTORS["tree_of"](leaves[:size])
    text = checkpoint.format_checkpoint(Checkpoint(VECTORS["ORIGIN"], size, root or old.root()))
    files = VECTORS["evidence_files"](ENTRIES, range(101, 111))
    files["anchors/day.checkpoint"] = signing.sign(text, [VECTORS["LOG"]]).encode()
    files["anchors/day.tsr"] = stamped(folder, over or text.encode())
    inclusion = {seq: proof.inclusion_proof(tree, seq - 1) for seq in range(101, 111)}
    between = {} if size == 300 else {(size, 300): proof.consistency_proof(tree, size)}
    files["proofs.json"] = writer.proofs(300, inclusion, between)
    return sealed(files)


def sealed(files: dict[str, bytes]) -> bytes:
    """The pack of these files."""
    data: bytes = VECTORS["sealed"]({name: files[name] for name in files if not name.startswith("manifest.")})
    return data


@pytest.mark.parametrize("size", [105, 300])
def test_an_anchor_vouches_for_what_it_covers(authority: Path, size: int) -> None:
    """Events under the anchored checkpoint are named as anchored, those behind it as signed only."""
    findings = pack.check(anchored(authority, size), KEYS)
    until = min(size, 110)
    assert any(
        f"Events anchored (as far as the time-stamp is good): 101 to {until}." in one for one in findings.established
    )
    assert any("(signed only): 106 to 110" in one for one in findings.not_established) == (size == 105)
    assert any("openssl ts -verify" in one for one in findings.not_established)


def test_a_stamp_over_something_else_is_refused(authority: Path) -> None:
    """A real time-stamp of another text does not pass for this checkpoint's."""
    with pytest.raises(Refused, match="something else"):
        pack.check(anchored(authority, 105, over=b"another text"), KEYS)


def test_the_date_is_the_one_that_the_authority_signed(authority: Path) -> None:
    """What stands in the unsigned status of a response poses as no date, though `openssl ts -verify` finds the response good."""
    earliest = datetime.now(UTC).year
    files = VECTORS["_unsealed"](anchored(authority, 105))
    text = files["anchors/day.checkpoint"].partition(b"\n\n")[0] + b"\n"
    files["anchors/day.tsr"] = backdated(files["anchors/day.tsr"], hashlib.sha256(text).digest())
    (authority / "it.txt").write_bytes(text)
    (authority / "it.tsr").write_bytes(files["anchors/day.tsr"])
    openssl(authority, "ts", "-verify", "-data", "it.txt", "-in", "it.tsr", "-CAfile", "tsa.pem")
    findings = pack.check(sealed(files), KEYS)
    (dated,) = [one for one in findings.established if "dated" in one]
    assert any(f"dated {year}" in dated for year in range(earliest, datetime.now(UTC).year + 1))


@given(st.binary(max_size=40), st.integers(0, 2_000))
@settings(deadline=None)
def test_noise_in_a_stamp_gets_a_verdict(token: bytes, noise: bytes, at: int) -> None:
    """A damaged time-stamp is read or refused, never answered with a traceback."""
    for changed in (noise, token[:at] + noise + token[at + len(noise) :], token[:at]):
        with contextlib.suppress(Refused):
            stamp.check(changed, bytes(32), "it")


def test_an_anchor_of_another_history_is_refused(authority: Path) -> None:
    """A signed and stamped checkpoint that the log does not continue shows that it was rewritten or forked."""
    with pytest.raises(Refused, match="rewritten or forked"):
        pack.check(anchored(authority, 105, root=bytes(32)), KEYS)


def test_a_pack_says_what_each_anchor_is_made_of(authority: Path) -> None:
    """The manifest covers the anchor's files as all others."""
    files = VECTORS["_unsealed"](anchored(authority, 105))
    assert {"anchors/day.checkpoint", "anchors/day.tsr"} < set(json.loads(files["manifest.json"])["files"])
