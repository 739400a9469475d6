"""`immutable sessions`: the list of sessions, newest first."""

from datetime import tzinfo
from typing import Annotated, Any

import typer
from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from immutable.cli.described import counted, listed, named_thing, place_text
from immutable.cli.failure import told
from immutable.cli.moments import clock_text, day_text, moment, span_text, zone_of
from immutable.cli.options import AsJson, Key, Since, Until, Url, WorkspaceName, Zone
from immutable.cli.screen import console, harmless, joined, print_json, styled, table
from immutable.cli.source import Json, Parameters, Source, open_source


@told
def sessions(
    actor: Annotated[str | None, typer.Option(help="Sessions of this actor's id.")] = None,
    tenant: Annotated[str | None, typer.Option(help="Sessions of this tenant's id.")] = None,
    resource: Annotated[str | None, typer.Option(help="Sessions that touched the resource of this id.")] = None,
    action: Annotated[
        str | None, typer.Option(help="Sessions with this action: document.deleted, or 'document.*' for all of a kind.")
    ] = None,
    search: Annotated[str | None, typer.Option(help="Sessions with this text in an event's names or metadata.")] = None,
    since: Since = None,
    until: Until = None,
    inferred: Annotated[
        bool | None,
        typer.Option("--inferred/--given", help="Only sessions inferred from silence, or only those with a given id."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 25,
    zone: Zone = "UTC",
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
    workspace: WorkspaceName = None,
) -> None:
    """List sessions, newest first: who, when, how much, from where; and how many steps destroyed something.

    \b
    Examples:
      immutable sessions --actor user_4f2a8c
      immutable sessions --actor user_4f2a8c --zone America/Los_Angeles
      immutable sessions --action 'document.deleted' --from 2026-03-27
      immutable sessions --resource doc_8f3a2c1d --json
    """
    shown_zone = zone_of(zone)
    wanted: Parameters = {
        "actor_id": actor,
        "tenant_id": tenant,
        "resource_id": resource,
        "action": action,
        "search": search,
        "from": since,
        "to": until,
        "inferred": None if inferred is None else str(inferred).lower(),
    }
    with open_source(url, key, workspace) as source:
        answer = read_sessions(source, wanted, limit)
    if as_json:
        print_json(answer)
    else:
        show_sessions(console(), answer, shown_zone)


def read_sessions(source: Source, wanted: Parameters, limit: int) -> Json:
    """The first `limit` sessions, as one answer of the API."""
    found: list[Any] = []
    answer: Json = {}
    for answer in source.pages("/sessions", wanted, limit=limit):
        found += answer["data"]
    return {**answer, "data": found}


def show_sessions(out: Console, answer: Json, zone: tzinfo) -> None:
    """Print the table, and how many there are."""
    found, pagination = answer["data"], answer["pagination"]
    if not found:
        out.print("No session matches.")
        return
    made = _table(found, zone)
    fits = out.measure(made, options=out.options.update(width=100_000)).maximum <= out.width
    out.print(made if fits else _list(found, zone))
    out.print()
    total = f"{pagination['total']:,}" + ("" if pagination["total_is_exact"] else " or more")
    out.print(
        Text(f"{len(found):,} of {total}, newest first; times in {zone}. One as a story: immutable timeline ID", "dim")
    )


def _table(found: list[Json], zone: tzinfo) -> Table:
    made = table("Session", "Who", "Started", "Lasted", "Events", "Places", "Devices", "Destructive")
    for name in (3, 4, 7):
        made.columns[name].justify = "right"
    for session in found:
        destructive = session["destructive_count"]
        made.add_row(
            styled(session["session_id"], "bold cyan"),
            _who(session["actors"]),
            _started(session, zone),
            span_text(session["duration_ms"]),
            f"{session['events_count']:,}",
            _places(session),
            _devices(session),
            Text(f"{destructive:,}", "bold red") if destructive else Text("0", "dim"),
        )
    return made


def _list(found: list[Json], zone: tzinfo) -> Group:
    """Two lines for each session, where the table is too wide for the terminal."""
    id_width = max(cell_len(harmless(session["session_id"])) for session in found)
    span_width = max(len(span_text(session["duration_ms"])) for session in found)
    lines: list[RenderableType] = []
    for session in found:
        identifier, destructive = harmless(session["session_id"]), session["destructive_count"]
        lines.append(
            styled(identifier + " " * (id_width - cell_len(identifier) + 2), "bold cyan")
            + Text(f"{_started(session, zone):<24}  {span_text(session['duration_ms']):>{span_width}}")
            + Text(f"  {counted(session['events_count'], 'event')}")
            + styled(f"  ✖ {destructive:,} destructive" if destructive else "", "bold red")
        )
        lines.append(
            Padding(joined(_who(session["actors"]), _places(session), _devices(session)), (0, 0, 0, 4), expand=False)
        )
    return Group(*lines)


def _started(session: Json, zone: tzinfo) -> str:
    started = moment(session["started_at"], zone)
    return f"{day_text(started)} {clock_text(started)}"


def _places(session: Json) -> Text:
    return styled(listed([place_text(place["city"], place["country"]) for place in session["places"]], 2), "green")


def _devices(session: Json) -> Text:
    return Text(listed(session["devices"], 2))


def _who(actors: list[Json]) -> Text:
    first = named_thing(actors[0]["name"], actors[0]["id"]) if actors else Text("")
    return first + Text(f" and {len(actors) - 1} more") if len(actors) > 1 else first
