"""Keys and holds as rows of the catalogue: the same columns on every engine, which differ only in how they are asked."""

from collections.abc import Sequence
from typing import Any

import msgspec

from immutable.model.hold import HeldEvents, Hold
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


HOLDS = "SELECT id, wanted, reason, created_at, released_at FROM holds"
_decode_held = msgspec.json.Decoder(HeldEvents).decode


def encode_held(events: HeldEvents) -> str:
    """The conditions of a hold as its row has them."""
    return msgspec.json.encode(events).decode()


def hold_of(row: Sequence[Any]) -> Hold:
    """The hold in a row of HOLDS."""
    identifier, wanted, reason, created_at, released_at = row
    return Hold(identifier, _decode_held(wanted), reason, created_at, released_at)
