"""What an engine promises about anchors: a checkpoint each, and what somebody outside our control said of it.

Every method takes the workspace first, but for `unfinished`, which is for the follower of all workspaces, and `everybodys`, which
is for outsiders, who know an anchor's id or its transaction and no workspace. A finished anchor is never changed.
"""

from collections.abc import Sequence
from typing import Literal, Protocol

import msgspec

from immutable.model.workspace import Workspace

Status = Literal["pending", "submitted", "confirmed", "failed"]
UNFINISHED: tuple[Status, ...] = ("pending", "submitted")


class StoredAnchor(msgspec.Struct, frozen=True, kw_only=True):
    """An anchor. `chain` is where it is anchored: `rfc3161:<authority>` or `eip155:<chain id>`. Times in microseconds."""

    id: str
    chain: str
    number: int
    """Its place among the anchors of the workspace on this chain, from 1."""
    status: Status
    size: int
    """The events that the tree's root covers: the first `size` of the log."""
    root: bytes
    note: bytes
    """The signed checkpoint."""
    first_seq: int
    """The first event that no confirmed anchor before covers."""
    first_event_hash: bytes
    last_event_hash: bytes
    previous_hash: bytes | None
    """SHA-256 of the root and transaction of the confirmed anchor before; None for the first."""
    period_start: int
    period_end: int
    created_at: int
    tx_hash: str | None = None
    block_number: int | None = None
    confirmed_at: int | None = None
    """When the outside says that it was anchored."""
    token: bytes | None = None
    """The time-stamp response (RFC 3161, DER) as it was received; for a chain, the signed transaction as it is sent."""
    attempts: int = 0
    try_at: int = 0
    """When it is worth trying again."""
    error: str | None = None
    """Why the last attempt failed."""

    @property
    def time_stamp(self) -> bytes | None:
        """The time-stamp response over the text of `note`, where it has one: what an evidence pack takes along."""
        return self.token if self.chain.startswith("rfc3161:") and self.status == "confirmed" else None


class Link(msgspec.Struct, frozen=True):
    """What the chain of anchors needs of each: the next one's `previous_hash` is over `root` and `tx_hash`."""

    size: int
    root: bytes
    tx_hash: str
    previous_hash: bytes | None


class AnchorStore(Protocol):
    """The anchors of all workspaces."""

    def hold(self) -> bool:
        """Whether this process is the one that anchors, now. Raises Overloaded."""

    def add(self, workspace: Workspace, anchor: StoredAnchor) -> bool:
        """Add one; False where its place is taken, or another of the workspace on this chain is not finished."""

    def update(self, workspace: Workspace, anchor: StoredAnchor) -> bool:
        """Keep what became of an unfinished anchor; `attempts` is one more than was read.

        False, and nothing is stored, where it is finished, or somebody else was faster.
        """

    def anchors(
        self,
        workspace: Workspace,
        *,
        chain: str | None = None,
        statuses: Sequence[Status] = (),
        before: int | None = None,
        limit: int = 1,
    ) -> list[StoredAnchor]:
        """Anchors, newest first: of a chain, of these statuses; `before`: made before a time."""

    def anchor(self, workspace: Workspace, anchor_id: str) -> StoredAnchor | None:
        """The anchor of this id."""

    def count(self, workspace: Workspace) -> int:
        """How many there are."""

    def covering(self, workspace: Workspace, seq: int) -> list[StoredAnchor]:
        """Of each chain the first confirmed anchor that covers event `seq`: the oldest word from outside on it."""

    def links(self, workspace: Workspace, chain: str, through: int) -> list[Link]:
        """The confirmed anchors of a chain up to this number, oldest first, as the chain of anchors names them."""

    def unfinished(self) -> list[tuple[Workspace, StoredAnchor]]:
        """All anchors that are not finished, whose they may be."""

    def everybodys(
        self, *, anchor_id: str | None = None, tx_hash: str | None = None
    ) -> tuple[Workspace, StoredAnchor] | None:
        """The anchor of this id or of this transaction, whose it may be."""
