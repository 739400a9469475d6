"""What anchors add to other proofs: the time-stamp that an evidence pack takes along, and what a log is held against."""

from collections.abc import Mapping

from msgspec.structs import replace

from immutable.anchors.anchorer import Anchorer, NotAnchored
from immutable.checkpoints.kept import Kept
from immutable.checkpoints.known import outside
from immutable.integrity.checkpoint import Checkpoint, parse_checkpoint
from immutable.integrity.note import NoteError, split_note
from immutable.integrity.scope import Outside
from immutable.integrity.tiles import Tree
from immutable.model.workspace import Workspace
from immutable.outbound.client import OutboundRefused
from immutable.settings import Settings
from immutable.store.anchor_store import StoredAnchor
from immutable.store.log_store import LogStore
from immutable.store.proof_tiles import tile_reader

_LATEST = 20


def stamped(store: LogStore, workspace: Workspace) -> list[StoredAnchor]:
    """The newest time-stamped checkpoint of the origin that is signed now: a pack's may be held against that one."""
    origins = [key.name.encode() for key in store.proofs.signing_keys(workspace)][-1:]
    found = store.anchors.anchors(workspace, statuses=["confirmed"], limit=_LATEST)
    return [one for one in found if one.time_stamp is not None and one.note.partition(b"\n")[0] in origins][:1]


def known_outside(
    store: LogStore,
    settings: Settings,
    kept: Kept,
    anchorers: Mapping[str, Anchorer],
    workspace: Workspace,
    *notes: bytes,
) -> Outside:
    """What a verification is to hold a log against, the newest anchor whose evidence is good among it.

    Its evidence is checked now: a time-stamp here, a transaction by asking the chain. Raises StartError as `outside` does.
    """
    known = outside(settings, kept, workspace, *notes)
    for anchor in store.anchors.anchors(workspace, statuses=["confirmed"], limit=_LATEST) if anchorers else ():
        anchorer = anchorers.get(anchor.chain)
        try:
            checkpoint = parse_checkpoint(split_note(anchor.note)[0])
            if anchorer is None or (checkpoint.size, checkpoint.root) != (anchor.size, anchorer.evidence(anchor).root):
                continue
        except (NotAnchored, OutboundRefused, NoteError):
            continue
        return replace(
            known, notes=(*known.notes, anchor.note), anchored_through=_covered(store, workspace, checkpoint)
        )
    return known


def _covered(store: LogStore, workspace: Workspace, anchored: Checkpoint) -> int:
    """The last event that an anchored checkpoint covers, 0 where the tree does not lead to it."""
    try:
        is_ours = Tree(tile_reader(store.proofs, workspace), anchored.size).root() == anchored.root
    except LookupError:
        is_ours = False
    return anchored.size if is_ours else 0
