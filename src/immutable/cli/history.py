"""`immutable history`: all that happened to one resource, across sessions."""

from datetime import tzinfo
from typing import Annotated
from urllib.parse import quote

import typer
from rich.console import Console
from rich.text import Text

from immutable.cli.described import actor_of, counted, details_of, place_of, resource_of
from immutable.cli.failure import told
from immutable.cli.moments import moment, zone_of
from immutable.cli.options import AsJson, Key, Url, WorkspaceName, Zone
from immutable.cli.screen import console, joined, print_json, styled
from immutable.cli.source import Json, Source, open_source
from immutable.cli.story import Row, draw


@told
def history(
    kind: Annotated[str, typer.Argument(metavar="TYPE", help="The resource's type, such as document.")],
    identifier: Annotated[str, typer.Argument(metavar="ID", help="The resource's id.")],
    limit: Annotated[int | None, typer.Option(min=1, help="How many at most, from the oldest. Default: all.")] = None,
    zone: Zone = "UTC",
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
    workspace: WorkspaceName = None,
) -> None:
    """Tell all that happened to one resource, whoever did it and in whichever session, oldest first.

    \b
    Examples:
      immutable history document doc_8f3a2c1d
      immutable history document doc_8f3a2c1d --zone America/Los_Angeles
      immutable history document doc_8f3a2c1d --json
    """
    shown_zone = zone_of(zone)
    with open_source(url, key, workspace) as source:
        answer = read_history(source, kind, identifier, limit)
    if as_json:
        print_json(answer)
    else:
        show_history(console(), answer, kind, identifier, shown_zone)


def read_history(source: Source, kind: str, identifier: str, limit: int | None = None) -> Json:
    """The events that touched the resource, oldest first, as one answer of the API."""
    events: list[Json] = []
    answer: Json = {}
    path = f"/resources/{quote(kind, safe='')}/{quote(identifier, safe='')}/history"
    for answer in source.pages(path, {}, limit=limit):
        events += answer["data"]
    return {**answer, "data": events}


def show_history(out: Console, answer: Json, kind: str, identifier: str, zone: tzinfo) -> None:
    """Print the resource and its events."""
    events, total = answer["data"], answer["pagination"]["total"]
    if not events:
        out.print(joined("Nothing happened to", styled(f"{kind} {identifier}", "bold"), between=" "))
        return
    own = [event for event in events if _is_resource(event, kind, identifier)]
    name = next((event["resource_name"] for event in reversed(own) if event["resource_name"]), None)
    people = len({event["actor_id"] for event in events})
    out.print(
        joined(
            styled(f"{kind} {identifier}", "bold cyan"),
            styled(name, "bold") if name else None,
            f"{len(events):,} of {counted(total, 'event')}, oldest first",
            f"by {counted(people, 'actor')}",
            f"times in {zone}",
        )
    )
    out.print()
    rows = [
        Row(
            at=moment(event["occurred_at"], zone),
            gap_ms=0,
            is_destructive=event["destructive"],
            columns=[
                styled(event["action"]),
                actor_of(event),
                styled(event["session_id"] or "", "cyan"),
                styled(place_of(event), "green"),
            ],
            details=joined(_as_target(event, kind, identifier), details_of(event, known=(kind, identifier))) or None,
        )
        for event in events
    ]
    draw(out, rows)


def _is_resource(event: Json, kind: str, identifier: str) -> bool:
    return bool(event["resource"]["type"] == kind and event["resource_id"] == identifier)


def _as_target(event: Json, kind: str, identifier: str) -> Text | None:
    """What the event was about, where the resource was only touched too."""
    if _is_resource(event, kind, identifier):
        return None
    return styled(f"on {event['resource']['type'] or 'nothing named'}: ", "cyan") + resource_of(event)
