"""What an engine promises about the tree over a log: tiles, signed checkpoints and the keys that sign. Never about events.

Every method takes the workspace first. Tiles only grow and checkpoints are kept for ever; one process at a time integrates
(`hold`), and `integrate` compares and swaps the size besides, so that two can never build on the same tree.
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from immutable.model.workspace import Workspace


class StoredTile(msgspec.Struct, frozen=True):
    """A tile's hashes, 32 bytes each, from its first to its last that is known."""

    level: int
    index: int
    hashes: bytes


class StoredCheckpoint(msgspec.Struct, frozen=True):
    """A signed checkpoint: `note` is the signed note itself. Time in microseconds."""

    size: int
    origin: str
    root: bytes
    note: bytes
    created_at: int


class Cosignature(msgspec.Struct, frozen=True):
    """What one witness signed of a checkpoint: the line to put beneath its note."""

    size: int
    origin: str
    witness: str
    """The name of the witness and the id of its key."""
    line: str
    created_at: int


class StoredKey(msgspec.Struct, frozen=True):
    """A key that signs a workspace's checkpoints; `name` is the origin they carry. Times in microseconds."""

    name: str
    public: bytes
    seed: bytes | None
    """Encrypted; None where the seed is given from outside."""
    created_at: int
    first_size: int
    """The tree's size when it was made: what it signs is larger."""
    retired_at: int | None = None


class TreeState(msgspec.Struct, frozen=True):
    """How far the tree goes, and why nothing more is signed, if so."""

    size: int = 0
    halted: str | None = None


class TreeStore(Protocol):
    """Tiles and checkpoints."""

    def hold(self) -> bool:
        """Whether this process is the one that integrates, now. Raises Overloaded."""

    def trees(self, *, only_behind: bool = True) -> list[tuple[Workspace, int, TreeState]]:
        """The workspaces whose log is not as long as their tree, or whose tree is halted; with the length of the log."""

    def tree(self, workspace: Workspace) -> TreeState:
        """The state of the tree."""

    def tiles(self, workspace: Workspace, places: Sequence[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
        """The hashes of the tiles at these (level, index), each at its widest; those that are not there are left out."""

    def event_hashes(self, workspace: Workspace, first_seq: int, last_seq: int) -> list[bytes]:
        """The hashes of a range of events, both ends included; shorter where events are missing."""

    def previous_hashes(self, workspace: Workspace, seq: int) -> list[bytes]:
        """The hash that an event names as the one before it; none where the event is missing."""

    def integrate(
        self,
        workspace: Workspace,
        sizes: tuple[int, int],
        tiles: Sequence[StoredTile],
        checkpoint: StoredCheckpoint | None,
    ) -> bool:
        """Let the tree go from the first size to the second, and keep the checkpoint of it; all in one transaction.

        False, and nothing is stored, where the tree is not of the first size or is halted.
        """

    def set_halted(self, workspace: Workspace, why: str | None, size: int | None = None) -> None:
        """Sign nothing more until it is set to None; `size`: go on from there."""

    def checkpoints(
        self, workspace: Workspace, *, size: int | None = None, before: int | None = None, limit: int = 1
    ) -> list[StoredCheckpoint]:
        """Checkpoints, newest first, of trees of this size, or made before a time."""

    def unsigned(self, witnesses: Sequence[str]) -> list[tuple[Workspace, StoredCheckpoint]]:
        """The latest checkpoints, of trees that are not halted, that not all of these witnesses signed."""

    def cosignatures(self, workspace: Workspace, sizes: Sequence[int]) -> list[Cosignature]:
        """What witnesses signed of the checkpoints of these sizes, oldest first."""

    def cosigned(self, workspace: Workspace, witnesses: Sequence[str], *, below: int, limit: int) -> list[Cosignature]:
        """What these witnesses signed of checkpoints smaller than `below`, the largest first."""

    def add_cosignature(self, workspace: Workspace, cosignature: Cosignature) -> None:
        """Keep what a witness signed."""


class SigningKeyStore(Protocol):
    """The keys that sign, and which workspaces show their tree to everybody."""

    def signing_keys(self, workspace: Workspace) -> list[StoredKey]:
        """A workspace's keys, oldest first."""

    def all_signing_keys(self) -> list[tuple[str, StoredKey]]:
        """All keys with their workspaces' ids."""

    def add_signing_key(self, workspace: Workspace, key: StoredKey) -> bool:
        """Add the key that signs from now on, and retire all others; False where it is there already."""

    def published(self, workspace_id: str) -> Workspace | None:
        """The workspace of this id, if everybody may read its tree."""

    def set_published(self, workspace: Workspace, published: bool) -> None:
        """Let everybody read the workspace's tree, or nobody."""

    def is_published(self, workspace: Workspace) -> bool:
        """Whether everybody may read its tree."""


class ProofCopyStore(Protocol):
    """What copying a log's proofs into another database needs besides."""

    def last_times(self, workspace: Workspace) -> tuple[int, int]:
        """When the newest checkpoint was made and the newest cosignature kept; 0 where there is none."""

    def checkpoints_since(self, workspace: Workspace, made_at: int, limit: int) -> list[StoredCheckpoint]:
        """Checkpoints that were made at a time or later, oldest first."""

    def cosignatures_since(self, workspace: Workspace, made_at: int, limit: int) -> list[Cosignature]:
        """Cosignatures that were kept at a time or later, oldest first."""

    def put_signing_key(self, workspace: Workspace, key: StoredKey) -> None:
        """Keep a key as it is, and when it retired; nothing else of a key that is there changes."""

    def put_signed(
        self, workspace: Workspace, checkpoints: Sequence[StoredCheckpoint], cosignatures: Sequence[Cosignature]
    ) -> None:
        """Keep these as they are, in one transaction; those that are there stay."""


class ProofStore(TreeStore, SigningKeyStore, ProofCopyStore, Protocol):
    """All that proofs need of an engine."""
