"""`immutable timeline`: one session read as a story."""

from datetime import tzinfo
from typing import Annotated, Any
from urllib.parse import quote

import typer
from rich.console import Console, Group
from rich.panel import Panel
from rich.text import Text

from immutable.cli.described import (
    actor_of,
    counted,
    details_of,
    listed,
    named_thing,
    place_of,
    place_text,
    resource_of,
)
from immutable.cli.failure import told
from immutable.cli.moments import clock_text, day_text, moment, span_text, zone_of
from immutable.cli.options import AsJson, Key, Url, WorkspaceName, Zone
from immutable.cli.screen import console, harmless, joined, print_json, styled
from immutable.cli.source import Source, open_source
from immutable.cli.story import Row, draw

Json = dict[str, Any]


@told
def timeline(
    session_id: Annotated[str, typer.Argument(help="The session's id, from `immutable sessions`.")],
    zone: Zone = "UTC",
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
    workspace: WorkspaceName = None,
) -> None:
    """Tell a session's story: when, how long after, what, on what, from where; destructive steps are marked.

    \b
    Examples:
      immutable timeline sess_a8f3c2d1
      immutable timeline sess_a8f3c2d1 --zone America/Los_Angeles
      immutable timeline sess_a8f3c2d1 --json | jq '.data.timeline[].action'
    """
    shown_zone = zone_of(zone)
    with open_source(url, key, workspace) as source:
        session = read_session(source, session_id)
    if as_json:
        print_json({"data": session})
    else:
        show_session(console(), session, shown_zone)


def read_session(source: Source, session_id: str) -> Json:
    """A session's summary with its whole timeline, whatever its length."""
    path = f"/sessions/{quote(session_id, safe='')}"
    answer = source.get(path)
    session: Json = answer["data"]
    while cursor := answer["pagination"]["next_cursor"]:
        answer = source.get(path, {"cursor": cursor})
        session["timeline"] += answer["data"]["timeline"]
    return session


def show_session(out: Console, session: Json, zone: tzinfo) -> None:
    """Print the header and the steps."""
    steps = session["timeline"]
    actors = {step["actor"]["id"] for step in steps}
    out.print(_header(session, zone))
    rows = [
        Row(
            at=moment(step["occurred_at"], zone),
            gap_ms=step["gap_ms"],
            is_destructive=step["destructive"],
            columns=[
                styled(step["action"]),
                resource_of(step),
                *([actor_of(step)] if len(actors) > 1 else []),
                styled(place_of(step), "green"),
            ],
            details=details_of(step),
        )
        for step in steps
    ]
    draw(out, rows, day=moment(session["started_at"], zone).date())


def _header(session: Json, zone: tzinfo) -> Panel:
    started, ended = moment(session["started_at"], zone), moment(session["ended_at"], zone)
    end = clock_text(ended) if ended.date() == started.date() else f"{day_text(ended)}, {clock_text(ended)}"
    when = f"{day_text(started)}, {clock_text(started)} to {end} ({zone})"
    destructive = session["destructive_count"]
    addresses = list(dict.fromkeys(step["ip_address"] for step in session["timeline"] if step["ip_address"]))
    actors = [named_thing(actor["name"], actor["id"]) for actor in session["actors"][:5]]
    places = [place_text(place["city"], place["country"]) for place in session["places"]]
    lines = [
        joined(
            Text(", ").join(actors),
            f"tenant {harmless(session['tenant_id'])}" if session["tenant_id"] else None,
            "inferred from silence: its events carry no session id" if session["inferred"] else None,
        ),
        joined(when, f"lasted {span_text(session['duration_ms'])}"),
        joined(
            styled(listed(places), "green"),
            f"from {listed(addresses)}" if addresses else None,
            listed(session["devices"]) or None,
        ),
        joined(
            counted(session["events_count"], "event"),
            counted(session["resources_count"], "resource"),
            styled(f"{destructive} destructive", "bold red") if destructive else "nothing destructive",
        ),
    ]
    title = styled("Session ", "bold") + styled(session["session_id"], "bold cyan")
    style = "red" if destructive else "cyan"
    return Panel.fit(Group(*(line for line in lines if line)), title=title, title_align="left", border_style=style)
