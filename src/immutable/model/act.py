"""An administrative act: what somebody did to the installation, as the administrative log will tell it (`accounts/acts.py`)."""

from typing import Any

import msgspec


class Act(msgspec.Struct, frozen=True, omit_defaults=True):
    """One act. `action` without the prefix of the server's own events; `at` in microseconds since 1970."""

    id: str
    at: int
    action: str
    actor_id: str
    actor_type: str
    actor_name: str | None = None
    address: str | None = None
    user_agent: str | None = None
    session_id: str | None = None
    workspace_id: str | None = None
    """The workspace that it is about; the event's tenant."""
    resource_type: str | None = None
    resource_id: str | None = None
    resource_name: str | None = None
    metadata: dict[str, Any] | None = None

    def about(self, made_id: str) -> "Act":
        """The same of a thing whose id was not known before it was made."""
        workspace_id = made_id if self.resource_type == "workspace" else self.workspace_id
        return msgspec.structs.replace(self, resource_id=made_id, workspace_id=workspace_id)
