"""The options by which several commands choose events, each defined once, and what the API calls them."""

from collections.abc import Mapping
from typing import Annotated

import typer

from immutable.cli.options import Since, Until

Actor = Annotated[str | None, typer.Option(help="Events of this actor's id.")]
Action = Annotated[str | None, typer.Option(help="This action, or 'document.*' for all of a kind.")]
Resource = Annotated[str | None, typer.Option(help="Events on resources of this type.")]
ResourceId = Annotated[str | None, typer.Option(help="Events on the resource of this id.")]
Tenant = Annotated[str | None, typer.Option(help="Events of this tenant's id.")]
Session = Annotated[str | None, typer.Option(help="Events of this session.")]
TargetType = Annotated[str | None, typer.Option(help="Events with a target of this type.")]
TargetId = Annotated[str | None, typer.Option(help="Events with the target of this id.")]
Search = Annotated[str | None, typer.Option(help="Events with this text in their names, action or metadata.")]

__all__ = [
    "Action", "Actor", "Resource", "ResourceId", "Search", "Session", "Since", "TargetId", "TargetType", "Tenant", "Until",
    "chosen_events",
]  # fmt: skip

_NAMES = {
    "actor": "actor_id", "action": "action", "resource": "resource", "resource_id": "resource_id", "tenant": "tenant_id",
    "session": "session_id", "target_type": "target_type", "target_id": "target_id", "search": "search",
    "since": "from", "until": "to",
}  # fmt: skip


def chosen_events(given: Mapping[str, object]) -> dict[str, str | int | None]:
    """The filters as the API names them, out of a command's own arguments: `locals()`, before anything else is in it."""
    return {_NAMES[name]: str(value) for name, value in given.items() if name in _NAMES and value is not None}
