"""Waits until a signed checkpoint covers a place of the log, and has one made at once where that can be done."""

import time
from collections.abc import Callable

from immutable.checkpoints.proofs import ShownCheckpoint, shown
from immutable.errors import Conflict, Overloaded
from immutable.log.origins import origins_of
from immutable.model.workspace import Workspace
from immutable.store.log_store import LogStore

_ASK_AGAIN_SECONDS = 0.05


def covering_checkpoint(
    store: LogStore, workspace: Workspace, seq: int, *, hasten: Callable[[Workspace], None], seconds: float
) -> ShownCheckpoint:
    """The latest checkpoint, once it covers event `seq` and has the origin that is signed now.

    `hasten` has the next one signed without delay. Raises Conflict where nothing more is signed, Overloaded where it takes
    longer than `seconds`.
    """
    until, proofs = time.monotonic() + seconds, store.proofs
    while True:
        stored = proofs.checkpoints(workspace)
        if stored and stored[0].size >= seq and stored[0].origin == origins_of(store, workspace).now:
            return shown(proofs, workspace, stored)[0]
        halted = proofs.tree(workspace).halted
        if halted is not None:
            raise Conflict(f"No checkpoint covers these events, and none will: {halted}")
        if time.monotonic() >= until:
            raise Overloaded("No signed checkpoint covers these events yet. Try again.", 2)
        hasten(workspace)
        time.sleep(_ASK_AGAIN_SECONDS)
