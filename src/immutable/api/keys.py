"""/keys: the workspace's API keys, made and revoked by whoever administers it."""

from typing import Annotated, ClassVar, Literal

import msgspec

from immutable import clock
from immutable.accounts.api_key import create_key
from immutable.api import schemas
from immutable.api.answer import Answer, json_answer
from immutable.api.decode_body import body_as
from immutable.api.endpoint import Call
from immutable.api.event_input import Name
from immutable.api.responsible import act
from immutable.api.sign_in import Nothing
from immutable.errors import NotFound
from immutable.model.workspace import SCOPES, ApiKey

ScopeName = Literal["ingest", "read", "admin"]


class KeyInput(msgspec.Struct, forbid_unknown_fields=True):
    """A label to know the key by, and what it may do."""

    EXAMPLE: ClassVar = {"name": "web shop", "scopes": ["ingest"]}

    name: Name = ""
    scopes: Annotated[tuple[ScopeName, ...], msgspec.Meta(min_length=1, max_length=3)] = ("ingest", "read")


class KeyView(msgspec.Struct):
    """A key. `secret` is told once, when it is made; `hint` is its last four characters."""

    id: str
    name: str
    hint: str
    scopes: list[str]
    created_at: schemas.Time
    last_used_at: schemas.Time | None
    revoked_at: schemas.Time | None
    secret: str | None = None


class KeyAnswer(msgspec.Struct):
    """An API key."""

    data: KeyView


class KeyList(msgspec.Struct):
    """A workspace's API keys, oldest first."""

    data: list[KeyView]


async def list_api_keys(call: Call) -> Answer:
    """The workspace's API keys, revoked ones too; never the keys themselves."""
    keys = await call.services.read(call.services.store.catalog.keys, call.workspace)
    return json_answer(KeyList([_view(one) for one in keys]))


async def post_api_key(call: Call) -> Answer:
    """Make an API key; it is shown only in this answer."""
    given, catalog = body_as(call.body, KeyInput), call.services.store.catalog
    scopes = tuple(one for one in SCOPES if one in given.scopes)
    told = act(call, "key_created", resource=("api_key", None, given.name or None), metadata={"scopes": list(scopes)})
    secret, key = await call.services.work(create_key, catalog, call.workspace, given.name, scopes, told)
    return json_answer(KeyAnswer(_view(key, secret)))


async def post_key_revocation(call: Call) -> Answer:
    """Revoke an API key for good: every request with it is refused from now on."""
    body_as(call.body or b"{}", Nothing)
    services, catalog, key_id = call.services, call.services.store.catalog, call.path["id"]
    told = act(call, "key_revoked", resource=("api_key", key_id, None))
    if not await services.work(catalog.revoke_key, call.workspace, key_id, told):
        raise NotFound("There is no such key in this workspace.")
    keys = await services.read(catalog.keys, call.workspace)
    return json_answer(KeyAnswer(_view(next(one for one in keys if one.id == key_id))))


def _view(key: ApiKey, secret: str | None = None) -> KeyView:
    return KeyView(
        key.id, key.name, key.hint, list(key.scopes), clock.to_text(key.created_at), _time(key.last_used_at),
        _time(key.revoked_at), secret,
    )  # fmt: skip


def _time(at: int | None) -> str | None:
    return None if at is None else clock.to_text(at)
