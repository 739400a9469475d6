"""`immutable checkpoint` and `immutable proof`: what was signed of a log, and the proof that an event is in it."""

from typing import Annotated

import typer

from immutable.cli.failure import told
from immutable.cli.help_text import help_text
from immutable.cli.listing import read_list
from immutable.cli.options import AsJson, Key, Url, WorkspaceName
from immutable.cli.screen import console, harmless, print_json, table
from immutable.cli.source import open_source
from immutable.errors import ImmutableError
from immutable.integrity.proof import ProofError, check_inclusion

_HELP = """Signed checkpoints: what outsiders can hold a log to.

\b
Examples:
  immutable checkpoint show
  immutable checkpoint list
  immutable checkpoint accept-rollback --reason "Restored, change 512\""""

app = typer.Typer(help=help_text(_HELP), no_args_is_help=True)


@app.command("show")
@told
def show(
    size: Annotated[int | None, typer.Argument(help="Of this many events; without it, the latest.")] = None,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
    workspace: WorkspaceName = None,
) -> None:
    """Print a checkpoint as the signed note that it is, with what witnesses signed of it.

    It exits with 1 where the log does not go on from what was signed, and says why nothing more is signed.

    \b
    Examples:
      immutable checkpoint show > checkpoint.txt
      immutable checkpoint show 81423 --json
    """
    with open_source(url, key, workspace) as source:
        answer = source.get(f"/checkpoints/{size or 'latest'}")
    if as_json:
        print_json(answer)
    else:
        typer.echo(answer["data"]["note"], nl=False)
    if answer.get("halted"):
        typer.echo(f"HALTED: {answer['halted']}", err=True)
        raise typer.Exit(1)


@app.command("list")
@told
def list_checkpoints(
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 25,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
    workspace: WorkspaceName = None,
) -> None:
    """List checkpoints, newest first.

    \b
    Examples:
      immutable checkpoint list
      immutable checkpoint list --limit 200 --json
    """
    found = read_list("/checkpoints", limit, (url, key, workspace), as_json=as_json)
    if as_json:
        return
    made = table("events", "signed", "root", "witnesses", "origin")
    for one in found:
        witnesses = ", ".join(signed["witness"] for signed in one["cosignatures"])
        signed_at = one["created_at"][:19].replace("T", " ")
        made.add_row(
            f"{one['size']:,}", signed_at, one["root_hash"][:16] + "…", harmless(witnesses), harmless(one["origin"])
        )
    console().print(made)


@app.command("accept-rollback")
@told
def accept(
    reason: Annotated[str, typer.Option(help="Why; it is kept in the log.")],
    url: Url = None,
    key: Key = None,
    workspace: WorkspaceName = None,
) -> None:
    """Go on with a log that was set back to an older state, which is otherwise not signed any more.

    What was signed before cannot be continued. So the log goes on under a new origin with a new key, and an event in it tells
    of the decision and of what was known; whoever follows the log needs the new verifier key. A server asks for a key with
    the scope admin.

    \b
    Example:
      immutable checkpoint accept-rollback --reason "Restored, change 512"
    """
    with open_source(url, key, workspace, writes=True) as source:
        made = source.post("/checkpoints/accept-rollback", {"reason": reason})["data"]
    console().print(f"The log goes on as {harmless(made['origin'])}. Its verifier key:")
    typer.echo(made["verifier_key"])


@told
def proof(
    event_id: Annotated[str, typer.Argument(help="The event's id.")],
    size: Annotated[int | None, typer.Option(help="In the checkpoint of this many events.")] = None,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
    workspace: WorkspaceName = None,
) -> None:
    """Prove that an event is in a signed checkpoint, and check the proof.

    With --json it prints the proof, which anyone can check with the event and the verifier key.

    \b
    Examples:
      immutable proof 01a20fd5-b9e0-7235-9ee8-b07deb0f2f24
      immutable proof 01a20fd5-b9e0-7235-9ee8-b07deb0f2f24 --json > proof.json
    """
    with open_source(url, key, workspace) as source:
        answer = source.get(f"/events/{event_id}/proof", {"size": size})
    data = answer["data"]
    leaf, root = bytes.fromhex(data["leaf_hash"]), bytes.fromhex(data["checkpoint"]["root_hash"])
    hashes = [bytes.fromhex(one) for one in data["hashes"]]
    try:
        check_inclusion(leaf, data["leaf_index"], data["checkpoint"]["size"], hashes, root)
    except ProofError as error:
        raise ImmutableError(f"The proof is wrong: {error}") from error
    if as_json:
        print_json(answer)
        return
    checkpoint = data["checkpoint"]
    console().print(
        f"Event {data['sequence']:,} is in the checkpoint of {checkpoint['size']:,} events, signed "
        f"{checkpoint['created_at'][:19].replace('T', ' ')} UTC: {len(data['hashes'])} hashes lead to its root."
    )
    typer.echo(checkpoint["note"], nl=False)
