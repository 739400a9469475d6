"""What each role may do: the one table of it.

A role holds in a workspace. One in the workspace of the administrative log is a role in the installation: its owners are
owners of every workspace and may make new ones, and its other members read what was done.
"""

from collections.abc import Mapping

from immutable.model.member import ROLES, Role
from immutable.model.workspace import ADMINISTRATION, Scope, Workspace

SCOPES_OF: Mapping[Role, tuple[Scope, ...]] = {
    "owner": ("ingest", "read", "admin", "owner"),
    "admin": ("ingest", "read", "admin"),
    "member": ("ingest", "read"),
    "viewer": ("read",),
}
"""`read` sees the log, proofs and evidence; `ingest` appends events; `admin` manages keys, members below owners, erasure, holds
and links; `owner` makes owners, and workspaces."""


def role_in(workspace: Workspace, roles: Mapping[int, Role], administration: Workspace | None) -> Role | None:
    """The role that somebody with these roles has in a workspace."""
    everywhere = None if administration is None else roles.get(administration.number)
    if everywhere == "owner":
        return "owner"
    role = roles.get(workspace.number)
    # Of the administrative log nobody but the installation's owners decides anything.
    return "viewer" if role is not None and workspace.name == ADMINISTRATION else role


def is_at_least(role: Role, other: Role) -> bool:
    """Whether a role may do all that the other may."""
    return ROLES.index(role) <= ROLES.index(other)
