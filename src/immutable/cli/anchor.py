"""`immutable anchor`: checkpoints that somebody outside our control has dated."""

import base64
import time
from pathlib import Path
from typing import Annotated

import typer

from immutable.cli.failure import told
from immutable.cli.help_text import help_text
from immutable.cli.listing import minute, read_list
from immutable.cli.options import AsJson, Key, Url, WorkspaceName
from immutable.cli.screen import console, harmless, print_json, table
from immutable.cli.source import Json, Source, open_source
from immutable.errors import ImmutableError, StartError

_HELP = """Anchors: checkpoints, dated by a time-stamping authority or on an EVM chain.

\b
Examples:
  immutable anchor now
  immutable anchor list
  immutable anchor verify anc_5f0e1a7c2d4b4c3f9a1e6d8b0c7f2a35"""

app = typer.Typer(help=help_text(_HELP), no_args_is_help=True)

_ASK_SECONDS = 0.5


@app.command("now")
@told
def now(
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait until it is confirmed.")] = 60,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
    workspace: WorkspaceName = None,
) -> None:
    """Anchor the latest checkpoint now, and wait until it is confirmed.

    A server asks for a key with the scope admin. Exits with 1 where an anchor failed, or is not confirmed yet; the server
    goes on trying.

    \b
    Examples:
      immutable anchor now
      immutable anchor now --wait 600 --json
    """
    if url is not None:
        with open_source(url, key, workspace) as source:
            anchors = _waited(source, source.post("/anchors", {})["data"], wait)
    else:
        anchors = _anchored_directly(workspace, wait)
    if as_json:
        print_json({"data": anchors})
    else:
        for one in anchors:
            console().print(
                f"{one['id']} {one['status']} on {harmless(one['chain'])}: {one['tx_hash'] or one['error'] or '-'}"
            )
    if any(one["status"] != "confirmed" for one in anchors):
        raise typer.Exit(1)


@app.command("list")
@told
def list_anchors(
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 25,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
    workspace: WorkspaceName = None,
) -> None:
    """List anchors, newest first.

    \b
    Examples:
      immutable anchor list
      immutable anchor list --limit 200 --json
    """
    found = read_list("/anchors", limit, (url, key, workspace), as_json=as_json)
    if as_json:
        return
    made = table("id", "events", "until", "status", "chain", "transaction")
    made.columns[0].no_wrap = True
    for one in found:
        until = minute(one["period_end"])
        shown = "" if one["tx_hash"] is None else one["tx_hash"][:18] + "…"
        made.add_row(
            one["id"],
            f"{one['tree_size']:,}",
            until,
            one["status"],
            harmless(one["chain"]),
            harmless(shown),
        )
    console().print(made)


@app.command("verify")
@told
def verify(
    anchor_id: Annotated[str, typer.Argument(help="The anchor's id, from `immutable anchor list`.")],
    save: Annotated[
        Path | None,
        typer.Option(help="Folder for the stamped text, the checkpoint and the time-stamp, to check without us."),
    ] = None,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
    workspace: WorkspaceName = None,
) -> None:
    """Compute the log's root again, and hold it against what is anchored; exits with 1 where they differ.

    With --save, check the time-stamp by other means: openssl ts -verify -data ID.txt -in ID.tsr -CAfile authority.pem

    \b
    Examples:
      immutable anchor verify anc_5f0e1a7c2d4b4c3f9a1e6d8b0c7f2a35
      immutable anchor verify anc_5f0e1a7c2d4b4c3f9a1e6d8b0c7f2a35 --save .
    """
    with open_source(url, key, workspace) as source:
        answer = source.get(f"/anchors/{anchor_id}/verify")
        if save is not None:
            _save(save, source.get(f"/anchors/{anchor_id}")["data"])
    found = answer["data"]
    if as_json:
        print_json(answer)
    elif found["valid"] and found["chain_valid"]:
        console().print(
            f"VALID: the first {found['tree_size']:,} events are those that were anchored {found['anchored_at'][:19]} UTC, "
            f"in {harmless(found['tx_hash'])}."
        )
    else:
        console().print("NOT VALID")
        for one in found["problems"]:
            console().print("  " + harmless(one))
        if not found["chain_valid"]:
            console().print("  The chain of anchors is broken: one of them does not name the one before it.")
        console().print(f"  anchored {found['expected']}\n  the log  {found['actual'] or 'leads to no root'}")
    if not (found["valid"] and found["chain_valid"]):
        raise typer.Exit(1)


def _waited(source: Source, begun: list[Json], seconds: float) -> list[Json]:
    """The anchors once they are finished, or the time is over."""
    until = time.monotonic() + seconds
    while True:
        anchors = [source.get(f"/anchors/{one['id']}")["data"] for one in begun]
        if all(one["status"] in {"confirmed", "failed"} for one in anchors) or time.monotonic() >= until:
            return anchors
        time.sleep(_ASK_SECONDS)


def _anchored_directly(workspace: str | None, seconds: float) -> list[Json]:
    """Sign and anchor in this process; where a server holds the lease, it does that, and this process waits for it."""
    from immutable import settings as settings_module
    from immutable.cli.database import services_inside
    from immutable.cli.workspaces import chosen

    until = time.monotonic() + seconds
    with services_inside(settings_module.load(), workspace, writes=True) as services:
        inside = chosen(services.store.catalog, workspace)
        while services.integrator.step():
            pass
        while services.anchoring.step():  # one that is under way may be done now
            pass
        begun = services.anchoring.request(inside)
        while True:
            while services.anchoring.step():
                pass
            found = [services.store.anchors.anchor(inside, one.id) or one for one in begun]
            if all(one.status in {"confirmed", "failed"} for one in found) or time.monotonic() >= until:
                break
            time.sleep(_ASK_SECONDS)
    return [
        {"id": one.id, "chain": one.chain, "status": one.status, "tx_hash": one.tx_hash, "error": one.error}
        for one in found
    ]


def _save(folder: Path, anchor: Json) -> None:
    if anchor["time_stamp"] is None:
        if anchor["chain"].startswith("rfc3161:"):
            because = f": {anchor['error']}" if anchor["error"] else "."
            raise ImmutableError(f"This anchor is {anchor['status']}, and has no time-stamp{because}")
        raise ImmutableError("An anchor on a chain has no time-stamp: look for its transaction there.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        note, name = anchor["checkpoint"], anchor["id"]
        (folder / f"{name}.checkpoint").write_bytes(note.encode())
        (folder / f"{name}.txt").write_bytes((note.rpartition("\n\n")[0] + "\n").encode())
        (folder / f"{name}.tsr").write_bytes(base64.b64decode(anchor["time_stamp"]))
    except OSError as error:
        raise StartError(f"{folder} cannot be written: {error}.") from error
