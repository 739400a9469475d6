"""`immutable erase`: forget the details of events, on the record."""

import sys
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
from immutable.cli.screen import console, event_progress, harmless, print_json, styled
from immutable.cli.source import Json, Source, open_source
from immutable.errors import StartError
from immutable.integrity import pruning


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

    What retention archived is erased in the archives too. One that cannot be reached is named, and the command ends with 1:
    run the same again once it can be. An erasure that was interrupted is finished by running it again.

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
        archived = _archived(source)
        if not yes and not _is_confirmed(source.post("/erasures/preview", wanted)["data"], archived):
            raise typer.Exit
        done = erase_all(source, wanted, reason, archived, total)
    if as_json:
        print_json({"data": done})
    else:
        _show(done)
    if done["unreached_archives"]:
        raise typer.Exit(1)


def _is_confirmed(preview: Json, archived: int) -> bool:
    """Ask, and end here where the answer is no; False where nothing could be erased, so that there is nothing to ask."""
    kept = [f"{counted(preview['held'], 'event')} under a hold"] if preview["held"] else []
    kept += [f"{counted(preview['erased'], 'event')} erased before"] if preview["erased"] else []
    if not preview["erasable"] and not archived:
        nothing = f"Nothing to erase: {', '.join(kept)}." if kept else "Nothing to erase: no such event has details."
        console(sys.stderr).print(nothing)
        return False
    also = f", and of those like them among the {counted(archived, 'event')} in archives" if archived else ""
    but = f" Kept as they are: {', '.join(kept)}." if kept else ""
    typer.confirm(
        f"Erase the details of {counted(preview['erasable'], 'event')}{also} for good?{but}", abort=True, err=True
    )
    return True


def _archived(source: Source) -> int:
    """How many events lie in archives: through which one the log was pruned."""
    newest = source.get("/events", {"action": pruning.ACTION, "limit": 1})["data"]
    return int((newest[0]["metadata"] or {}).get("last", 0)) if newest else 0


def _show(done: Json) -> None:
    out = console()
    where = f", {done['erased_in_archives']:,} of them in archives" if done["erased_in_archives"] else ""
    if done["erased"]:
        out.print(f"The details of {counted(done['erased'], 'event')} are erased{where}; the log says so.")
    else:
        out.print("No details were erased.")
    if done["held"]:
        out.print(f"{counted(done['held'], 'event')} under a hold kept their details: `immutable hold list`.")
    failed = console(sys.stderr)
    for one in done["unreached_archives"]:
        events = f"events {one['first_sequence']:,} to {one['last_sequence']:,}"
        failed.print(styled(f"✖ Not reached: the archive {one['archive']} ({events}) at {one['at']}.", "bold red"))
        failed.print(f"  {harmless(one['problem'])} Run the same again once it can be reached.")


def erase_all(source: Source, wanted: Json, reason: str, archived: int, total: int) -> Json:
    """Erase page after page, with progress; what came of all of them."""
    done: Json = {
        "erased": 0, "erased_in_archives": 0, "held": 0, "unreached_archives": [], "erasures": [], "last_sequence": 0
    }  # fmt: skip
    with event_progress() as bar:
        task = bar.add_task("Erasing", total=archived + total)
        while True:
            body = {**wanted, "reason": reason, "after_sequence": done["last_sequence"]}
            answer = source.post("/erasures", body)["data"]
            for name in ("erased", "erased_in_archives", "held", "unreached_archives", "erasures"):
                done[name] += answer[name]
            done["last_sequence"] = answer["last_sequence"]
            in_log = done["erased"] + done["held"] - done["erased_in_archives"]
            bar.update(task, completed=min(done["last_sequence"], archived) + min(in_log, total))
            if answer["is_complete"]:
                bar.update(task, completed=archived + total)
                return done
