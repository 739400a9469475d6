"""What the catalogue holds: workspaces and their keys."""

from typing import Literal

import msgspec

Scope = Literal["ingest", "read", "admin"]
SCOPES: tuple[Scope, ...] = ("ingest", "read", "admin")


class Workspace(msgspec.Struct, frozen=True):
    """One customer's log, keys and people. `number` is the store's own short name for it; `id` is in every record."""

    number: int
    id: str
    name: str


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
