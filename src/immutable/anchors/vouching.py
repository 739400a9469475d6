"""What anchors add to other proofs: the time-stamp that an evidence pack takes along, and how far a log is anchored."""

from collections.abc import Mapping

from immutable.anchors.anchorer import Anchorer, NotAnchored
from immutable.integrity.tiles import Tree
from immutable.model.workspace import Workspace
from immutable.outbound.client import OutboundRefused
from immutable.store.anchor_store import StoredAnchor
from immutable.store.log_store import LogStore
from immutable.store.proof_tiles import tile_reader

_LATEST = 20


def stamped(store: LogStore, workspace: Workspace) -> list[StoredAnchor]:
    """The newest time-stamped checkpoint of the origin that is signed now: a pack's may be held against that one."""
    origins = [key.name.encode() for key in store.proofs.signing_keys(workspace)][-1:]
    found = store.anchors.anchors(workspace, statuses=["confirmed"], limit=_LATEST)
    return [one for one in found if one.time_stamp is not None and one.note.partition(b"\n")[0] in origins][:1]


def anchored_through(store: LogStore, workspace: Workspace, anchorers: Mapping[str, Anchorer]) -> int:
    """The last event that an anchor covers whose evidence was checked just now, and to whose root the tree leads; 0: none."""
    for anchor in store.anchors.anchors(workspace, statuses=["confirmed"], limit=_LATEST):
        anchorer = anchorers.get(anchor.chain)
        if anchorer is None:
            continue
        try:
            evidence = anchorer.evidence(anchor)
            if Tree(tile_reader(store.proofs, workspace), anchor.size).root() == evidence.root == anchor.root:
                return anchor.size
        except (NotAnchored, OutboundRefused, LookupError):
            continue
    return 0
