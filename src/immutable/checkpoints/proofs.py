"""Proofs, made from the stored tiles: that an event is in a checkpoint, and that one tree is the beginning of another."""

import msgspec

from immutable.errors import Conflict, ImmutableError, NotFound
from immutable.integrity.proof import consistency_proof, inclusion_proof
from immutable.integrity.tiles import Tree
from immutable.log.origins import origins_of
from immutable.model.workspace import Workspace
from immutable.store.log_store import LogStore
from immutable.store.proof_store import Cosignature, ProofStore, StoredCheckpoint
from immutable.store.proof_tiles import tile_reader


class ShownCheckpoint(msgspec.Struct, frozen=True):
    """A checkpoint with what witnesses signed of it."""

    stored: StoredCheckpoint
    cosignatures: list[Cosignature]

    @property
    def note(self) -> bytes:
        """The note with all signatures."""
        return self.stored.note + "".join(f"{one.line}\n" for one in self.cosignatures).encode()


class Inclusion(msgspec.Struct, frozen=True):
    """The hashes that lead from an event's leaf to a checkpoint's root."""

    hashes: list[bytes]
    checkpoint: ShownCheckpoint


class Consistency(msgspec.Struct, frozen=True):
    """The hashes that show that the first tree is the beginning of the second, and their roots."""

    hashes: list[bytes]
    roots: tuple[bytes, bytes]


def shown(proofs: ProofStore, workspace: Workspace, stored: list[StoredCheckpoint]) -> list[ShownCheckpoint]:
    """Checkpoints with what witnesses signed of them."""
    signed = proofs.cosignatures(workspace, [one.size for one in stored])
    return [
        ShownCheckpoint(one, [line for line in signed if (line.size, line.origin) == (one.size, one.origin)])
        for one in stored
    ]


def checkpoint_of(store: LogStore, workspace: Workspace, size: int | None) -> ShownCheckpoint:
    """The latest checkpoint, or the latest of this size. Raises NotFound, or Conflict where its name is not the log's."""
    stored = store.proofs.checkpoints(workspace, size=size)
    if not stored:
        raise NotFound(
            "Nothing was signed of this log yet."
            if size is None
            else f"No checkpoint of {size:,} events was signed; GET /checkpoints lists those that were."
        )
    if stored[0].origin in origins_of(store, workspace).unfounded:
        raise Conflict(
            f"The checkpoint is signed as {stored[0].origin}, but no accepted rollback on the record leads to that name. Run "
            "`immutable verify`."
        )
    return shown(store.proofs, workspace, stored)[0]


def prove_inclusion(store: LogStore, workspace: Workspace, seq: int, size: int | None) -> Inclusion:
    """That event `seq` is in the latest checkpoint, or in that of `size`. Raises NotFound, or Conflict where it is not yet."""
    checkpoint, proofs = checkpoint_of(store, workspace, size), store.proofs
    signed = checkpoint.stored.size
    if seq > signed:
        raise Conflict(f"The checkpoint covers {signed:,} events, and this is event {seq:,}. Ask again in a second.")
    return Inclusion(inclusion_proof(_tree(proofs, workspace, signed), seq - 1), checkpoint)


def prove_consistency(proofs: ProofStore, workspace: Workspace, sizes: tuple[int, int]) -> Consistency:
    """That the tree of the first size is the beginning of that of the second. Raises NotFound."""
    length = proofs.tree(workspace).size
    if not 1 <= sizes[0] <= sizes[1] <= length:
        raise NotFound(f"The tree has {length:,} events: from must be 1 or more, and to from there to {length:,}.")
    old, new = (_tree(proofs, workspace, size) for size in sizes)
    try:
        return Consistency(consistency_proof(new, sizes[0]), (old.root(), new.root()))
    except LookupError as error:
        raise _lost(error) from error


def _tree(proofs: ProofStore, workspace: Workspace, size: int) -> Tree:
    return Tree(tile_reader(proofs, workspace), size)


def _lost(error: LookupError) -> ImmutableError:
    return ImmutableError(f"{error} Restore the database from a copy.")
