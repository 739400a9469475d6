"""Whole logs: proof exports, checkpoints and folders of tiles. Raises Refused."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from immutable_verify import events, note, stamp, strict, succession, tree
from immutable_verify.events import Event
from immutable_verify.findings import Findings, Refused, ranges
from immutable_verify.note import Key

MAX_LEAVES = 1 << 32
_MEMBERS = {"seq", "record", "details", "salt", "absent", "previous_hash", "event_hash"}


def check_export_folder(folder: Path, keys: list[Key]) -> Findings:
    """A proof export as `immutable export --proofs` writes it: the events, the checkpoint, the anchors, what was pruned."""
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    anchors = {name: _bytes(folder / name) for name in sorted(names) if name.startswith("anchors/")}
    pruned = _bytes(folder / "pruned.json") if "pruned.json" in names else None
    return check_export(_bytes(folder / "events.jsonl"), _bytes(folder / "checkpoint"), keys, anchors, pruned)


def check_export(
    data: bytes,
    checkpoint: bytes | None,
    keys: list[Key],
    anchors: dict[str, bytes] | None = None,
    pruned: bytes | None = None,
) -> Findings:
    """A proof export: every hash, the chain without gaps and, with a checkpoint, that it is the log that was signed.

    `anchors`: by name, checkpoints and the time-stamps over them, as in a pack. `pruned`: `pruned.json`, where there is one.
    """
    found = list(events.read(_only_events(strict.lines(data, "The export", in_one_form=True))))
    if not found:
        raise Refused("The export holds no event.")
    seqs = [event.seq for event in found]
    first, last = found[0], found[-1]
    if last.seq - first.seq + 1 != len(found):
        lost = [place for event, after in pairwise(found) for place in _gap(event.seq, after.seq)]
        raise Refused(f"Events are missing from the export: {ranges(lost)}.")
    erased = events.check_erased(found, found)
    findings = Findings()
    findings.established.append(f"Events {ranges(seqs)} form an unbroken chain that ends in {last.event_hash.hex()}.")
    if erased:
        findings.established.append(f"Details erased, on the record: {ranges(erased)}.")
    withheld = [event.seq for event in found if event.absent == events.WITHHELD]
    if withheld:
        findings.not_established.append(f"Details withheld: {ranges(withheld)}.")
    if checkpoint is None:
        findings.trusted = False
        findings.not_established.append("That this is the log which was signed: no checkpoint was given.")
        return findings
    leaves = _Leaves(_pruned(pruned, found, findings), [tree.leaf_hash(event.event_hash) for event in found])
    keys = _renamed(found, leaves, checkpoint, keys, findings)
    signed = note.open_checkpoint(checkpoint, keys, "The checkpoint")
    if signed.size > last.seq:
        raise Refused(f"Events {last.seq + 1} to {signed.size} were cut off the end: the checkpoint covers them.")
    if signed.size < first.seq:
        raise Refused("The checkpoint covers none of the events that are here.")
    if leaves.root(signed.size) != signed.root:
        raise Refused("The events are not those of the checkpoint: the log was rewritten.")
    findings.established.append(
        f"Events {first.seq} to {signed.size} are those that {signed.origin} signed, at their places."
    )
    _witnesses(signed, findings)
    _anchored(anchors or {}, leaves, keys, findings)
    if signed.size < last.seq:
        findings.not_established.append(f"Events not sealed by the checkpoint: {signed.size + 1} to {last.seq}.")
    return findings


@dataclass(frozen=True)
class _Leaves:
    """The leaf hashes of a log, of what was pruned only the subtrees over them."""

    pruned: tree.Subtrees
    left: list[bytes]

    def root(self, size: int) -> bytes | None:
        """The root of the first `size` leaves; None where they are more than there are, or end within what was pruned."""
        count = size - sum(leaves for leaves, _ in self.pruned)
        return tree.root_of(self.left[:count], self.pruned) if 0 <= count <= len(self.left) else None


def _pruned(data: bytes | None, found: list[Event], findings: Findings) -> list[tuple[int, bytes]]:
    """The subtrees over what is not in the export, once an event in it says that this was pruned."""
    last = found[0].seq - 1
    if data is None:
        if last:
            raise Refused("Only an export from the first event on can be held against a checkpoint.")
        return []
    listed = list(strict.lines(data, "pruned.json", in_one_form=True))
    hashes = (
        strict.items(listed[0], "hashes", "pruned.json") if len(listed) == 1 and set(listed[0]) == {"hashes"} else []
    )
    sizes = [1 << bit for bit in reversed(range(last.bit_length())) if last >> bit & 1]
    if not sizes or len(hashes) != len(sizes):
        raise Refused("pruned.json does not say what stands before the first event of the export.")
    told = [event.seq for event in found if events.pruned_by(event) == (last, found[0].previous_hash)]
    if not told:
        raise Refused(f"Events 1 to {last} are missing from the export, and no pruning on the record says so.")
    findings.established.append(f"Events 1 to {last} were pruned, on the record (event {told[0]}).")
    findings.not_established.append(f"What events 1 to {last} said: they were pruned, and none is here.")
    return [(size, strict.unhex(one, "A hash of pruned.json")) for size, one in zip(sizes, hashes, strict=True)]


def _only_events(lines: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for line in lines:
        if set(line) != _MEMBERS:
            raise Refused("A line of the export has other members than an event has.")
        yield line


def _anchored(anchors: dict[str, bytes], leaves: _Leaves, keys: list[Key], findings: Findings) -> None:
    for name in (one for one in anchors if one.endswith(".checkpoint")):
        anchored = note.open_checkpoint(anchors[name], keys, name)
        if leaves.root(anchored.size) != anchored.root:
            raise Refused(f"{name} is of another history: the log was rewritten since it was time-stamped.")
        token = anchors.get(name.removesuffix("checkpoint") + "tsr")
        if token is not None:
            stamp.tell(token, anchored, name, findings)


def _renamed(found: list[Event], leaves: _Leaves, checkpoint: bytes, keys: list[Key], findings: Findings) -> list[Key]:
    """The keys, with those to which accepted rollbacks lead, where the checkpoint has a name that no key has."""
    origin = checkpoint.partition(b"\n")[0].decode("utf-8", "replace")
    if any(key.kind == note.LOG and key.name == origin for key in keys):
        return keys
    told = [event for event in found if event.record.get("action") == succession.ACTION]
    successions, known = succession.follow(told, keys, [])
    for one in successions:
        if leaves.root(one.size) != one.root:
            raise Refused(f"Event {one.seq} goes on from another log than this one.")
        findings.established.append(one.in_words())
    return known


def check_checkpoints(first: bytes, second: bytes | None, proof: bytes | None, keys: list[Key]) -> Findings:
    """The signatures of one checkpoint or two, and that the later one continues the earlier one."""
    findings = Findings()
    one = note.open_checkpoint(first, keys, "The checkpoint")
    findings.established.append(f"{one.origin} signed a log of {one.size} events with the root {one.root.hex()}.")
    _witnesses(one, findings)
    if second is None:
        return findings
    other = note.open_checkpoint(second, keys, "The second checkpoint")
    if one.origin != other.origin:
        raise Refused("The checkpoints are those of two different logs.")
    old, new = sorted((one, other), key=lambda which: which.size)
    if proof is None and 0 < old.size < new.size:
        findings.not_established.append("That the later checkpoint continues the earlier one: no proof was given.")
        return findings
    path = []
    if proof is not None:
        listed = strict.items(strict.parse(proof, "The proof"), "hashes", "The proof")
        path = [strict.unhex(value, "A hash of the proof") for value in listed]
    tree.check_consistency(old.size, old.root, new.size, new.root, path, "The two checkpoints")
    findings.established.append(
        f"The log of {new.size} events begins with the one of {old.size}: nothing was rewritten."
    )
    return findings


def check_tiles(folder: Path, keys: list[Key]) -> Findings:
    """A folder as C2SP tlog-tiles lays it out: every tile of the signed tree follows from the leaves, which give its root.

    Files beyond that tree are not read.
    """
    signed = note.open_checkpoint(_bytes(folder / "checkpoint"), keys, "The checkpoint")
    if signed.size > MAX_LEAVES:
        raise Refused("The log is larger than this program reads.")
    row = _level(folder, 0, signed.size)
    findings = Findings()
    if tree.root_of(row) != signed.root:
        raise Refused("The leaves in the tiles are not those of the checkpoint: the log was rewritten.")
    for index in range(0, len(row), 256):
        _check_bundle(folder, index // 256, row[index : index + 256])
    level = 0
    while len(row) >= 256:
        row = [tree.root_of(row[start : start + 256]) for start in range(0, len(row) // 256 * 256, 256)]
        level += 1
        if _level(folder, level, len(row)) != row:
            raise Refused(f"The tiles of level {level} do not follow from those below.")
    findings.established.append(f"The tiles are those of the log of {signed.size} events that {signed.origin} signed.")
    _witnesses(signed, findings)
    return findings


def _level(folder: Path, level: int, count: int) -> list[bytes]:
    hashes: list[bytes] = []
    while len(hashes) < count:
        index, width = len(hashes) // 256, min(256, count - len(hashes))
        path = _place(folder, str(level), index, width)
        full = _place(folder, str(level), index, 256)
        data = _bytes(path if path.is_file() else full)
        if len(data) not in {width * 32, 256 * 32}:
            raise Refused(f"Tile {index} of level {level} has the wrong length.")
        hashes += [data[at : at + 32] for at in range(0, width * 32, 32)]
    return hashes


def _check_bundle(folder: Path, index: int, leaves: list[bytes]) -> None:
    path = _place(folder, "entries", index, len(leaves))
    if not path.is_file():
        return
    data, at, found = _bytes(path), 0, []
    while at + 2 <= len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        found.append(tree.leaf_hash(data[at + 2 : end]))
        at = end
    if at != len(data) or found != leaves:
        raise Refused(f"The entries of bundle {index} are not the leaves of the tree.")


def _place(folder: Path, level: str, index: int, width: int) -> Path:
    parts = [f"{index % 1000:03d}" + ("" if width == 256 else ".p")]
    while index >= 1000:
        index //= 1000
        parts.insert(0, f"x{index % 1000:03d}")
    path = folder.joinpath("tile", level, *parts)
    return path if width == 256 else path / str(width)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise Refused(f"{path} cannot be read.") from None


def _witnesses(signed: note.Checkpoint, findings: Findings) -> None:
    for name, seconds in signed.witnessed.items():
        findings.established.append(f"The witness {name} cosigned it at {note.moment(seconds)}.")
    if not signed.witnessed:
        findings.not_established.append("That nobody was shown another history: no witness you named cosigned it.")


def _gap(before: int, after: int) -> range:
    return range(before + 1, min(after, before + 10_000))
