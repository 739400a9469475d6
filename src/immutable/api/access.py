"""GET /access: what whoever asks may do, so that a client offers only that. The server judges each request all the same."""

from typing import Annotated

import msgspec

from immutable.api.answer import Answer, json_answer
from immutable.api.endpoint import Call
from immutable.model.workspace import held_in


class Access(msgspec.Struct):
    """Where whoever asks is let in, and to do what."""

    workspace_id: str
    workspace_name: str
    scopes: Annotated[list[str], msgspec.Meta(description="Of ingest, read and admin, those that hold here.")]


class AccessAnswer(msgspec.Struct):
    """What whoever asks may do."""

    data: Access


async def get_access(call: Call) -> Answer:
    """The workspace of the key, or the one in which the member looks, and the scopes that hold in it."""
    held = () if call.key is None else call.key.scopes
    return json_answer(AccessAnswer(Access(call.workspace.id, call.workspace.name, held_in(call.workspace, held))))
