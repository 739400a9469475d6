"""Prunes by itself, an epoch at a time, where a workspace has a retention: looks every 20 s, and gives way to requests."""

import time

import structlog

from immutable import clock
from immutable.errors import Conflict, ImmutableError
from immutable.log.system_events import SERVER
from immutable.model.retention import Retention
from immutable.model.workspace import Workspace
from immutable.retention.archive_folder import ArchiveFolder
from immutable.retention.prune import SWEEP, Pruned, prunable, prune_epoch
from immutable.store.pruning import PruningStore
from immutable.telemetry import metrics

_log = structlog.get_logger(__name__)

_LOOK_SECONDS = 20.0
_DAY = 86_400_000_000


class RetentionFollower:
    """What a Follower calls, step by step."""

    def __init__(self, store: PruningStore, silence: int, *, look_seconds: float = _LOOK_SECONDS) -> None:
        self._store = store
        self._silence = silence
        self._look_seconds = look_seconds
        self._next_look = 0.0

    def step(self) -> bool:
        """Prune one epoch of each workspace that has one to prune; False where none has, until the next look."""
        if time.monotonic() < self._next_look:
            return False
        pruned = [self._prune_due(one) for one in self._store.catalog.workspaces()]
        if not any(pruned):
            self._next_look = time.monotonic() + self._look_seconds
        return any(pruned)

    def _prune_due(self, workspace: Workspace) -> bool:
        """Prune the oldest epoch where it is due; False where none is, or it failed, which is logged and counted."""
        retention = self._store.catalog.retention(workspace)
        try:
            if retention is None:
                return False
            last = due(self._store, workspace, retention)
            if not last:
                # What a crash left, and indexes of what a process pruned that may not write them.
                self._store.sweep(workspace, SWEEP)
                return False
            prune_next(self._store, workspace, retention, self._silence, last)
        except Conflict:
            return False  # another process does it
        except ImmutableError as error:
            metrics.PRUNING_FAILURES.inc()
            _log.error("pruning_failed", workspace=workspace.name, error=error.message)
            return False
        return True


def due(store: PruningStore, workspace: Workspace, retention: Retention) -> int:
    """The last event that is to be pruned now: old enough, and covered by a checkpoint; 0 where none is."""
    newest = store.proofs.checkpoints(workspace)
    return prunable(store, workspace, clock.now() - retention.days * _DAY, newest[0].size if newest else 0)


def prune_next(store: PruningStore, workspace: Workspace, retention: Retention, silence: int, last: int) -> Pruned:
    """Archive and prune the oldest epoch, which is due as all events through `last` are. Raises as `prune_epoch` does."""
    (newest,) = store.proofs.checkpoints(workspace)
    folder = ArchiveFolder(retention.archive)
    checkpoint = newest.note.decode()
    done = prune_epoch(store, workspace, folder, by=SERVER, silence=silence, checkpoint=checkpoint, through=last)
    metrics.PRUNED.inc(done.last - done.first + 1)
    _log.info("pruned", workspace=workspace.name, first=done.first, last=done.last, archive=done.archive)
    return done
