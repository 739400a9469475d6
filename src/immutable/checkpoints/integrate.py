"""The follower that takes new events into the tree and signs checkpoints: integrate, then publish, in one transaction.

Crash argument: tiles, the tree's size and the checkpoint are committed together, and only where the tree is still as it was
when they were made. A crash before the commit leaves the old tree, from which the next process makes the very same tiles; a
crash after it leaves the new one. The checkpoint is shown and sent to witnesses only after the commit.
"""

import time
from collections.abc import Sequence

import structlog

from immutable import clock
from immutable.checkpoints.guard import Guard, Halt
from immutable.checkpoints.kept import Kept
from immutable.checkpoints.keys import SigningKeys
from immutable.errors import StartError
from immutable.integrity.checkpoint import Checkpoint, format_checkpoint
from immutable.integrity.merkle import HASH_BYTES, leaf_hash
from immutable.integrity.note import sign
from immutable.integrity.tiles import ReadTile, Tile, Tree, extend
from immutable.model.workspace import Workspace
from immutable.store.log_store import LogStore
from immutable.store.proof_store import StoredCheckpoint, StoredTile
from immutable.store.proof_tiles import tile_reader
from immutable.telemetry import metrics

_log = structlog.get_logger(__name__)

BATCH = 8_192
"""Events in one transaction: their tiles are about 260 KB."""


class Integrator:
    """Keeps the trees of all workspaces up, where this process is the one that does. Not for several threads."""

    def __init__(self, store: LogStore, keys: SigningKeys, kept: Kept, interval_seconds: float) -> None:
        self._trees = store.proofs
        self._keys = keys
        self._kept = kept
        self.guard = Guard(store, kept)
        self._interval = interval_seconds
        self._signed_at: dict[int, float] = {}
        self._trusted: set[int] = set()
        """Workspaces whose tree was compared with what was signed before, since this process integrates."""
        self.holds = False
        self.lag = 0
        """Events that the trees did not hold at the last step."""

    def step(self) -> bool:
        """Integrate a batch of each workspace that is due; False when there is nothing left to do now."""
        if not self._trees.hold():
            self.holds = False
            return False
        if not self.holds:
            self._take_over()
        more, lag, halted = False, 0, 0
        for workspace, length, state in self._trees.trees():
            if state.halted is not None:
                halted += 1
                continue
            if time.monotonic() - self._signed_at.get(workspace.number, float("-inf")) < self._interval:
                continue
            try:
                done = self._advance(workspace, length, state.size)
            except Halt as halt:
                self.guard.halt(workspace, str(halt))
                halted += 1
                continue
            lag += length - done
            more |= done < length
        self.lag = lag
        metrics.CHECKPOINT_LAG.set(lag)
        metrics.CHECKPOINTS_HALTED.set(halted)
        return more

    def hasten(self, workspace: Workspace) -> None:
        """Sign what is new of this log at the next step, however soon after the last. From any thread."""
        self._signed_at.pop(workspace.number, None)

    def _take_over(self) -> None:
        """Compare every log with what was signed of it: also those to which nobody appends."""
        self._trusted.clear()
        self.holds = True
        for workspace, length, state in self._trees.trees(only_behind=False):
            if state.halted is None:
                try:
                    self.guard.check_log(workspace, length, state.size)
                    self.guard.check_signed(workspace, state.size)
                    self.guard.check_kept(workspace, length, state.size)
                except Halt as halt:
                    self.guard.halt(workspace, str(halt))

    def _advance(self, workspace: Workspace, length: int, size: int) -> int:
        """Take the next events in; the size of the tree then. Raises Halt."""
        self.guard.check_log(workspace, length, size)
        is_trusted = workspace.number in self._trusted
        if not is_trusted:
            self.guard.check_signed(workspace, size)
            is_trusted = self.guard.check_kept(workspace, length, size)
        last = min(length, size + BATCH)
        hashes = self._trees.event_hashes(workspace, size + 1, last)
        if len(hashes) != last - size:
            raise Halt(
                f"Events are missing between {size + 1:,} and {last:,}. Nothing more is signed. Run `immutable verify` to see "
                "which, and restore the database from a copy."
            )
        read = tile_reader(self._trees, workspace)
        try:
            tiles = extend(read, size, [leaf_hash(event_hash) for event_hash in hashes])
        except LookupError as error:
            raise Halt(f"{error} Nothing more is signed. Restore the database from a copy.") from None
        checkpoint = self._checkpoint(workspace, _with(tiles, read), last) if last == length and is_trusted else None
        stored = [StoredTile(tile.level, tile.index, hashes) for tile, hashes in tiles]
        if not self._trees.integrate(workspace, (size, last), stored, checkpoint):
            self.holds = False  # somebody else was there: look at everything anew
            return length
        if not is_trusted:
            self.guard.check_kept(workspace, length, last)
        if checkpoint is not None:
            self._signed_at[workspace.number] = time.monotonic()
            self._kept.write(workspace.id, checkpoint.note)
            metrics.CHECKPOINTS.inc()
            self._trusted.add(workspace.number)
        return last

    def _checkpoint(self, workspace: Workspace, read: ReadTile, size: int) -> StoredCheckpoint:
        """The signed checkpoint of the tree as it will be."""
        try:
            signer = self._keys.signer(workspace, size - 1)
        except StartError as error:
            raise Halt(error.message) from error
        root = Tree(read, size).root()
        note = sign(format_checkpoint(Checkpoint(signer.name, size, root)), [signer]).encode()
        return StoredCheckpoint(size, signer.name, root, note, clock.now())


def _with(tiles: Sequence[tuple[Tile, bytes]], read: ReadTile) -> ReadTile:
    """Reads new tiles as they will be, all others as they are stored."""
    new = {(tile.level, tile.index): hashes for tile, hashes in tiles}

    def read_new(level: int, index: int, width: int) -> bytes:
        hashes = new.get((level, index))
        return read(level, index, width) if hashes is None else hashes[: width * HASH_BYTES]

    return read_new
