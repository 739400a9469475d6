"""Events that the server itself puts into a log: what was done to the log is told by the log.

Their actions begin with `immutable.`, which clients may not use (`api/decode.py` refuses it), so nobody can pretend that
the server did something. They are appended by the same transaction as everything else (`append.py`).
"""

import os
from collections.abc import Sequence
from typing import Any

import msgspec

from immutable import clock
from immutable.log.append import append_batch
from immutable.model.act import Act
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
    user_agent: str | None = None


_ANSWERABLE = {"api_key", "member", "operator"}
"""Kinds of actors whose acts are administrative: not the server by its own rules, nor who opens a share link."""

SERVER = Responsible("immutable", "system", "Immutable")


def system_event(
    action: str,
    by: Responsible,
    *,
    resource: tuple[str, str | None] | None = None,
    targets: Sequence[Target] = (),
    metadata: dict[str, Any] | None = None,
    once: str | None = None,
) -> EventDraft:
    """A draft of the server's own. `action` without the prefix; `resource`: type and id; `once`: its idempotency key."""
    resource_type, resource_id = resource or (None, None)
    return EventDraft(
        actor_id=by.id,
        actor_type=by.type,
        actor_name=by.name,
        ip_address=by.ip_address,
        user_agent=by.user_agent,
        action=PREFIX + action,
        action_category="administration",
        resource_type=resource_type,
        resource_id=resource_id,
        targets=tuple(targets),
        metadata=metadata,
        idempotency_key=once,
    )


def append_system_event(
    store: LogStore, workspace: Workspace, draft: EventDraft, silence: int, *, is_administrative: bool = True
) -> Receipt:
    """Append one event of the server's own, durable on return; what somebody had done, the administrative log tells too.

    `silence` in microseconds. `is_administrative` False: it is everyday work, which only this workspace's log tells.
    """
    with store.append() as transaction:
        transaction.lock_heads([workspace])
        (receipt,) = append_batch(transaction, workspace, [draft], now=clock.now(), silence=silence)
    if is_administrative:
        tell_administration(store, workspace, draft)
    return receipt


def tell_administration(store: LogStore, workspace: Workspace, draft: EventDraft) -> None:
    """Have the administrative log tell what a workspace's own log tells, where it is an administrative act of somebody's."""
    if draft.actor_type not in _ANSWERABLE:
        return
    act = Act(
        id=f"act_{os.urandom(12).hex()}",
        at=clock.now(),
        action=draft.action.removeprefix(PREFIX),
        actor_id=draft.actor_id,
        actor_type=draft.actor_type,
        actor_name=draft.actor_name,
        address=draft.ip_address,
        user_agent=draft.user_agent,
        workspace_id=workspace.id,
        resource_type=draft.resource_type,
        resource_id=draft.resource_id,
        metadata=draft.metadata,
    )
    store.catalog.acts.add(act)
