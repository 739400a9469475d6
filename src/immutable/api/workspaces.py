"""POST /workspaces: an owner of the installation makes one. Which there are for a member, `GET /account` says."""

from typing import Annotated, ClassVar

import msgspec

from immutable.accounts.roles import SCOPES_OF
from immutable.api.account import WorkspaceOf
from immutable.api.answer import Answer, json_answer
from immutable.api.decode import invalid
from immutable.api.decode_body import body_as
from immutable.api.endpoint import Call
from immutable.api.responsible import act
from immutable.errors import Conflict, Forbidden
from immutable.model.workspace import ADMINISTRATION, held_in


class WorkspaceInput(msgspec.Struct, forbid_unknown_fields=True):
    """What a new workspace is called."""

    EXAMPLE: ClassVar = {"name": "staging"}

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]


class WorkspaceAnswer(msgspec.Struct):
    """A workspace."""

    data: WorkspaceOf


async def post_workspace(call: Call) -> Answer:
    """Make a workspace; for the owners of the installation, who own it too."""
    given, catalog = body_as(call.body, WorkspaceInput), call.services.store.catalog
    by, name = call.session, given.name.strip()
    assert by is not None  # noqa: S101 - the URL table asks for a session
    if not any(one.is_administration and role == "owner" for one, role in by.workspaces):
        raise Forbidden("Only the owners of the installation make workspaces.")
    if not name or not name.isprintable():
        raise invalid({"name": ["A workspace's name has 1 to 255 printable characters."]})
    is_reserved = name.startswith(ADMINISTRATION.partition(".")[0] + ".")
    if is_reserved or await call.services.read(catalog.workspace, name) is not None:
        raise Conflict("There is such a workspace already, or the name is reserved.")
    told = act(call, "workspace_created", resource=("workspace", None, name))
    made = await call.services.work(catalog.create_workspace, name, told)
    scopes = held_in(made, SCOPES_OF["owner"])
    return json_answer(
        WorkspaceAnswer(WorkspaceOf(made.id, made.name, "owner", is_administration=False, scopes=scopes))
    )
