"""`immutable hold`: what must not be forgotten, whatever the rules say."""

import sys
from typing import Annotated

import typer

from immutable.cli.failure import told
from immutable.cli.help_text import help_text
from immutable.cli.options import AsJson, Key, Since, Until, Url, WorkspaceName
from immutable.cli.screen import console, harmless, print_json, table
from immutable.cli.source import Json, open_source

_HELP = """Legal holds: events that are neither erased nor pruned until the hold is released.

\b
Examples:
  immutable hold place --actor user_4f2a8c --reason "Case 7"
  immutable hold list
  immutable hold release hold_0f3a9c2b7d1e5a64 --reason "Case 7 is settled\""""

app = typer.Typer(help=help_text(_HELP), no_args_is_help=True)

Reason = Annotated[str, typer.Option(help="Why; it is kept in the log.")]


@app.command("place")
@told
def place(
    reason: Reason,
    actor: Annotated[str | None, typer.Option(help="Events of this actor's id.")] = None,
    session: Annotated[str | None, typer.Option(help="Events of this session.")] = None,
    tenant: Annotated[str | None, typer.Option(help="Events of this tenant's id.")] = None,
    resource_type: Annotated[str | None, typer.Option(help="Events on resources of this type.")] = None,
    resource_id: Annotated[
        str | None, typer.Option(help="With the type: what touched this resource, as its resource or as a target.")
    ] = None,
    since: Since = None,
    until: Until = None,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
    workspace: WorkspaceName = None,
) -> None:
    """Hold the events that meet all conditions, those to come too; the log says so.

    \b
    Examples:
      immutable hold place --actor user_4f2a8c --reason "Case 7"
      immutable hold place --session sess_a8f3c2d1 --reason "Case 7"
      immutable hold place --resource-type document --resource-id d1 --reason X
      immutable hold place --from 2026-03-01 --to 2026-03-31 --reason Audit
    """
    body = {
        "reason": reason,
        "actor_id": actor,
        "session_id": session,
        "tenant_id": tenant,
        "resource_type": resource_type,
        "resource_id": resource_id,
        "from": since,
        "to": until,
    }
    with open_source(url, key, workspace, writes=True) as source:
        placed = source.post("/holds", body)
        is_known = actor is None or source.get("/events", {"actor_id": actor, "limit": 1})["pagination"]["total"] > 0
    if as_json:
        print_json(placed)
    else:
        console().print(f"{placed['data']['id']} holds {_events_of(placed['data'])}.")
    if not is_known:
        console(sys.stderr).print("No event has this actor's id yet: only those to come are held. A name is not an id.")


@app.command("list")
@told
def list_holds(as_json: AsJson = False, url: Url = None, key: Key = None, workspace: WorkspaceName = None) -> None:
    """List all holds, oldest first, released ones too.

    \b
    Examples:
      immutable hold list
      immutable hold list --json
    """
    with open_source(url, key, workspace) as source:
        answer = source.get("/holds")
    if as_json:
        print_json(answer)
        return
    made = table("id", "events", "reason", "placed", "released")
    made.columns[0].no_wrap = True
    for hold in answer["data"]:
        made.add_row(
            hold["id"],
            harmless(_events_of(hold)),
            harmless(hold["reason"]),
            _time(hold["created_at"]),
            _time(hold["released_at"]),
        )
    console().print(made)


@app.command("release")
@told
def release(
    hold_id: Annotated[str, typer.Argument(help="The hold's id, from `immutable hold list`.")],
    reason: Reason,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
    workspace: WorkspaceName = None,
) -> None:
    """Release a hold for good; the log says so.

    \b
    Example:
      immutable hold release hold_0f3a9c2b7d1e5a64 --reason "Case 7 is settled"
    """
    with open_source(url, key, workspace, writes=True) as source:
        released = source.post(f"/holds/{hold_id}/release", {"reason": reason})
    if as_json:
        print_json(released)
    else:
        console().print(f"{hold_id} is released.")


def _events_of(hold: Json) -> str:
    """The conditions of a hold, in a line."""
    names = ("actor_id", "session_id", "tenant_id", "resource_type", "resource_id", "from", "to")
    return "events with " + ", ".join(f"{name} {hold[name]}" for name in names if hold[name] is not None)


def _time(text: str | None) -> str:
    return "" if text is None else text[:19].replace("T", " ")
