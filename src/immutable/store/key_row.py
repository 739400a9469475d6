"""A key as a row of the catalogue: the same columns on every engine, which differ only in how they are asked."""

from collections.abc import Sequence
from typing import Any

from immutable.model.workspace import ApiKey, Workspace

KEY_COLUMNS = (
    "k.id, w.number, w.id, w.name, k.name, k.hint, k.scopes, k.created_at, k.last_used_at, k.revoked_at, "
    "w.allowlist "
    "FROM keys k JOIN workspaces w ON w.number = k.workspace_number"
)


def key_of(row: Sequence[Any]) -> ApiKey:
    """The key in a row of KEY_COLUMNS."""
    identifier, number, workspace_id, workspace_name, name, hint, scopes, *times, allowlist = row
    created_at, last_used_at, revoked_at = times
    return ApiKey(
        identifier,
        Workspace(number, workspace_id, workspace_name),
        name,
        hint,
        tuple(scopes.split(",")),
        created_at,
        last_used_at,
        revoked_at,
        tuple(allowlist.split()),
    )
