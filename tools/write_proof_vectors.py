"""Writes the language-neutral examples of proof: conformance/merkle.json, conformance/checkpoints/ and conformance/evidence/.

Run it after a change of a format (`python tools/write_proof_vectors.py`); a test checks that the files are current. Keys, salts
and the random parts of ids are made from fixed bytes: these keys are published and sign nothing else.
"""

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from immutable import clock
from immutable.integrity import chain, checkpoint, erasure, note, pack, proof, succession, tiles
from immutable.integrity.checkpoint import Checkpoint
from immutable.integrity.merkle import leaf_hash
from immutable.integrity.note import COSIGNATURE, Signer
from immutable.integrity.tiles import Tree
from immutable.model.event import EMPTY_HEAD, EventDraft, Head, LogEntry

ROOT = Path(__file__).parents[1] / "conformance"
SIZES = [0, 1, 2, 3, 7, 8, 255, 256, 257, 65_535, 65_536, 65_537]
WORKSPACE = "ws_0123456789abcdef"
ORIGIN = f"logs.example.com/{WORKSPACE}"
NOW = clock.from_text("2026-03-27T09:53:11.000042Z")
LOG = Signer(ORIGIN, hashlib.sha256(b"log").digest())
NEXT = Signer(f"{ORIGIN}/2", hashlib.sha256(b"next").digest())
OTHER = Signer(ORIGIN, hashlib.sha256(b"another").digest())
WITNESS = Signer("witness.example.org/w", hashlib.sha256(b"witness").digest(), COSIGNATURE)
COSIGNED_AT = 1_774_605_200


def tree_of(leaves: list[bytes]) -> Tree:
    """The tree over these leaf hashes, in memory."""
    held = {(tile.level, tile.index): hashes for tile, hashes in tiles.extend(lambda *_: b"", 0, leaves)}
    return Tree(lambda level, index, width: held[level, index][: width * 32], len(leaves))


def counted_leaf(index: int) -> bytes:
    """The data of a leaf of the examples: SHA-256 of its index in eight bytes."""
    return hashlib.sha256(index.to_bytes(8, "big")).digest()


def merkle() -> str:
    """Roots and proofs of trees of every edge size; leaf data as `counted_leaf` makes it."""
    leaves = [leaf_hash(counted_leaf(index)) for index in range(max(SIZES))]
    trees = {size: tree_of(leaves[:size]) for size in SIZES}
    inclusion = [
        {"index": index, "size": size, "leaf": leaves[index].hex(), "proof": _hex(proof.inclusion_proof(tree, index))}
        for size, tree in trees.items()
        for index in sorted({0, size // 2, size - 1} if size else set())
    ]
    consistency = [
        {"old": old, "new": new, "proof": _hex(proof.consistency_proof(trees[new], old))}
        for old in SIZES
        for new in SIZES
        if old <= new
    ]
    roots = {str(size): tree.root().hex() for size, tree in trees.items()}
    leaf = "leaf i has the data SHA-256(i as 8 bytes, big-endian)"
    return (
        json.dumps({"leaves": leaf, "roots": roots, "inclusion": inclusion, "consistency": consistency}, indent=1)
        + "\n"
    )


def checkpoints() -> dict[str, bytes]:
    """Signed notes, good (`good-`) and bad (`bad-`), and the keys to open them with."""
    text = checkpoint.format_checkpoint(Checkpoint(ORIGIN, 1000, counted_leaf(0)))
    good = note.sign(text, [LOG]).encode()
    cosigned = good + (note.signature_line(WITNESS, text, COSIGNED_AT) + "\n").encode()
    extended = checkpoint.format_checkpoint(Checkpoint(ORIGIN, 0, counted_leaf(0), ("an extension",)))
    line = note.signature_line(LOG, text)
    return {
        "keys.json": json.dumps({"log": str(LOG.verifier), "witness": str(WITNESS.verifier)}).encode() + b"\n",
        "good-signed": good,
        "good-cosigned": cosigned,
        "good-also-a-stranger": good + (note.signature_line(OTHER, text) + "\n").encode(),
        "good-extension": note.sign(extended, [LOG]).encode(),
        "bad-size": good.replace(b"\n1000\n", b"\n1001\n"),
        "bad-signature": good[:-10] + (b"A" if good[-10:-9] != b"A" else b"B") + good[-9:],
        "bad-cosignature-time": good
        + (
            note.signature_line(WITNESS, text, COSIGNED_AT).replace(_time(COSIGNED_AT), _time(COSIGNED_AT + 3)) + "\n"
        ).encode(),
        "bad-stranger": note.sign(text, [OTHER]).encode(),
        "bad-unsigned": text.encode(),
        "bad-no-newline": good[:-1],
        "bad-leading-zero": note.sign(text.replace("\n1000\n", "\n01000\n"), [LOG]).encode(),
        "bad-short-root": note.sign(f"{ORIGIN}\n1\nAAAA\n", [LOG]).encode(),
        "bad-control-character": good.replace(b"1000\n", b"1000\r\n"),
        "bad-hyphen": good.replace("\u2014".encode(), b"-"),
        "bad-spaces": (text + "\n" + line.replace(" ", "  ") + "\n").encode(),
    }


def log() -> list[LogEntry]:
    """A log of 300 events; the last erased the details of two others."""
    drafts = [
        EventDraft(
            action=("document.viewed", "document.updated", "session.ended")[number % 3],
            actor_id=f"user_{number % 7}",
            actor_name=f"Person {number % 7}",
            resource_type="document",
            resource_id=f"doc_{number % 11}",
            session_id=f"sess_{number // 10}",
            metadata={"page": number, "note": "Zoë said “hello”"},
        )
        for number in range(299)
    ]
    drafts.append(EventDraft(action=erasure.ACTION, actor_id="system", targets=erasure.range_targets([(102, 103)])))
    with mock.patch.object(chain.os, "urandom", _counted):
        placed, _ = chain.extend(EMPTY_HEAD, WORKSPACE, drafts, NOW)
    return [one.entry for one in placed]


def renamed_log(signer: Signer = LOG) -> list[LogEntry]:
    """The same log after an accepted rollback to 200 events; `signer`: who says that it goes on under the next name."""
    entries = log()
    root = tree_of([leaf_hash(entry.event_hash) for entry in entries[:200]]).root()
    target = succession.succession_target(succession.succession_note(signer, 200, root, NEXT.verifier))
    draft = EventDraft(action=succession.ACTION, actor_id="system", targets=(target,))
    head = Head(len(entries), entries[-1].event_hash, NOW)
    with mock.patch.object(chain.os, "urandom", _counted):
        placed, _ = chain.extend(head, WORKSPACE, [draft], NOW + 1_000_000)
    return [*entries, *(one.entry for one in placed)]


def renamed_files(entries: list[LogEntry], shown: range) -> dict[str, bytes]:
    """The files of a pack after the rollback, but for the manifest."""
    tree = tree_of([leaf_hash(entry.event_hash) for entry in entries])
    text = checkpoint.format_checkpoint(Checkpoint(NEXT.name, tree.size, tree.root()))
    signed = note.sign(text, [NEXT]) + note.signature_line(WITNESS, text, COSIGNED_AT) + "\n"
    proofs = {seq: proof.inclusion_proof(tree, seq - 1) for seq in [*shown, len(entries)]}
    return {
        **evidence_files(entries, shown),
        "checkpoint": signed.encode(),
        "keys.json": _key_file((LOG, "log"), (NEXT, "log"), (WITNESS, "witness")),
        "origins.jsonl": pack.event_line(entries[-1], "withheld"),
        "proofs.json": pack.proofs(tree.size, proofs, {(200, tree.size): proof.consistency_proof(tree, 200)}),
    }


def evidence_files(
    entries: list[LogEntry], shown: range, *, erased: set[int] = frozenset(), withheld: set[int] = frozenset()
) -> dict[str, bytes]:
    """The files of a pack of the events at these places, but for the manifest."""
    tree = tree_of([leaf_hash(entry.event_hash) for entry in entries])
    text = checkpoint.format_checkpoint(Checkpoint(ORIGIN, tree.size, tree.root()))
    signed = note.sign(text, [LOG]) + note.signature_line(WITNESS, text, COSIGNED_AT) + "\n"
    absent = dict.fromkeys(erased, "erased") | dict.fromkeys(withheld, "withheld")
    files = {
        "events.jsonl": b"".join(pack.event_line(entries[seq - 1], absent.get(seq)) for seq in shown),
        "checkpoint": signed.encode(),
        "keys.json": _key_file((LOG, "log"), (WITNESS, "witness")),
        "report.html": b"<!doctype html><title>Evidence</title><p>What happened, in words.\n",
        "HOW-TO-CHECK.txt": b"immutable-verify pack FILE --key KEY\n",
    }
    needed = [*shown]
    if erased:
        files["erasures.jsonl"] = pack.event_line(entries[-1])
        needed = sorted({*needed, len(entries)})
    files["proofs.json"] = pack.proofs(tree.size, {seq: proof.inclusion_proof(tree, seq - 1) for seq in needed})
    return files


def sealed(files: dict[str, bytes], signer: Signer = LOG, **changed: object) -> bytes:
    """A pack of these files."""
    lines = files["events.jsonl"].splitlines()
    counts = {"events": len(lines)}
    for reason in ("erased", "withheld"):
        counts[reason] = sum(json.loads(line)["absent"] == reason for line in lines)
    manifest = {
        "workspace_id": WORKSPACE,
        "origin": ORIGIN,
        "created_at": "2026-03-27T10:00:00.000000Z",
        "asked": "session sess_10",
        "counts": counts,
    }
    return pack.seal({**manifest, **changed}, files, [signer])


def evidence() -> dict[str, bytes]:
    """Packs, sound (`sound-`) and not (`broken-`)."""
    entries = log()
    shown = range(101, 111)
    plain, gone = evidence_files(entries, shown), evidence_files(entries, shown, erased={102, 103})
    sound = sealed(plain)
    lines = plain["events.jsonl"].splitlines(keepends=True)
    edited = plain["events.jsonl"].replace(b"user_3", b"user_4")
    recounted = {"events": 10, "erased": 0, "withheld": 0}
    covering = {**gone, "events.jsonl": evidence_files(entries, shown, erased={102, 104})["events.jsonl"]}
    unfounded = {name: data for name, data in renamed_files(renamed_log(), shown).items() if name != "origins.jsonl"}
    return {
        "keys.json": json.dumps({"log": str(LOG.verifier), "witness": str(WITNESS.verifier)}).encode() + b"\n",
        "sound-session.zip": sound,
        "sound-erased.zip": sealed(gone),
        "sound-withheld.zip": sealed(evidence_files(entries, shown, withheld={105, 106})),
        "sound-renamed.zip": sealed(renamed_files(renamed_log(), shown), NEXT, origin=NEXT.name),
        "broken-name-forged.zip": sealed(renamed_files(renamed_log(OTHER), shown), NEXT, origin=NEXT.name),
        "broken-name-unfounded.zip": sealed(unfounded, NEXT, origin=NEXT.name),
        "broken-one-byte.zip": _flip(sound, sound.index(b"What happened")),
        "broken-event-edited.zip": sealed({**plain, "events.jsonl": edited}),
        "broken-events-cut.zip": sealed({**plain, "events.jsonl": b"".join(lines[:-2])}, counts=recounted),
        "broken-erased-without-record.zip": sealed(covering),
        "broken-other-key.zip": sealed(plain, OTHER),
        "broken-added-file.zip": pack.archive({**_unsealed(sound), "extra.txt": b"more"}),
        "broken-not-a-zip.zip": b"PK\x05\x06 and nothing else",
    }


def files() -> Iterator[tuple[Path, bytes]]:
    """Every file and its content."""
    yield ROOT / "merkle.json", merkle().encode()
    for folder, made in (("checkpoints", checkpoints()), ("evidence", evidence())):
        for name, data in made.items():
            yield ROOT / folder / name, data


def _key_file(*keys: tuple[Signer, str]) -> bytes:
    listed = [{"key": str(signer.verifier), "kind": kind, "from": None, "until": None} for signer, kind in keys]
    return json.dumps({"keys": listed}).encode()


def _unsealed(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def _flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def _time(at: int) -> str:
    """How a cosignature's key and time begin its base64; a whole number of letters, as 12 bytes are."""
    return base64.b64encode(WITNESS.verifier.key_id + at.to_bytes(8, "big")).decode()


def _hex(hashes: list[bytes]) -> list[str]:
    return [one.hex() for one in hashes]


def _counted(size: int) -> bytes:
    """Bytes that look random and are always the same."""
    blocks = (hashlib.sha256(number.to_bytes(4, "big")).digest() for number in range(size // 32 + 1))
    return b"".join(blocks)[:size]


if __name__ == "__main__":
    for path, data in files():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
