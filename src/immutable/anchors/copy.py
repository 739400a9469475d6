"""Copies the anchors of a log into another database: nobody can have a checkpoint of then dated again."""

from immutable.model.workspace import Workspace
from immutable.store.anchor_store import AnchorStore


def copy_anchors(source: AnchorStore, target: AnchorStore, workspace: Workspace, copy: Workspace, size: int) -> None:
    """Copy the finished anchors of checkpoints of at most `size` events; one under way is begun anew by the new server."""
    there = {one.id for one in target.anchors(copy, limit=target.count(copy))}
    for anchor in reversed(source.anchors(workspace, statuses=["confirmed", "failed"], limit=source.count(workspace))):
        if anchor.id not in there and anchor.size <= size:
            target.add(copy, anchor)
