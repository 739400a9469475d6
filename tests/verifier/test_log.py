"""The verifier on whole logs: proof exports, checkpoints and folders of tiles."""

import json
import runpy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from immutable.integrity import chain, checkpoint, pack, proof, pruning, tiles
from immutable.integrity import note as signing
from immutable.integrity.checkpoint import Checkpoint
from immutable.integrity.merkle import leaf_hash
from immutable.integrity.pruning import PrunedPrefix
from immutable.model.event import EventDraft, Head
from immutable_verify import log, note
from immutable_verify.events import Event, check_erased
from immutable_verify.findings import Refused
from immutable_verify.note import LOG

ROOT = Path(__file__).parents[2]
VECTORS: dict[str, Any] = runpy.run_path(str(ROOT / "tools" / "write_proof_vectors.py"))
ENTRIES = VECTORS["log"]()
LEAVES = [leaf_hash(entry.event_hash) for entry in ENTRIES]
KEYS = [note.parse_key(str(VECTORS["LOG"].verifier), LOG)]
LINES = [pack.event_line(entry) for entry in ENTRIES]


def signed(size: int, origin: str = VECTORS["ORIGIN"]) -> bytes:
    root = VECTORS["tree_of"](LEAVES[:size]).root()
    text = checkpoint.format_checkpoint(Checkpoint(origin, size, root))
    return signing.sign(text, [VECTORS["LOG"]]).encode()


def test_a_whole_export_verifies_against_its_checkpoint() -> None:
    """From the first event on, an export is the log that was signed; what came after the checkpoint is named as unsealed."""
    findings = log.check_export(b"".join(LINES), signed(290), KEYS)
    assert any("Events 1 to 290 are those" in sentence for sentence in findings.established)
    assert any("not sealed by the checkpoint: 291 to 300" in sentence for sentence in findings.not_established)
    assert not log.check_export(b"".join(LINES), None, []).trusted


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (LINES[:100] + LINES[101:], "Events are missing from the export: 101"),
        (LINES[:289], "cut off the end"),
        ([LINES[1], LINES[0], *LINES[2:]], "out of order"),
        ([*LINES[:5], LINES[4], *LINES[5:]], "out of order"),
        ([line.replace(b"user_3", b"user_4") for line in LINES], "edited"),
        ([*LINES[:4], pack.event_line(ENTRIES[4], "erased"), *LINES[5:]], "no erasure on the record"),
        ([LINES[0][:-1]], "middle of a line"),
        ([], "no event"),
    ],
)
def test_what_was_done_to_an_export_is_named(lines: list[bytes], reason: str) -> None:
    """Dropped, cut, swapped, repeated, edited and unlawfully emptied events are each refused as what they are."""
    with pytest.raises(Refused, match=reason):
        log.check_export(b"".join(lines), signed(290), KEYS)


def test_a_lawful_erasure_in_an_export_is_told() -> None:
    """Details that an erasure later in the log covers are counted, not refused."""
    lines = [pack.event_line(entry, "erased" if entry.seq in {102, 103} else None) for entry in ENTRIES]
    findings = log.check_export(b"".join(lines), signed(300), KEYS)
    assert "Details erased, on the record: 102 to 103." in findings.established


GONE = 272  # two subtrees


def pruned_log(told: int = GONE, told_hash: str | None = None) -> tuple[list[bytes], bytes]:
    """The lines of a log that says it pruned its first `told` events, and its checkpoint."""
    prefix = PrunedPrefix(told, told_hash or ENTRIES[GONE - 1].event_hash.hex(), "00" * 32)
    draft = EventDraft(action=pruning.ACTION, actor_id="immutable", targets=pruning.pruning_targets(prefix))
    head = Head(len(ENTRIES), ENTRIES[-1].event_hash, VECTORS["NOW"])
    placed, _ = chain.extend(head, VECTORS["WORKSPACE"], [draft], VECTORS["NOW"] + 1_000_000)
    entries = [*ENTRIES, *(one.entry for one in placed)]
    root = VECTORS["tree_of"]([leaf_hash(entry.event_hash) for entry in entries]).root()
    text = checkpoint.format_checkpoint(Checkpoint(VECTORS["ORIGIN"], len(entries), root))
    return [pack.event_line(entry) for entry in entries], signing.sign(text, [VECTORS["LOG"]]).encode()


def hashes_over(*spans: tuple[int, int]) -> bytes:
    tree = VECTORS["tree_of"](LEAVES)
    return (
        json.dumps({"hashes": [tree.range_hash(*one).hex() for one in spans]}, separators=(",", ":")).encode() + b"\n"
    )


def test_what_is_left_of_a_pruned_log_is_held_against_its_checkpoint() -> None:
    """Hashes of the tree stand for what was pruned; that it was, an event that is left says, and the verdict names it."""
    lines, note_ = pruned_log()
    over = hashes_over((0, 256), (256, GONE))
    findings = log.check_export(b"".join(lines[GONE:]), note_, KEYS, pruned=over)
    assert f"Events 1 to {GONE} were pruned, on the record (event 301)." in findings.established
    assert any("Events 273 to 301 are those that" in one for one in findings.established)
    assert any("they were pruned, and none is here" in one for one in findings.not_established)


def test_a_beginning_that_is_gone_is_accounted_for_or_refused() -> None:
    """More gone than was pruned, another hash, another tree or none, and any changed byte of what stands for it are refused."""
    lines, note_ = pruned_log()
    over = hashes_over((0, 256), (256, GONE))
    others = [
        (lines[GONE:], note_, None, "from the first event on"),
        (lines[GONE + 1 :], note_, over, "no pruning on the record|does not say"),
        (lines[288:], note_, hashes_over((0, 256), (256, 288)), "no pruning on the record"),
        (lines[GONE:], note_, hashes_over((0, 256), (256, 288)), "rewritten"),
        (lines[GONE:], note_, hashes_over((0, 256)), "does not say"),
        (lines[GONE:-1], signed(300), over, "no pruning on the record"),
        (lines, note_, over, "does not say"),
        (lines[GONE:], signed(200), over, "none of the events"),
    ]
    for told in ({"told": 271}, {"told_hash": "11" * 32}):
        other, its_note = pruned_log(**told)
        others.append((other[GONE:], its_note, over, "no pruning on the record"))
    for left, its_note, hashes, reason in others:
        with pytest.raises(Refused, match=reason):
            log.check_export(b"".join(left), its_note, KEYS, pruned=hashes)
    for at in range(len(over)):
        changed = over[:at] + bytes([over[at] ^ 1]) + over[at + 1 :]
        with pytest.raises(Refused):
            log.check_export(b"".join(lines[GONE:]), note_, KEYS, pruned=changed)


def test_no_erasure_covers_what_the_log_says_of_itself() -> None:
    """An erasure that names an event of the server's own makes its loss no lawful one."""
    record = {"action": "immutable.hold_placed"}
    erasure = Event(
        50, {"action": "immutable.details_erased", "targets": [{"type": "sequences", "id": "7-7"}]}, b"", b"", None
    )
    with pytest.raises(Refused):
        check_erased([Event(7, record, b"", b"", "erased")], [erasure])


def test_a_later_checkpoint_must_continue_the_earlier_one() -> None:
    """With the consistency proof two checkpoints are held together; without it, that is said; a forged one is refused."""
    hashes = [one.hex() for one in proof.consistency_proof(VECTORS["tree_of"](LEAVES), 257)]
    given = json.dumps({"hashes": hashes}).encode()
    findings = log.check_checkpoints(signed(300), signed(257), given, KEYS)
    assert any("nothing was rewritten" in sentence for sentence in findings.established)
    unproved = log.check_checkpoints(signed(300), signed(257), None, KEYS)
    assert any("no proof was given" in sentence for sentence in unproved.not_established)
    with pytest.raises(Refused, match="The two checkpoints"):
        log.check_checkpoints(signed(300), signed(256), given, KEYS)
    with pytest.raises(Refused):
        log.check_checkpoints(signed(300), signed(257, "else.example"), given, KEYS)


def test_a_folder_of_tiles_verifies_until_a_tile_is_touched(tmp_path: Path) -> None:
    """Every tile and bundle follows from the leaves of the signed tree; a changed byte in any of them is refused."""
    (tmp_path / "checkpoint").write_bytes(signed(300))
    written = dict(tiles.extend(lambda *_: b"", 0, LEAVES))
    for tile, data in written.items():
        place = tmp_path / tiles.tile_path(tile)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        if tile.level == 0:
            place = tmp_path / tiles.tile_path(tile, entries=True)
            place.parent.mkdir(parents=True, exist_ok=True)
            held = ENTRIES[tile.index * 256 : tile.index * 256 + tile.width]
            place.write_bytes(tiles.encode_bundle([entry.event_hash for entry in held]))
    assert log.check_tiles(tmp_path, KEYS).trusted
    touched = [path for path in (tmp_path / "tile").rglob("*") if path.is_file()]
    assert len(touched) == 5
    for path in touched:
        data = path.read_bytes()
        path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
        with pytest.raises(Refused):
            log.check_tiles(tmp_path, KEYS)
        path.write_bytes(data)


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(1, 40)), max_size=12), st.integers(1, 40))
def test_erasures_that_overlap_cover_what_each_of_them_covers(spans: list[tuple[int, int]], seq: int) -> None:
    """However the ranges of erasures overlap, a place is covered just when one of them covers it."""
    targets = [{"type": "sequences", "id": f"{first}-{last}"} for first, last in spans]
    erasure = Event(50, {"action": "immutable.details_erased", "targets": targets}, b"", b"", None)
    gone = [Event(seq, {}, b"", b"", "erased")]
    if any(first <= seq <= last for first, last in spans):
        assert check_erased(gone, [erasure]) == [seq]
        return
    with pytest.raises(Refused):
        check_erased(gone, [erasure])
