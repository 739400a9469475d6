"""`immutable signing-keys`: the keys that sign checkpoints."""

from typing import Annotated

import typer

from immutable.cli.failure import told
from immutable.cli.help_text import help_text
from immutable.cli.options import AsJson, Key, Url, WorkspaceName
from immutable.cli.screen import print_json
from immutable.cli.source import open_source

_HELP = """The keys that sign checkpoints; outsiders check signatures with them.

\b
Examples:
  immutable signing-keys list
  immutable signing-keys rotate --reason "Once a year\""""

app = typer.Typer(help=help_text(_HELP), no_args_is_help=True)


@app.command("list")
@told
def list_keys(as_json: AsJson = False, url: Url = None, key: Key = None, workspace: WorkspaceName = None) -> None:
    """List the verifier keys, oldest first, with what each signed. Retired ones still check what they signed.

    \b
    Example:
      immutable signing-keys list
    """
    with open_source(url, key, workspace) as source:
        answer = source.get("/signing-keys")
    if as_json:
        print_json(answer)
        return
    for one in answer["data"]:
        state = f"retired {one['retired_at'][:19]}" if one["retired_at"] else "signs now"
        typer.echo(f"{one['verifier_key']}  since {one['first_size']:,} events, {state}")


@app.command("show")
@told
def show(url: Url = None, key: Key = None, workspace: WorkspaceName = None) -> None:
    """Print the verifier key of the key that signs now, for witnesses and auditors.

    \b
    Example:
      immutable signing-keys show
    """
    with open_source(url, key, workspace) as source:
        keys = source.get("/signing-keys")["data"]
    for one in keys:
        if one["retired_at"] is None:
            typer.echo(one["verifier_key"])


@app.command("rotate")
@told
def rotate(
    reason: Annotated[str, typer.Option(help="Why; it is kept in the log.")],
    url: Url = None,
    key: Key = None,
    workspace: WorkspaceName = None,
) -> None:
    """Make a new key, which signs from the next checkpoint on; the log says so.

    What the old one signed keeps verifying with its public half, which is kept. Give witnesses and auditors the new verifier
    key. A server asks for a key with the scope admin.

    \b
    Example:
      immutable signing-keys rotate --reason "Once a year"
    """
    with open_source(url, key, workspace, writes=True) as source:
        typer.echo(source.post("/signing-keys", {"reason": reason})["data"]["verifier_key"])
