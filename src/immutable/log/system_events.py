"""Events that the server itself puts into a log: what was done to the log is told by the log.

Their actions begin with `immutable.`, which clients may not use (`api/decode.py` refuses it), so nobody can pretend that
the server did something. They are appended by the same transaction as everything else (`append.py`).
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from immutable import clock
from immutable.log.append import append_batch
from immutable.model.event import EventDraft, Receipt, Target
from immutable.model.workspace import Workspace
from immutable.store.log_store import LogStore

PREFIX = "immutable."
"""What the action of every event of the server's own begins with, and no other action."""


class Responsible(msgspec.Struct, frozen=True):
    """Who had the server do it: an API key, an operator at the command line, or the server by its own rules."""

    id: str
    type: str
    name: str | None = None
    ip_address: str | None = None


SERVER = Responsible("immutable", "system", "Immutable")


def system_event(
    action: str,
    by: Responsible,
    *,
    resource: tuple[str, str | None] | None = None,
    targets: Sequence[Target] = (),
    metadata: dict[str, Any] | None = None,
) -> EventDraft:
    """A draft of the server's own. `action` without the prefix; `resource`: type and id."""
    resource_type, resource_id = resource or (None, None)
    return EventDraft(
        actor_id=by.id,
        actor_type=by.type,
        actor_name=by.name,
        ip_address=by.ip_address,
        action=PREFIX + action,
        action_category="administration",
        resource_type=resource_type,
        resource_id=resource_id,
        targets=tuple(targets),
        metadata=metadata,
    )


def append_system_event(store: LogStore, workspace: Workspace, draft: EventDraft, silence: int) -> Receipt:
    """Append one event of the server's own, durable on return. `silence` in microseconds."""
    with store.append() as transaction:
        transaction.lock_heads([workspace])
        (receipt,) = append_batch(transaction, workspace, [draft], now=clock.now(), silence=silence)
    return receipt
