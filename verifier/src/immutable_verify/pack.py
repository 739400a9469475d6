"""Evidence packs, checked in the order of docs/specs/evidence-pack.md, "To check a pack". Raises Refused.

Every byte is bound to the log's signature: the archive has one form, the manifest has the hash of each file, the note has the
hash of the manifest. The events are bound a second time, to the checkpoint that the whole log shares.
"""

import hashlib
import json
import re
from typing import Any

from immutable_verify import archive, events, note, stamp, strict, succession, tree
from immutable_verify.events import Event
from immutable_verify.findings import Findings, Refused, ranges
from immutable_verify.note import LOG, WITNESS, Checkpoint, Key
from immutable_verify.succession import Succession

FORMAT = "immutable-evidence/1"
REQUIRED = ("manifest.json", "manifest.note", "events.jsonl", "checkpoint", "proofs.json", "keys.json")
READ = {*REQUIRED, "erasures.jsonl", "origins.jsonl"}
_WORKSPACE = re.compile("[A-Za-z0-9_-]{1,64}", re.ASCII)


def check(data: bytes, keys: list[Key]) -> Findings:
    """Check a pack with the keys that the auditor trusts; without a log key among them, with those in the pack."""
    findings = Findings()
    files = archive.read(data)
    for name in REQUIRED:
        if name not in files:
            raise Refused(f"The pack has no {name}.")
    inside = _keys(files["keys.json"])
    if not any(key.kind == LOG for key in keys):
        findings.trusted = False
        keys = [*keys, *(key for key in inside if key.kind == LOG)]
    renamed = list(events.read(strict.lines(files.get("origins.jsonl", b""), "origins.jsonl")))
    successions, keys = succession.follow(renamed, keys, [key for key in inside if key.kind == LOG])
    manifest = _manifest(files, keys)
    checkpoint = note.open_checkpoint(files["checkpoint"], keys, "The checkpoint")
    if checkpoint.origin != strict.text(manifest, "origin", "The manifest"):
        raise Refused("The checkpoint is that of another log.")

    workspace_id = strict.text(manifest, "workspace_id", "The manifest")
    if _WORKSPACE.fullmatch(workspace_id) is None:  # it stands in the verdict, where it could pose as more of it
        raise Refused("The manifest names no workspace.")
    shown = list(events.read(strict.lines(files["events.jsonl"], "events.jsonl"), workspace_id))
    erasures = list(events.read(strict.lines(files.get("erasures.jsonl", b""), "erasures.jsonl"), workspace_id))
    proofs = strict.parse(files["proofs.json"], "proofs.json")
    _check_in_log([*shown, *erasures, *renamed], proofs, checkpoint)
    if any(event.record.get("workspace_id") != workspace_id for event in renamed):
        raise Refused("An event of origins.jsonl was recorded in another workspace.")
    _check_continued(successions, proofs, checkpoint, findings)
    erased = events.check_erased(shown, [*shown, *erasures])
    withheld = [event.seq for event in shown if event.absent == events.WITHHELD]
    _check_counts(manifest, {"events": len(shown), "erased": len(erased), "withheld": len(withheld)})

    asked = strict.text(manifest, "asked", "The manifest")
    findings.established.append(f"Nothing in the pack was altered since the log {checkpoint.origin} signed it.")
    findings.established.append(
        f"Its {len(shown)} events are in the log of workspace {workspace_id} exactly as shown, at the places "
        f"{ranges([event.seq for event in shown]) or 'none'}; the log then had {checkpoint.size} events."
    )
    if erased:
        findings.established.append(f"Details erased, on the record of the log: {ranges(erased)}.")
    if withheld:
        findings.not_established.append(f"Details withheld by whoever made the pack: {ranges(withheld)}.")
    pruned = strict.number(manifest, "pruned_through", "The manifest") if "pruned_through" in manifest else 0
    if pruned:
        findings.not_established.append(
            f"What events 1 to {pruned} say: the log had pruned them, as it tells, and none is here."
        )
    witnessed, anchored = _vouched(checkpoint, files, proofs, keys, findings)
    _scope(shown, witnessed, anchored, findings)
    if unread := sorted(name for name in files.keys() - READ if not name.startswith("anchors/")):
        findings.not_established.append(
            f"Whether what people read in {', '.join(unread[:10])} is what the events say: it was not compared. It is the word "
            "of whoever made the pack; what is proved stands in events.jsonl."
        )
    findings.not_established.append(
        f"Whether the pack holds every event that belongs to what was asked for ({json.dumps(asked[:200], ensure_ascii=False)}): "
        "whoever keeps the log chose them. Only a range of places without gaps is complete in itself."
    )
    return findings


def _manifest(files: dict[str, bytes], keys: list[Key]) -> dict[str, Any]:
    """The manifest, once its signature holds and it names exactly the files that are there."""
    text, held = note.open_note(files["manifest.note"], keys, "The manifest's signature")
    manifest = strict.parse(files["manifest.json"], "The manifest")
    origin = strict.text(manifest, "origin", "The manifest")
    if not any(key.kind == LOG and key.name == origin for key in held):
        raise Refused("The manifest is not signed by the log's key: another log made this pack, or someone forged it.")
    is_whole = text == f"{FORMAT}\n{origin}\n{hashlib.sha256(files['manifest.json']).hexdigest()}\n"
    if not is_whole or files["manifest.note"].count(b"\n") != 5:  # the text, an empty line, one signature
        raise Refused("The manifest was altered: it is not the one that the log signed.")
    if manifest.get("format") != FORMAT:
        raise Refused("The pack has a format that is not known here.")
    listed = strict.members(manifest, "files", "The manifest")
    for name in files.keys() - {"manifest.json", "manifest.note"}:
        if name not in listed:
            raise Refused(f"The file {name} was added to the pack: the manifest does not name it.")
    for name in listed:
        if name not in files:
            raise Refused(f"The file {name[:100]!r} was taken out of the pack.")
        if hashlib.sha256(files[name]).digest() != strict.hexed(listed, name, "The manifest"):
            raise Refused(f"The file {name} was altered: it does not have the hash that the log signed.")
    return manifest


def _check_in_log(shown: list[Event], proofs: dict[str, Any], checkpoint: Checkpoint) -> None:
    """Each event is the leaf of its place in the tree of the checkpoint."""
    if strict.number(proofs, "size", "proofs.json") != checkpoint.size:
        raise Refused("The proofs are for another checkpoint.")
    nodes = _nodes(proofs)
    paths = strict.members(proofs, "paths", "proofs.json")
    for event in shown:
        what = f"Event {event.seq}"
        path = _path(paths.get(str(event.seq)), nodes, what)
        leaf = tree.leaf_hash(event.event_hash)
        tree.check_inclusion(leaf, event.seq - 1, checkpoint.size, path, checkpoint.root, what)


def _check_continued(
    successions: list[Succession], proofs: dict[str, Any], checkpoint: Checkpoint, findings: Findings
) -> None:
    """Where the log changed its name, it went on from what the old name's key signed; and it is called by its last name."""
    for one in successions:
        path = _between(proofs, one.size, checkpoint.size, _nodes(proofs)) if one.size else []
        what = f"The tree that event {one.seq} goes on from, and the checkpoint"
        tree.check_consistency(one.size, one.root, checkpoint.size, checkpoint.root, path, what)
        findings.established.append(one.in_words())
    if successions and successions[-1].key.name != checkpoint.origin:
        raise Refused("The checkpoint is signed under a name that the log had given up.")


def _nodes(proofs: dict[str, Any]) -> list[bytes]:
    return [strict.unhex(one, "A hash in proofs.json") for one in strict.items(proofs, "nodes", "proofs.json")]


def _path(places: Any, nodes: list[bytes], what: str) -> list[bytes]:  # noqa: ANN401: it may be anything; that is checked
    if not isinstance(places, list) or len(places) > 64:
        raise Refused(f"{what} has no proof in the pack.")
    if not all(type(place) is int and 0 <= place < len(nodes) for place in places):
        raise Refused(f"{what}: its proof names a hash that is not there.")
    return [nodes[place] for place in places]


def _check_counts(manifest: dict[str, Any], found: dict[str, int]) -> None:
    counts = strict.members(manifest, "counts", "The manifest")
    for name, count in found.items():
        if strict.number(counts, name, "The manifest") != count:
            raise Refused(f"The manifest counts other {name} than there are: some were cut off or added.")


def _vouched(
    checkpoint: Checkpoint, files: dict[str, bytes], proofs: dict[str, Any], keys: list[Key], findings: Findings
) -> tuple[int, int]:
    """Up to which place witnesses, and anchors, vouch for the log: 0 for none."""
    for name, seconds in checkpoint.witnessed.items():
        findings.established.append(
            f"The witness {name} saw this log grow without rewriting, up to {checkpoint.size} events, "
            f"at {note.moment(seconds)}."
        )
    anchored = 0
    nodes = _nodes(proofs)
    for name in sorted(name for name in files if name.startswith("anchors/") and name.endswith(".checkpoint")):
        one = note.open_checkpoint(files[name], keys, name)
        if one.origin != checkpoint.origin:
            raise Refused(f"{name} is the checkpoint of another log.")
        old, new = sorted((one, checkpoint), key=lambda which: which.size)
        path = _between(proofs, old.size, new.size, nodes)
        tree.check_consistency(old.size, old.root, new.size, new.root, path, f"{name} and the checkpoint")
        token = files.get(name.removesuffix("checkpoint") + "tsr")
        if token is not None:
            stamp.tell(token, one, name, findings)
            anchored = max(anchored, one.size)
    return (checkpoint.size if checkpoint.witnessed else 0), anchored


def _between(proofs: dict[str, Any], old: int, new: int, nodes: list[bytes]) -> list[bytes]:
    if old == new:
        return []
    for one in strict.items(proofs, "consistency", "proofs.json"):
        if isinstance(one, dict) and [strict.number(one, name, "proofs.json") for name in ("from", "to")] == [old, new]:
            return _path(one.get("path"), nodes, f"The tree of {old} events")
    raise Refused(f"There is no consistency proof from {old} to {new} events in the pack.")


def _scope(shown: list[Event], witnessed: int, anchored: int, findings: Findings) -> None:
    """Say of each range by whom it is vouched for."""
    both = {"witnessed": witnessed, "anchored (as far as the time-stamp is good)": anchored}
    for kind, size in both.items():
        held = [event.seq for event in shown if event.seq <= size]
        if held:
            findings.established.append(f"Events {kind}: {ranges(held)}.")
    alone = [event.seq for event in shown if event.seq > max(witnessed, anchored)]
    if alone:
        findings.not_established.append(
            f"Events that the log alone vouches for (signed only): {ranges(alone)}. No witness you named and no anchor shows "
            "that its owner did not write the whole log anew before the pack was made."
        )


def _keys(data: bytes) -> list[Key]:
    found = []
    for one in strict.items(strict.parse(data, "keys.json"), "keys", "keys.json"):
        if not isinstance(one, dict) or one.get("kind") not in ("log", "witness"):
            raise Refused("keys.json has something that is no key.")
        kind = LOG if one["kind"] == "log" else WITNESS
        found.append(note.parse_key(strict.text(one, "key", "keys.json"), kind))
    return found
