"""`immutable evidence share`, `links` and `revoke`: show one case to somebody who has no key, for a while."""

from typing import Annotated

import typer

from immutable.cli.event_filters import (
    Action,
    Actor,
    Resource,
    ResourceId,
    Search,
    Session,
    Since,
    TargetId,
    TargetType,
    Tenant,
    Until,
    chosen_events,
)
from immutable.cli.failure import told
from immutable.cli.help_text import help_text
from immutable.cli.listing import minute, read_list
from immutable.cli.options import AsJson, Key, Url, Withhold, WorkspaceName
from immutable.cli.screen import console, harmless, print_json, table
from immutable.cli.source import Json, open_source
from immutable.errors import StartError

_HELP = """Make a link that shows one case without a key: a page to read, and the pack.

The log tells that it was made, each opening, and that it was revoked. A server asks for a key with the scope admin.

\b
Examples:
  immutable evidence share session sess_a8f3c2d1
  immutable evidence share resource document doc_8f3a2c1d --ttl 86400"""

app = typer.Typer(help=help_text(_HELP), no_args_is_help=True)

Ttl = Annotated[int, typer.Option(min=60, max=30 * 86_400, metavar="SECONDS", help="How long the link works.")]
_Where = tuple[str | None, str | None, str | None]
_WEEK = 7 * 86_400


@app.command("session")
@told
def session(
    session_id: Annotated[str, typer.Argument(metavar="ID", help="The session's id.")],
    ttl: Ttl = _WEEK,
    withhold: Withhold = None,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
    workspace: WorkspaceName = None,
) -> None:
    """Share a session.

    \b
    Examples:
      immutable evidence share session sess_a8f3c2d1
      immutable evidence share session sess_a8f3c2d1 --withhold all --ttl 3600
    """
    share_case({"session_id": session_id, "ttl": ttl, "withhold": withhold}, (url, key, workspace), as_json=as_json)


@app.command("resource")
@told
def resource(
    kind: Annotated[str, typer.Argument(metavar="TYPE", help="The resource's type, such as document.")],
    identifier: Annotated[str, typer.Argument(metavar="ID", help="The resource's id.")],
    ttl: Ttl = _WEEK,
    withhold: Withhold = None,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
    workspace: WorkspaceName = None,
) -> None:
    """Share all that happened to one resource, across sessions.

    \b
    Example:
      immutable evidence share resource document doc_8f3a2c1d
    """
    named = {"type": kind, "id": identifier}
    share_case({"resource": named, "ttl": ttl, "withhold": withhold}, (url, key, workspace), as_json=as_json)


@app.command("events")
@told
def events(
    actor: Actor = None,
    action: Action = None,
    resource: Resource = None,
    resource_id: ResourceId = None,
    tenant: Tenant = None,
    session: Session = None,
    target_type: TargetType = None,
    target_id: TargetId = None,
    search: Search = None,
    since: Since = None,
    until: Until = None,
    ttl: Ttl = _WEEK,
    withhold: Withhold = None,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
    workspace: WorkspaceName = None,
) -> None:
    """Share the events that meet all filters.

    \b
    Example:
      immutable evidence share events --actor user_4f2a8c --from 2026-03-27
    """
    wanted = chosen_events(locals())
    if not wanted:
        raise StartError("Say which events are shared: --actor, --session, --resource-id and so on.")
    share_case({"filters": wanted, "ttl": ttl, "withhold": withhold}, (url, key, workspace), as_json=as_json)


@told
def links(
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 25,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
    workspace: WorkspaceName = None,
) -> None:
    """List share links, newest first. The links themselves are kept nowhere.

    \b
    Examples:
      immutable evidence links
      immutable evidence links --limit 200 --json
    """
    found = read_list("/evidence/links", limit, (url, key, workspace), as_json=as_json)
    if as_json:
        return
    made = table("id", "made", "until", "by", "shows")
    for one in found:
        until = "revoked" if one["is_revoked"] else minute(one["expires_at"])
        made.add_row(one["id"], minute(one["created_at"]), until, harmless(one["created_by"]), harmless(one["asked"]))
    console().print(made)


@told
def revoke(
    link_id: Annotated[str, typer.Argument(metavar="ID", help="The link's id, from `immutable evidence links`.")],
    reason: Annotated[str, typer.Option(help="Why; it is kept in the log.")],
    url: Url = None,
    key: Key = None,
    workspace: WorkspaceName = None,
) -> None:
    """Take a share link back: it shows nothing from now on.

    \b
    Example:
      immutable evidence revoke 5f0e1a7c2d4b4c3f9a1e6d8b --reason "Wrong address"
    """
    with open_source(url, key, workspace, writes=True) as source:
        source.post(f"/evidence/links/{link_id}/revoke", {"reason": reason})
    console().print(f"The link {harmless(link_id)} shows nothing any more.")


def share_case(body: Json, where: _Where, *, as_json: bool) -> None:
    """Make a link to what the body names, and print it. `where`: url, key and workspace."""
    with open_source(*where, writes=True) as source:
        answer = source.post("/evidence/links", body)
    if as_json:
        print_json(answer)
        return
    made, out = answer["data"], console()
    server = "your server's address, and then " if where[0] is None else ""
    address = (where[0] or "").rstrip("/").removesuffix("/api/v1") + made["path"]
    out.print(f"Whoever has this link sees {harmless(made['asked'])}, until {minute(made['expires_at'])} UTC: {server}")
    typer.echo(address)
    out.print(f"It is told this once. Take it back: immutable evidence revoke {made['id']} --reason ...")
