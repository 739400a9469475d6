"""`immutable workspaces`: list them, say from which addresses they may be used (directly on the database), how they are shown."""

from contextlib import closing
from typing import Annotated

import typer

from immutable import settings
from immutable.accounts.acts import act_of
from immutable.cli import workspace_display
from immutable.cli.failure import told
from immutable.cli.help_text import help_text
from immutable.cli.operator import operator
from immutable.cli.screen import console, harmless, table
from immutable.cli.workspaces import named
from immutable.errors import NotFound, StartError
from immutable.model.act import Act
from immutable.model.network import network_of
from immutable.model.workspace import Workspace
from immutable.store.catalog import Catalog
from immutable.store.open import open_catalog, open_store

_HELP = """Workspaces: list them, say from where they may be used and how their logs are shown.

\b
Examples:
  immutable workspaces list
  immutable workspaces allow -w production 203.0.113.7 10.0.0.0/8
  immutable workspaces disallow -w production 203.0.113.7
  immutable workspaces publish -w production
  immutable workspaces destructive -w production --add "plan.cancelled"
  immutable workspaces links --ticket "https://tickets.example/{ticket}\""""

app = typer.Typer(help=help_text(_HELP), no_args_is_help=True)
app.command("destructive")(workspace_display.destructive)
app.command("links")(workspace_display.links)

WorkspaceName = Annotated[str, typer.Option("--workspace", "-w", help="The workspace's name.")]
Ranges = Annotated[list[str], typer.Argument(metavar="ADDRESS...", help="Addresses and CIDR ranges, IPv4 or IPv6.")]


@app.command("list")
@told
def list_workspaces() -> None:
    """List workspaces, and the addresses from which each may be used.

    \b
    Example:
      immutable workspaces list
    """
    made = table("id", "workspace", "may be used from")
    made.columns[0].no_wrap = True
    with _catalog() as catalog:
        for one in catalog.workspaces():
            made.add_row(one.id, harmless(one.name), ", ".join(catalog.allowlist(one)) or "anywhere")
    console().print(made)


@app.command("allow")
@told
def allow(workspace: WorkspaceName, addresses: Ranges) -> None:
    """Allow addresses; with the first one, all that are not named are refused (403), whatever the key.

    It holds from the next request on, in every server process. Servers see the address behind the proxies named in
    IMMUTABLE_TRUSTED_PROXIES. This command works on the database, so it cannot lock you out for good.

    \b
    Examples:
      immutable workspaces allow -w production 203.0.113.7
      immutable workspaces allow -w production 10.0.0.0/8 2001:db8::/32
    """
    wanted = _ranges(addresses)
    with _catalog() as catalog:
        found = named(catalog, workspace)
        kept = catalog.allowlist(found)
        new = [*kept, *(one for one in wanted if one not in kept)]
        catalog.set_allowlist(found, new, _changed(found, "allowlist", list(kept), new))
        _tell(catalog, workspace)


@app.command("disallow")
@told
def disallow(
    workspace: WorkspaceName,
    addresses: Annotated[list[str] | None, typer.Argument(metavar="ADDRESS...", help="As they were allowed.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Empty the list: it may be used from anywhere.")] = False,
) -> None:
    """Take addresses off the list; the last one leaves it empty, and an empty list allows all.

    \b
    Examples:
      immutable workspaces disallow -w production 203.0.113.7
      immutable workspaces disallow -w production --all
    """
    if everything == bool(addresses):
        raise StartError("Name the addresses to take off the list, or say --all.")
    gone = _ranges(addresses or [])
    with _catalog() as catalog:
        found = named(catalog, workspace)
        kept = catalog.allowlist(found)
        missing = [one for one in gone if one not in kept]
        if missing:
            raise NotFound(f"{missing[0]} is not on the list of {workspace}; `immutable workspaces list` shows it.")
        new = [] if everything else [one for one in kept if one not in gone]
        catalog.set_allowlist(found, new, _changed(found, "allowlist", list(kept), new))
        _tell(catalog, workspace)


@app.command("publish")
@told
def publish(workspace: WorkspaceName) -> None:
    """Let everybody read the workspace's tree and checkpoints at /log/ID/, without a key: hashes, no events.

    \b
    Example:
      immutable workspaces publish -w production
    """
    _publish(workspace, published=True)


@app.command("unpublish")
@told
def unpublish(workspace: WorkspaceName) -> None:
    """Show the tree to nobody any more; what others have copied stays theirs.

    \b
    Example:
      immutable workspaces unpublish -w production
    """
    _publish(workspace, published=False)


def _publish(name: str, *, published: bool) -> None:
    with closing(open_store(settings.load().database_url, builds_index=False)) as store:
        workspace = named(store.catalog, name)
        store.proofs.set_published(workspace, published)
        store.catalog.acts.add(_changed(workspace, "published", not published, published))
    path = f"/log/{workspace.id}/"
    console().print(f"{path} is everybody's to read." if published else f"{path} shows nothing.")


def _changed(workspace: Workspace, setting: str, old: object, new: object) -> Act:
    return act_of(
        "workspace_changed", operator(), workspace=workspace, resource=("workspace", workspace.id, workspace.name),
        metadata={"setting": setting, "old": old, "new": new},
    )  # fmt: skip


def _tell(catalog: Catalog, workspace: str) -> None:
    allowlist = catalog.allowlist(named(catalog, workspace))
    console().print(f"{harmless(workspace)} may be used from {', '.join(allowlist) or 'anywhere'}.")


def _ranges(texts: list[str]) -> list[str]:
    """The ranges as they are kept; an address alone without its length."""
    found = []
    for text in texts:
        try:
            network = network_of(text)
        except ValueError as error:
            raise StartError(f"{text!r} is no address or CIDR range: {error}.") from None
        found.append(str(network.network_address if network.prefixlen == network.max_prefixlen else network))
    return list(dict.fromkeys(found))


def _catalog() -> closing[Catalog]:
    return closing(open_catalog(settings.load().database_url))
