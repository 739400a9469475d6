"""What an engine promises about all that may change: workspaces, keys, holds. Never about events."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from immutable.model.act import Act
from immutable.model.hold import Hold
from immutable.model.retention import Retention
from immutable.model.workspace import ApiKey, Scope, Spending, Workspace
from immutable.store.acts import WaitingActs
from immutable.store.displays import Displays
from immutable.store.investigations import Investigations
from immutable.store.members import Members
from immutable.store.sign_ins import SignIns


class Catalog(Protocol):
    """Workspaces, keys and holds. Changes are durable on return and seen by every process at once.

    An act given with a change is kept by the same transaction, on its way into the administrative log.
    """

    members: Members
    sign_ins: SignIns
    acts: WaitingActs
    investigations: Investigations
    displays: Displays

    def workspaces(self) -> list[Workspace]:
        """All workspaces, by name."""

    def workspace(self, name: str) -> Workspace | None:
        """The workspace of this name."""

    def create_workspace(self, name: str, act: Act | None = None) -> Workspace:
        """The workspace of this name, made if it is new; the act is told of its id."""

    def put_workspace(self, workspace_id: str, name: str, act: Act | None = None) -> Workspace:
        """The workspace of this name, made with this id if it is new: a copy of another store's."""

    def allowlist(self, workspace: Workspace) -> tuple[str, ...]:
        """The addresses and ranges from which the workspace's keys may be used; empty allows all."""

    def set_allowlist(self, workspace: Workspace, allowlist: Sequence[str], act: Act | None = None) -> None:
        """Allow these addresses and ranges, and no others; none allows all."""

    def add_key(
        self,
        workspace: Workspace,
        *,
        name: str,
        digest: bytes,
        hint: str,
        scopes: tuple[Scope, ...],
        act: Act | None = None,
    ) -> ApiKey:
        """Store a key by the digest of its secret; the act is told of its id."""

    def key(self, digest: bytes) -> ApiKey | None:
        """The key with this digest, revoked or not."""

    def keys(self, workspace: Workspace) -> list[ApiKey]:
        """A workspace's keys, oldest first."""

    def key_digests(self, workspace: Workspace) -> list[tuple[ApiKey, bytes]]:
        """A workspace's keys with the digests of their secrets, to copy them into another store."""

    def put_key(self, workspace: Workspace, key: ApiKey, digest: bytes) -> None:
        """Store a copy of another store's key, or bring the copy up to date; one that is revoked here stays so."""

    def revoke_key(self, workspace: Workspace, key_id: str, act: Act | None = None) -> bool:
        """Revoke a key for good; False where the workspace has none of this id."""

    def put_hold(self, workspace: Workspace, hold: Hold) -> None:
        """Store a hold, or release the stored one where this copy of it is released."""

    def holds(self, workspace: Workspace) -> list[Hold]:
        """A workspace's holds, oldest first, released ones too."""

    def release_hold(self, workspace: Workspace, hold_id: str, at: int) -> bool:
        """Release a hold for good; False where the workspace has none of this id that still holds."""

    def retention(self, workspace: Workspace) -> Retention | None:
        """How long a workspace keeps its events; None where it keeps all."""

    def set_retention(self, workspace: Workspace, retention: Retention | None, act: Act | None = None) -> None:
        """Change how long a workspace keeps its events."""

    def note_key_uses(self, uses: dict[str, int]) -> None:
        """Record when keys were last used: key id to microseconds."""

    def spend(self, spendings: Sequence[Spending]) -> Mapping[tuple[int, str], float]:
        """Take tokens from buckets that all processes share; by workspace and name what is left, below zero where in debt.

        Empty where no other process can be there to share with.
        """

    def forget_spendings(self) -> None:
        """Forget the buckets that are full, as every bucket is when it is new."""

    def generation(self) -> int:
        """A number that changes whenever a key or workspace does; cheap enough to ask for at every request."""

    def first_number(self, name: str, value: int | None) -> int | None:
        """The number first stored under this name; `value` is stored where there is none yet and it is not None."""

    def note(self, name: str) -> bytes | None:
        """What was last noted under this name."""

    def put_note(self, name: str, content: bytes) -> None:
        """Note this under a name, instead of what was noted before."""

    def secret(self, name: str) -> bytes:
        """32 random bytes under this name, made on first use and kept."""

    def close(self) -> None:
        """Let go of connections and threads."""
