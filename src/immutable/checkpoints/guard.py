"""What is asked before anything is signed: does the log still say what was signed before, and does it go on from there?

Signing after the answer is no would make a fork. So the tree is halted, and stays so until an operator has decided. What
each answer means to the operator is in its own words, and in docs/specs/checkpoints.md.
"""

import structlog

from immutable.checkpoints.kept import Kept
from immutable.integrity.checkpoint import Checkpoint, parse_checkpoint
from immutable.integrity.merkle import HASH_BYTES, leaf_hash
from immutable.integrity.note import NoteError, split_note
from immutable.integrity.tiles import WIDTH, Tree
from immutable.log.origins import origins_of
from immutable.model.workspace import Workspace
from immutable.store.log_store import LogStore
from immutable.store.proof_store import ProofStore
from immutable.store.proof_tiles import tile_reader

_log = structlog.get_logger(__name__)

_DECIDE = (
    "Nothing more is signed. If the database was restored on purpose, say so with `immutable checkpoint accept-rollback`; "
    "otherwise bring the newer database back."
)


class Halt(Exception):
    """Nothing may be signed; the message says why, and what to do."""


class Guard:
    """Compares logs with what was signed of them."""

    def __init__(self, store: LogStore, kept: Kept) -> None:
        self._store = store
        self._trees = store.proofs
        self._kept = kept

    def check_log(self, workspace: Workspace, length: int, size: int) -> None:
        """The log reaches as far as the tree, and its last event in the tree is still the same. Raises Halt."""
        if length < size:
            raise Halt(
                f"The log was cut off or set back: it ends at event {length:,}, and {size:,} are signed. {_DECIDE}"
            )
        if not same_events(self._trees, workspace, size):
            raise Halt(
                f"The log was rewritten: event {size:,} is not the one that was signed. Nothing more is signed. Run "
                "`immutable verify` to see where it was changed, and restore the database from a copy."
            )

    def check_signed(self, workspace: Workspace, size: int) -> None:
        """The tree is that of its own latest checkpoint. Raises Halt."""
        latest = next(iter(self._trees.checkpoints(workspace)), None)
        origins = origins_of(self._store, workspace)
        if origins.unfounded:
            raise Halt(
                f"The database names a key that signs as {origins.unfounded[0]}, but no accepted rollback on the record leads to "
                "that name. Nothing more is signed. Run `immutable verify`, and restore the database from a copy."
            )
        if latest is None or origins.is_over(latest.origin):
            return
        if latest.size > size or self._root(workspace, latest.size) != latest.root:
            raise Halt(
                f"The tree does not lead to the root that was signed at {latest.size:,}. Nothing more is signed. Restore the "
                "database from a copy."
            )

    def check_kept(self, workspace: Workspace, length: int, size: int) -> bool:
        """The latest checkpoint kept outside the database is the tree's too; False where the tree is too short to tell yet.

        Raises Halt.
        """
        note = self._kept.read(workspace.id)
        if note is None:
            return True
        try:
            kept = parse_checkpoint(split_note(note)[0])
        except NoteError as error:
            _log.warning("kept_checkpoint_unreadable", workspace=workspace.id, error=str(error))
            return True
        if origins_of(self._store, workspace).ended(note):
            return True
        return self.check_known(workspace, kept, length, size)

    def check_known(self, workspace: Workspace, known: Checkpoint, length: int, size: int) -> bool:
        """As `check_kept`, for a checkpoint that is known from elsewhere."""
        if known.size > length:
            raise Halt(
                f"The log was set back: it ends at event {length:,}, and a checkpoint of {known.size:,} was signed. {_DECIDE}"
            )
        if known.size > size:
            return False
        if self._root(workspace, known.size) != known.root:
            raise Halt(
                f"The log was set back and went on differently: a checkpoint of {known.size:,} was signed that is not this "
                f"log's. {_DECIDE}"
            )
        return True

    def halt(self, workspace: Workspace, why: str) -> None:
        """Stop signing, and say so."""
        _log.error("checkpoints_halted", workspace=workspace.id, why=why)
        self._trees.set_halted(workspace, why)

    def _root(self, workspace: Workspace, size: int) -> bytes | None:
        try:
            return Tree(tile_reader(self._trees, workspace), size).root()
        except LookupError:
            return None


def same_events(trees: ProofStore, workspace: Workspace, size: int) -> bool:
    """Whether the last of the first `size` events is that of the tree."""
    if size == 0:
        return True
    try:
        last = tile_reader(trees, workspace)(0, (size - 1) // WIDTH, (size - 1) % WIDTH + 1)[-HASH_BYTES:]
    except LookupError:
        return False
    # The event itself may have been pruned on the record; the one after it names its hash.
    named = [*trees.event_hashes(workspace, size, size), *trees.previous_hashes(workspace, size + 1)]
    return all(leaf_hash(event_hash) == last for event_hash in named)
