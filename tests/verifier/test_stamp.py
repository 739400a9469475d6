"""Anchors in a pack, with time-stamps that `openssl ts` really made."""

import hashlib
import json
import runpy
import subprocess
from pathlib import Path
from typing import Any

import pytest

from immutable.integrity import checkpoint, proof
from immutable.integrity import note as signing
from immutable.integrity import pack as writer
from immutable.integrity.checkpoint import Checkpoint
from immutable.integrity.merkle import leaf_hash
from immutable_verify import note, pack
from immutable_verify.findings import Refused
from immutable_verify.note import LOG

ROOT = Path(__file__).parents[2]
VECTORS: dict[str, Any] = runpy.run_path(str(ROOT / "tools" / "write_proof_vectors.py"))
ENTRIES = VECTORS["log"]()
KEYS = [note.parse_key(str(VECTORS["LOG"].verifier), LOG)]
CONFIG = """[tsa]
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
ess_cert_id_alg = sha256
[req]
distinguished_name = name
[name]
[extensions]
extendedKeyUsage = critical,timeStamping
"""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A time-stamping authority in a folder."""
    folder = tmp_path_factory.mktemp("tsa")
    (folder / "tsa.cnf").write_text(CONFIG)
    (folder / "serial").write_text("01\n")
    openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "tsa.key", "-out", "tsa.pem", "-subj", "/CN=TSA",
            "-config", "tsa.cnf", "-extensions", "extensions")  # fmt: skip
    return folder


def openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def stamped(folder: Path, text: bytes) -> bytes:
    """The authority's response over this text."""
    digest = hashlib.sha256(text).hexdigest()
    openssl(folder, "ts", "-query", "-digest", digest, "-sha256", "-cert", "-out", "it.tsq")
    openssl(folder, "ts", "-reply", "-config", "tsa.cnf", "-section", "tsa", "-queryfile", "it.tsq", "-out", "it.tsr")
    return (folder / "it.tsr").read_bytes()


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
    data: bytes = VECTORS["sealed"](files)
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


def test_an_anchor_of_another_history_is_refused(authority: Path) -> None:
    """A signed and stamped checkpoint that the log does not continue shows that it was rewritten or forked."""
    with pytest.raises(Refused, match="rewritten or forked"):
        pack.check(anchored(authority, 105, root=bytes(32)), KEYS)


def test_a_pack_says_what_each_anchor_is_made_of(authority: Path) -> None:
    """The manifest covers the anchor's files as all others."""
    files = VECTORS["_unsealed"](anchored(authority, 105))
    assert {"anchors/day.checkpoint", "anchors/day.tsr"} < set(json.loads(files["manifest.json"])["files"])
