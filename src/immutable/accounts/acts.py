"""The administrative log: every administrative act, as an event of a log of its own, chained, signed and verified like any other.

An act is kept by the transaction that carries it out (`store/acts.py`), whoever does it: this server, another one, or the
command line beside a server. A server then appends it here; its id is the idempotency key, so that a crash between appending
and forgetting tells it once. Why so: docs/decisions/0023-members.md.
"""

import os
from collections.abc import Callable
from typing import Any

from immutable import clock
from immutable.log.append import append_batch
from immutable.log.system_events import PREFIX, Responsible
from immutable.model.act import Act
from immutable.model.event import EventDraft
from immutable.model.workspace import ADMINISTRATION, Workspace
from immutable.store.log_store import LogStore

_MOST = 200


def act_of(
    action: str,
    by: Responsible,
    *,
    workspace: Workspace | None = None,
    resource: tuple[str, str | None, str | None] = ("installation", None, None),
    metadata: dict[str, Any] | None = None,
    session_id: str | None = None,
) -> Act:
    """An act of now. `resource`: type, id (None where it is not known yet) and name."""
    resource_type, resource_id, resource_name = resource
    return Act(
        id=f"act_{os.urandom(12).hex()}",
        at=clock.now(),
        action=action,
        actor_id=by.id,
        actor_type=by.type,
        actor_name=by.name,
        address=by.ip_address,
        user_agent=by.user_agent,
        session_id=session_id,
        workspace_id=None if workspace is None else workspace.id,
        resource_type=resource_type,
        resource_id=resource_id,
        resource_name=resource_name,
        metadata=metadata,
    )


class AdministrativeLog:
    """Appends the acts that wait, in the one process that does."""

    def __init__(self, store: LogStore, silence: int, is_holder: Callable[[], bool]) -> None:
        self._store, self._silence, self._is_holder = store, silence, is_holder

    def step(self) -> bool:
        """Append some of the acts that wait; False where none does, or another process appends them."""
        if not self._is_holder():
            return False
        catalog = self._store.catalog
        acts = catalog.acts.oldest(_MOST)
        if not acts:
            return False
        workspace = catalog.create_workspace(ADMINISTRATION)
        drafts = [_draft(act) for act in acts]
        with self._store.append() as transaction:
            transaction.lock_heads([workspace])
            append_batch(transaction, workspace, drafts, now=clock.now(), silence=self._silence)
        catalog.acts.forget([act.id for act in acts])
        return True


def _draft(act: Act) -> EventDraft:
    return EventDraft(
        actor_id=act.actor_id,
        actor_type=act.actor_type,
        actor_name=act.actor_name,
        action=PREFIX + act.action,
        action_category="administration",
        resource_type=act.resource_type,
        resource_id=act.resource_id,
        resource_name=act.resource_name,
        tenant_id=act.workspace_id,
        session_id=act.session_id,
        occurred_at=act.at,
        ip_address=act.address,
        user_agent=act.user_agent,
        metadata=act.metadata,
        idempotency_key=act.id,
    )
