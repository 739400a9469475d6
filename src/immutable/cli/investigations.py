"""`immutable investigations`: sessions, events and notes gathered under a ticket, and handed over as one case."""

from typing import Annotated
from urllib.parse import quote

import typer

from immutable.cli.described import counted
from immutable.cli.evidence import Output, write_pack
from immutable.cli.failure import told
from immutable.cli.help_text import help_text
from immutable.cli.investigation_text import show_investigation
from immutable.cli.listing import minute
from immutable.cli.moments import zone_of
from immutable.cli.options import AsJson, Key, Url, Withhold, WorkspaceName, Zone
from immutable.cli.screen import console, harmless, print_json, table
from immutable.cli.share import Ttl, share_case
from immutable.cli.source import Json, Source, open_source
from immutable.errors import StartError

_HELP = """Investigations: what is gathered under a ticket. Each change of one is an event of the log.

To change one, a server asks for a key with the scopes read and ingest; to share it, admin.

\b
Examples:
  immutable investigations create 4821 "Where did the report go?"
  immutable investigations add CASE --session sess_a8f3c2d1
  immutable investigations add CASE --note "Lisa emptied the trash."
  immutable investigations evidence CASE --output case-4821.zip"""

app = typer.Typer(help=help_text(_HELP), no_args_is_help=True)

Case = Annotated[str, typer.Argument(metavar="CASE", help="Its id, from `immutable investigations list`.")]
Notes = Annotated[bool, typer.Option("--notes", help="Show its notes and history too.")]
_WEEK = 7 * 86_400
_MOST_OF_RESOURCE = 200
"""As many as an investigation holds."""


@app.command("list")
@told
def list_investigations(
    closed: Annotated[
        bool | None, typer.Option("--closed/--open", help="Only those that are closed, or only those that are open.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 25,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
    workspace: WorkspaceName = None,
) -> None:
    """List investigations, newest first.

    \b
    Examples:
      immutable investigations list --open
      immutable investigations list --limit 200 --json
    """
    wanted = {"closed": None if closed is None else str(closed).lower()}
    with open_source(url, key, workspace) as source:
        found = [one for page in source.pages("/investigations", wanted, limit=limit) for one in page["data"]]
    if as_json:
        print_json({"data": found})
        return
    if not found:
        console().print("No investigation matches.")
        return
    made = table("id", "ticket", "title", "opened", "closed")
    made.columns[0].no_wrap = True
    for one in found:
        closed_at = minute(one["closed_at"] or "")
        made.add_row(one["id"], harmless(one["ticket"]), harmless(one["title"]), minute(one["created_at"]), closed_at)
    console().print(made)


@app.command("show")
@told
def show(
    case: Case,
    zone: Zone = "UTC",
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
    workspace: WorkspaceName = None,
) -> None:
    """Show what an investigation holds, its notes and its history.

    \b
    Examples:
      immutable investigations show case_0f3a9c2b7d1e5a64
      immutable investigations show case_0f3a9c2b7d1e5a64 --json
    """
    shown_zone = zone_of(zone)
    with open_source(url, key, workspace) as source:
        answer = source.get(_path(case))
    if as_json:
        print_json(answer)
    else:
        show_investigation(console(), answer["data"], shown_zone)


@app.command("create")
@told
def create(
    ticket: Annotated[str, typer.Argument(help="Its number in the ticket system.")],
    title: Annotated[str, typer.Argument(help="What is to be found out.")],
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
    workspace: WorkspaceName = None,
) -> None:
    """Open an investigation under a ticket.

    \b
    Example:
      immutable investigations create 4821 "Where did the report go?"
    """
    with open_source(url, key, workspace, writes=True) as source:
        answer = source.post("/investigations", {"ticket": ticket, "title": title})
    if as_json:
        print_json(answer)
    else:
        console().print(f"{answer['data']['id']} is open, under ticket {harmless(answer['data']['ticket'])}.")


@app.command("add")
@told
def add(
    case: Case,
    session: Annotated[list[str] | None, typer.Option(metavar="ID", help="A session. Can be repeated.")] = None,
    event: Annotated[list[str] | None, typer.Option(metavar="ID", help="An event. Can be repeated.")] = None,
    resource: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="TYPE ID", help=f"All events of a resource, if they are at most {_MOST_OF_RESOURCE}."),
    ] = None,
    note: Annotated[str | None, typer.Option(metavar="TEXT", help="A note, which nobody can change any more.")] = None,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
    workspace: WorkspaceName = None,
) -> None:
    """Add sessions, events or a note. What an investigation holds already is passed over.

    \b
    Examples:
      immutable investigations add CASE --session sess_a8f3c2d1
      immutable investigations add CASE --resource document doc_8f3a2c1d
      immutable investigations add CASE --event ID --note "This is where it went."
    """
    with open_source(url, key, workspace, writes=True) as source:
        items = [{"session_id": one} for one in session or []] + [{"event_id": one} for one in event or []]
        if resource is not None:
            items += [{"event_id": one} for one in _events_of(source, *resource)]
        if not items and note is None:
            raise StartError("Say what is added: --session, --event, --resource or --note.")
        answer = source.get(_path(case))
        held = {(one["kind"], one["id"]) for one in answer["data"]["items"]}
        new = [
            one for one in items if next((name.removesuffix("_id"), value) for name, value in one.items()) not in held
        ]
        for one in new:
            answer = source.post(_path(case, "items"), one)
        if note is not None:
            answer = source.post(_path(case, "notes"), {"text": note})
    if as_json:
        print_json(answer)
        return
    added = [counted(len(new), "item"), *(["a note"] if note is not None else [])]
    console().print(f"Added {' and '.join(added)}: it holds {counted(len(answer['data']['items']), 'item')}.")


@app.command("close")
@told
def close(
    case: Case,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
    workspace: WorkspaceName = None,
) -> None:
    """Close an investigation: it takes nothing more until it is reopened.

    \b
    Example:
      immutable investigations close case_0f3a9c2b7d1e5a64
    """
    with open_source(url, key, workspace, writes=True) as source:
        answer = source.post(_path(case, "close"), {})
    _done(answer, "closed", as_json=as_json)


@app.command("reopen")
@told
def reopen(
    case: Case,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
    workspace: WorkspaceName = None,
) -> None:
    """Reopen an investigation that was closed.

    \b
    Example:
      immutable investigations reopen case_0f3a9c2b7d1e5a64
    """
    with open_source(url, key, workspace, writes=True) as source:
        answer = source.post(_path(case, "reopen"), {})
    _done(answer, "open again", as_json=as_json)


@app.command("evidence")
@told
def evidence(
    case: Case,
    output: Output,
    notes: Notes = False,
    withhold: Withhold = None,
    url: Url = None,
    key: Key = None,
    workspace: WorkspaceName = None,
) -> None:
    """Write one evidence pack of all that is gathered.

    \b
    Examples:
      immutable investigations evidence CASE --output case-4821.zip
      immutable investigations evidence CASE -o case.zip --notes
    """
    wanted = {"notes": str(notes).lower(), "withhold": withhold}
    write_pack(_path(case, "evidence"), wanted, output, (url, key, workspace))


@app.command("share")
@told
def share(
    case: Case,
    ttl: Ttl = _WEEK,
    notes: Notes = False,
    withhold: Withhold = None,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
    workspace: WorkspaceName = None,
) -> None:
    """Make a link that shows all that is gathered, without a key, for a while.

    \b
    Examples:
      immutable investigations share CASE --ttl 86400
      immutable investigations share CASE --notes --withhold others:user_4f2a8c
    """
    body = {"investigation_id": case, "notes": notes, "ttl": ttl, "withhold": withhold}
    share_case(body, (url, key, workspace), as_json=as_json)


def _path(case: str, *more: str) -> str:
    return "/".join(["/investigations", quote(case, safe=""), *more])


def _events_of(source: Source, kind: str, identifier: str) -> list[str]:
    """The ids of a resource's events. Raises StartError where they are none, or too many for an investigation."""
    path = f"/resources/{quote(kind, safe='')}/{quote(identifier, safe='')}/history"
    pages = source.pages(path, {}, limit=_MOST_OF_RESOURCE + 1)
    found = [str(one["id"]) for page in pages for one in page["data"]]
    if not found or len(found) > _MOST_OF_RESOURCE:
        many = f"more than {_MOST_OF_RESOURCE} events" if found else "no event"
        raise StartError(f"The log has {many} of this resource; add sessions, from `immutable sessions --resource ID`.")
    return found


def _done(answer: Json, became: str, *, as_json: bool) -> None:
    if as_json:
        print_json(answer)
    else:
        console().print(f"{harmless(answer['data']['id'])} is {became}.")
