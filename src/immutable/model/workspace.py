"""What the catalogue holds: workspaces and their keys."""

from typing import Literal

import msgspec

Scope = Literal["ingest", "read", "admin", "owner"]
SCOPES: tuple[Scope, ...] = ("ingest", "read", "admin")
"""What a key may have; `owner` is for members alone (`accounts/roles.py`)."""

ADMINISTRATION = "immutable.administration"
"""The name of the workspace that holds the administrative log: nobody writes into it but the server."""


class Workspace(msgspec.Struct, frozen=True):
    """One customer's log, keys and people. `number` is the store's own short name for it; `id` is in every record."""

    number: int
    id: str
    name: str

    @property
    def is_administration(self) -> bool:
        """Whether it holds the administrative log."""
        return self.name == ADMINISTRATION


class ApiKey(msgspec.Struct, frozen=True):
    """A key without its secret. `hint` is its last four characters; times are microseconds since 1970."""

    id: str
    workspace: Workspace
    name: str
    hint: str
    scopes: tuple[Scope, ...]
    created_at: int
    last_used_at: int | None
    revoked_at: int | None
    allowlist: tuple[str, ...] = ()
    """The addresses and ranges from which its workspace may be used; empty allows all."""


class Spending(msgspec.Struct, frozen=True):
    """Tokens taken from a bucket that all processes share: so many a second flow in, up to the capacity."""

    workspace_number: int
    name: str
    amount: float
    per_second: float
    capacity: float


def may(workspace: Workspace, scopes: tuple[Scope, ...], wanted: Scope) -> bool:
    """Whether who has these scopes in the workspace may do what asks for another one."""
    if wanted == "ingest" and workspace.name == ADMINISTRATION:
        return False
    return wanted in scopes or ("admin" in scopes and wanted != "owner")


def held_in(workspace: Workspace, scopes: tuple[Scope, ...]) -> list[str]:
    """All of a key's scopes that these come to in the workspace."""
    return [one for one in SCOPES if may(workspace, scopes, one)]
