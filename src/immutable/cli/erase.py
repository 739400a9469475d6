"""`immutable erase`: forget the details of events, on the record."""

from typing import Annotated

import typer

from immutable.cli.described import counted
from immutable.cli.event_filters import (
    Action,
    Actor,
    Resource,
    ResourceId,
    Session,
    Since,
    TargetId,
    TargetType,
    Tenant,
    Until,
    chosen_events,
)
from immutable.cli.failure import told
from immutable.cli.options import AsJson, Key, Url, WorkspaceName
from immutable.cli.screen import console, event_progress, print_json
from immutable.cli.source import Json, Source, open_source
from immutable.errors import StartError


@told
def erase(
    reason: Annotated[str, typer.Option(help="Why; it is kept in the log.")],
    actor: Actor = None,
    action: Action = None,
    resource: Resource = None,
    resource_id: ResourceId = None,
    tenant: Tenant = None,
    session: Session = None,
    target_type: TargetType = None,
    target_id: TargetId = None,
    since: Since = None,
    until: Until = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask: erase.")] = False,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
    workspace: WorkspaceName = None,
) -> None:
    """Erase the details of events for good: names, metadata, changes, address, city, device (GDPR Art. 17).

    The events stay, with their hashes and proofs: who did what, when, on which resource. An event in the log says what was
    erased, by whom and why, and `immutable verify` goes on passing. Events under a hold are passed over. All conditions must
    be met together. A server asks for a key with the scope admin.

    \b
    Examples:
      immutable erase --actor user_4f2a8c --reason "Ticket 5120"
      immutable erase --session sess_a8f3c2d1 --reason "Sent by mistake" --yes
      immutable erase --actor user_4f2a8c --to 2024-12-31 --reason "Too old"
    """
    wanted = chosen_events(locals())
    if not wanted:
        raise StartError("Say which events are meant: --actor, --session, --resource-id and so on.")
    with open_source(url, key, workspace, writes=True) as source:
        total = source.get("/events", {**wanted, "limit": 1})["pagination"]["total"]
        if not yes:
            typer.confirm(f"Erase the details of {counted(total, 'event')} for good?", abort=True, err=True)
        done = erase_all(source, wanted, reason, total)
    if as_json:
        print_json({"data": done})
        return
    out = console()
    out.print(f"The details of {counted(done['erased'], 'event')} are erased; the log says so.")
    if done["held"]:
        out.print(f"{counted(done['held'], 'event')} under a hold kept their details: `immutable hold list`.")


def erase_all(source: Source, wanted: Json, reason: str, total: int) -> Json:
    """Erase page after page, with progress; what came of all of them."""
    done: Json = {"erased": 0, "held": 0, "erasures": [], "last_sequence": 0}
    with event_progress() as bar:
        task = bar.add_task("Erasing", total=total)
        while True:
            body = {**wanted, "reason": reason, "after_sequence": done["last_sequence"]}
            answer = source.post("/erasures", body)["data"]
            done["erased"] += answer["erased"]
            done["held"] += answer["held"]
            done["erasures"] += answer["erasures"]
            done["last_sequence"] = answer["last_sequence"]
            bar.update(task, completed=min(done["erased"] + done["held"], total))
            if answer["is_complete"]:
                bar.update(task, completed=total)
                return done
