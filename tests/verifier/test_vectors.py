"""The published examples of proof: current, and judged alike by the server's code and by the verifier's."""

import json
import runpy
from pathlib import Path
from typing import Any

import pytest

from immutable.integrity import checkpoint, note, proof
from immutable.integrity.merkle import leaf_hash
from immutable_verify import note as outside
from immutable_verify import pack, tree
from immutable_verify.findings import Refused
from immutable_verify.note import LOG, WITNESS

ROOT = Path(__file__).parents[2]
WRITER = runpy.run_path(str(ROOT / "tools" / "write_proof_vectors.py"))
MERKLE: dict[str, Any] = json.loads((ROOT / "conformance" / "merkle.json").read_text("utf-8"))
NOTES = sorted((ROOT / "conformance" / "checkpoints").glob("[gb]*-*"))
PACKS = sorted((ROOT / "conformance" / "evidence").glob("*.zip"))
KEYS = json.loads((ROOT / "conformance" / "evidence" / "keys.json").read_text("utf-8"))
TRUSTED = [outside.parse_key(KEYS["log"], LOG), outside.parse_key(KEYS["witness"], WITNESS)]


def unhexed(hashes: list[str]) -> list[bytes]:
    return [bytes.fromhex(one) for one in hashes]


def test_the_published_examples_are_what_the_code_makes() -> None:
    """`tools/write_proof_vectors.py` would write each file as it is, and no other files."""
    made = dict(WRITER["files"]())
    for path, data in made.items():
        assert path.read_bytes() == data, path.name
    found = {path for folder in ("checkpoints", "evidence") for path in (ROOT / "conformance" / folder).iterdir()}
    assert found == set(made) - {ROOT / "conformance" / "merkle.json"}


def test_both_accept_every_published_proof() -> None:
    """The server's checks and the verifier's agree with every root and proof of the examples."""
    roots = {int(size): bytes.fromhex(root) for size, root in MERKLE["roots"].items()}
    for case in MERKLE["inclusion"]:
        leaf, hashes = leaf_hash(WRITER["counted_leaf"](case["index"])), unhexed(case["proof"])
        assert leaf.hex() == case["leaf"]
        proof.check_inclusion(leaf, case["index"], case["size"], hashes, roots[case["size"]])
        tree.check_inclusion(leaf, case["index"], case["size"], hashes, roots[case["size"]], "it")
        with pytest.raises(Refused):
            tree.check_inclusion(leaf, case["index"], case["size"] + 1, hashes, bytes(32), "it")
    for case in MERKLE["consistency"]:
        given = case["old"], roots[case["old"]], case["new"], roots[case["new"]], unhexed(case["proof"])
        proof.check_consistency(*given)
        tree.check_consistency(*given, "they")
        for at in range(len(given[4])):
            changed = [bytes(32) if number == at else one for number, one in enumerate(given[4])]
            with pytest.raises(Refused):
                tree.check_consistency(*given[:4], changed, "they")


@pytest.mark.parametrize("path", NOTES, ids=lambda path: path.name)
def test_both_judge_a_checkpoint_alike(path: Path) -> None:
    """Good notes are opened, with their witness where there is one; bad ones are refused, by either code."""
    verifiers = [note.parse_verifier(KEYS["log"]), note.parse_verifier(KEYS["witness"])]
    if path.name.startswith("bad-"):
        with pytest.raises(Refused):
            outside.open_checkpoint(path.read_bytes(), TRUSTED, "It")
        with pytest.raises(note.NoteError):
            checkpoint.parse_checkpoint(note.open_note(path.read_bytes(), verifiers).text)
        return
    seen = outside.open_checkpoint(path.read_bytes(), TRUSTED, "It")
    opened = note.open_note(path.read_bytes(), verifiers)
    read = checkpoint.parse_checkpoint(opened.text)
    assert (seen.origin, seen.size, seen.root) == (read.origin, read.size, read.root)
    assert bool(seen.witnessed) == (path.name == "good-cosigned") == (len(opened.signatures) == 2)


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.name)
def test_a_pack_is_judged_as_its_name_says(path: Path) -> None:
    """Sound packs verify with the auditor's keys, and with those inside only as far as they go; broken ones do not verify."""
    if path.name.startswith("broken-"):
        with pytest.raises(Refused):
            pack.check(path.read_bytes(), TRUSTED)
        return
    assert pack.check(path.read_bytes(), TRUSTED).trusted
    assert not pack.check(path.read_bytes(), []).trusted
