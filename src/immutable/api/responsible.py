"""Who has the server do something, as the logs are told: the member, the API key, or whoever works directly on the database."""

from typing import TYPE_CHECKING, Any

from immutable.accounts.acts import act_of
from immutable.log.system_events import Responsible
from immutable.model.act import Act
from immutable.model.member import Member

if TYPE_CHECKING:
    from immutable.api.endpoint import Call

_KINDS = {"key_": "api_key", "mem_": "member"}


def responsible(call: "Call") -> Responsible:
    """The key or member that the request came from; only for paths that ask for one."""
    if call.session is not None:
        return as_responsible(call.session.member, call)
    key = call.key
    assert key is not None  # noqa: S101 - the URL table asks for a key
    kind = _KINDS.get(key.id[:4], "operator")
    return Responsible(key.id, kind, key.name or None, call.caller, call.user_agent or None)


def as_responsible(member: Member, call: "Call") -> Responsible:
    """A member who makes this request, as the logs are told of them."""
    return Responsible(member.id, "member", member.name or member.email, call.caller, call.user_agent or None)


def unknown(call: "Call") -> Responsible:
    """Who makes this request and was not recognised."""
    return Responsible("unknown", "visitor", None, call.caller, call.user_agent or None)


def act(
    call: "Call",
    action: str,
    *,
    by: Responsible | None = None,
    resource: tuple[str, str | None, str | None] = ("installation", None, None),
    metadata: dict[str, Any] | None = None,
) -> Act:
    """An administrative act of this request."""
    return act_of(
        action,
        by or responsible(call),
        workspace=call.workspace if call.workspace.number else None,
        resource=resource,
        metadata=metadata,
        session_id=None if call.session is None else call.session.session.id,
    )
