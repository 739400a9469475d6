"""Verification of an anchor: what the outside dated, against what the log says now, by recomputation.

The root is computed again: the hashes of the anchor's own events are read from the log, the tree before them from its tiles. A
log that was rewritten further back, consistently, has other hashes from there on, these events' too; where only tiles were
changed, the root changes. Whether records hash to their hashes is for `log/verify.py`.
"""

from collections.abc import Sequence

import msgspec

from immutable.anchors.anchorer import Anchorer, Evidence, NotAnchored, Unreachable
from immutable.anchors.follower import link
from immutable.checkpoints.keys import verifier_of
from immutable.errors import Overloaded
from immutable.integrity.checkpoint import parse_checkpoint
from immutable.integrity.merkle import HASH_BYTES, leaf_hash
from immutable.integrity.note import NoteError, open_note
from immutable.integrity.tiles import WIDTH, ReadTile, Tree, extend
from immutable.model.workspace import Workspace
from immutable.outbound.client import OutboundRefused
from immutable.store.anchor_store import Link, StoredAnchor
from immutable.store.log_store import LogStore
from immutable.store.proof_store import ProofStore
from immutable.store.proof_tiles import tile_reader

_BATCH = 8_192


class AnchorVerdict(msgspec.Struct, frozen=True):
    """What was found. `expected`: the root that is anchored; `actual`: the log's, None where events or tiles are missing."""

    valid: bool
    chain_valid: bool
    expected: bytes
    actual: bytes | None
    anchored_at: int | None
    """The time that the outside vouches for, where that could be checked."""
    problems: list[str]


def verify_anchor(
    store: LogStore, workspace: Workspace, anchor: StoredAnchor, anchorer: Anchorer | None
) -> AnchorVerdict:
    """Compute the root again and compare; ask the outside, where its kind is configured. Raises Overloaded."""
    problems: list[str] = []
    evidence = _evidence(anchor, anchorer, problems)
    expected = anchor.root if evidence is None else evidence.root
    if expected != anchor.root:
        problems.append("What is anchored is another root than the one that is recorded here.")
    _check_note(store.proofs, workspace, anchor, problems)
    links = store.anchors.links(workspace, anchor.chain, anchor.number - 1)
    actual = recomputed_root(store, workspace, anchor, links[-1].size if links else 0)
    if actual is None:
        problems.append("Events that the anchor covers, or tiles of the tree before them, are missing.")
    elif actual != expected:
        problems.append("The log does not lead to the anchored root: it was rewritten since.")
    return AnchorVerdict(
        not problems,
        _is_whole(links, anchor),
        expected,
        actual,
        evidence.at if evidence else None,
        problems,
    )


def _evidence(anchor: StoredAnchor, anchorer: Anchorer | None, problems: list[str]) -> Evidence | None:
    if anchor.status != "confirmed":
        problems.append(f"The anchor is {anchor.status}: nobody outside vouches for it.")
        return None
    if anchorer is None:
        problems.append(f"What {anchor.chain} says was not checked: it is not configured here.")
        return None
    try:
        return anchorer.evidence(anchor)
    except (Unreachable, OutboundRefused) as error:
        raise Overloaded(f"{anchor.chain} cannot be asked now: {error.message}", 30) from error
    except NotAnchored as error:
        problems.append(error.message)
        return None


def _check_note(proofs: ProofStore, workspace: Workspace, anchor: StoredAnchor, problems: list[str]) -> None:
    """The recorded checkpoint is signed by the log, and is the one of the recorded root."""
    try:
        opened = open_note(anchor.note, [verifier_of(key) for key in proofs.signing_keys(workspace)])
        checkpoint = parse_checkpoint(opened.text)
    except NoteError as error:
        problems.append(f"The anchored checkpoint is not the log's: {error}")
        return
    if (checkpoint.size, checkpoint.root) != (anchor.size, anchor.root):
        problems.append("The anchored checkpoint is of another tree than the recorded one.")


def recomputed_root(store: LogStore, workspace: Workspace, anchor: StoredAnchor, before: int) -> bytes | None:
    """The root over the first `size` events: the anchor's own from the log, from tiles those `before` and what was pruned.

    Its recorded beginning is not believed where that would leave events out.
    """
    done = min(anchor.first_seq - 1, before, anchor.size - 1)
    done = max(done, min(store.reader().pruned(workspace).seq, anchor.size), 0)
    newest: dict[int, tuple[int, bytes]] = {}
    """By level, the tile that is not full yet: all that is needed to go on, and at the end for the root."""
    read = _over(newest, tile_reader(store.proofs, workspace))
    try:
        while done < anchor.size:
            until = min(done + _BATCH, anchor.size)
            hashes = store.proofs.event_hashes(workspace, done + 1, until)
            if len(hashes) != until - done:
                return None
            for tile, content in extend(read, done, [leaf_hash(one) for one in hashes]):
                newest[tile.level] = (tile.index, content)
            done = until
        return Tree(read, anchor.size).root()
    except LookupError:
        return None


def _over(newest: dict[int, tuple[int, bytes]], below: ReadTile) -> ReadTile:
    def read(level: int, index: int, width: int) -> bytes:
        place, hashes = newest.get(level, (-1, b""))
        return hashes[: width * HASH_BYTES] if place == index and width <= WIDTH else below(level, index, width)

    return read


def _is_whole(links: Sequence[Link], anchor: StoredAnchor) -> bool:
    """Every confirmed anchor up to this one names the one before it, and the first one none."""
    named = [*(one.previous_hash for one in links), anchor.previous_hash]
    return named == [None, *(link(one.root, one.tx_hash) for one in links)]
