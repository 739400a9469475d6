"""`immutable keys`: make, list and revoke API keys, directly on the database, also while a server runs on it."""

import sys
from contextlib import closing
from typing import Annotated

import typer

from immutable import clock, settings
from immutable.accounts.acts import act_of
from immutable.accounts.api_key import create_key
from immutable.cli.failure import told
from immutable.cli.help_text import help_text
from immutable.cli.operator import operator
from immutable.cli.screen import console, harmless, table
from immutable.cli.workspaces import named
from immutable.errors import NotFound, StartError
from immutable.model.workspace import SCOPES, Scope
from immutable.store.catalog import Catalog
from immutable.store.open import open_catalog

_HELP = """API keys: make, list, revoke.

\b
Examples:
  immutable keys create --workspace production
  immutable keys list
  immutable keys revoke key_0f3a9c2b7d1e5a64 --workspace production"""

app = typer.Typer(help=help_text(_HELP), no_args_is_help=True)

WorkspaceName = Annotated[str, typer.Option("--workspace", "-w", help="The workspace's name.")]


@app.command("create")
@told
def create(
    workspace: WorkspaceName,
    name: Annotated[str, typer.Option(help="A label, to know the key by.")] = "",
    scope: Annotated[
        list[str] | None, typer.Option(help="ingest, read or admin; may be given again. Default: ingest and read.")
    ] = None,
) -> None:
    """Make a key, and its workspace if that is new; prints the key alone. It is shown only this once.

    \b
    Examples:
      immutable keys create --workspace production
      immutable keys create --workspace production --name web --scope ingest
      export IMMUTABLE_API_KEY=$(immutable keys create --workspace production)
    """
    if not 1 <= len(workspace) <= 255 or not workspace.isprintable():
        raise StartError("A workspace's name has 1 to 255 printable characters.")
    scopes = _scopes(scope or ["ingest", "read"])
    with _catalog() as catalog:
        found = catalog.workspace(workspace)
        if found is None:
            told = act_of("workspace_created", operator(), resource=("workspace", None, workspace))
            found = catalog.create_workspace(workspace, told)
        told = act_of(
            "key_created", operator(), workspace=found, resource=("api_key", None, name[:255] or None),
            metadata={"scopes": list(scopes)},
        )  # fmt: skip
        secret, _ = create_key(catalog, found, name[:255], scopes, told)
    sys.stdout.write(secret + "\n")


@app.command("list")
@told
def list_keys(
    workspace: Annotated[str | None, typer.Option("--workspace", "-w", help="Only this workspace.")] = None,
) -> None:
    """List keys: label, scopes, last use; never the keys themselves.

    \b
    Example:
      immutable keys list --workspace production
    """
    made = table("id", "workspace", "name", "ends in", "scopes", "created", "last used", "revoked")
    made.columns[0].no_wrap = True
    with _catalog() as catalog:
        for one in [named(catalog, workspace)] if workspace else catalog.workspaces():
            for key in catalog.keys(one):
                made.add_row(
                    key.id,
                    harmless(one.name),
                    harmless(key.name),
                    key.hint,
                    ", ".join(key.scopes),
                    *map(_time, (key.created_at, key.last_used_at, key.revoked_at)),
                )
    console().print(made)


@app.command("revoke")
@told
def revoke(
    key_id: Annotated[str, typer.Argument(help="The key's id, from `immutable keys list`.")],
    workspace: WorkspaceName,
) -> None:
    """Revoke a key: from now on, every request with it is refused.

    \b
    Example:
      immutable keys revoke key_0f3a9c2b7d1e5a64 --workspace production
    """
    with _catalog() as catalog:
        found = named(catalog, workspace)
        told = act_of("key_revoked", operator(), workspace=found, resource=("api_key", key_id, None))
        is_known = catalog.revoke_key(found, key_id, told)
    if not is_known:
        raise NotFound(f"Workspace {workspace} has no key {key_id}; `immutable keys list` shows them.")
    console().print(f"{key_id} is revoked.")


def _catalog() -> closing[Catalog]:
    return closing(open_catalog(settings.load().database_url))


def _scopes(texts: list[str]) -> tuple[Scope, ...]:
    unknown = [text for text in texts if text not in SCOPES]
    if unknown:
        raise StartError(f"There is no scope {unknown[0]!r}; there are: {', '.join(SCOPES)}.")
    return tuple(scope for scope in SCOPES if scope in texts)


def _time(at: int | None) -> str:
    return "" if at is None else clock.to_text(at)[:19].replace("T", " ")
