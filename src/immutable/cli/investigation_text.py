"""An investigation as text: the ticket, what was gathered, the notes and the history."""

from datetime import tzinfo

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from immutable.cli.described import counted, named_thing
from immutable.cli.moments import clock_text, day_text, moment
from immutable.cli.screen import harmless, joined, styled
from immutable.cli.source import Json


def show_investigation(out: Console, one: Json, zone: tzinfo) -> None:
    """Print the ticket, the items, the notes and the history."""
    closed = "closed " + _at(one["closed_at"], zone) if one["closed_at"] else "open"
    out.print(styled(one["title"], "bold"))
    out.print(joined(f"ticket {harmless(one['ticket'])}", closed, f"opened {_at(one['created_at'], zone)} ({zone})"))
    if one["ticket_url"]:
        out.print(harmless(one["ticket_url"]))
    out.print(Text("\nGathered", "bold"))
    for item in one["items"]:
        out.print(_item(item, zone))
    if not one["items"]:
        out.print("Nothing yet.")
    out.print(Text("\nNotes and history", "bold"))
    for entry in one["history"]:
        who = named_thing(entry["by"]["name"], entry["by"]["id"])
        what = entry["what"].replace("_", " ")
        on = f"{entry['item']['type']} {entry['item']['id']}" if entry["item"] else None
        out.print(joined(_at(entry["at"], zone), who, what, harmless(on) if on else None, f"#{entry['sequence']:,}"))
        if entry["what"] == "note_added":
            out.print(Padding(styled(entry["note"] or "The text was erased."), (0, 0, 0, 4), expand=False))
    if one["has_more_history"]:
        out.print(Text("The newest 1,000.", "dim"))


def _item(item: Json, zone: tzinfo) -> Text:
    session, event = item["session"], item["event"]
    shown = styled(f"{item['kind']} ") + styled(item["id"], "bold cyan")
    if session is not None:
        actor = session["actors"][0] if session["actors"] else {"name": None, "id": None}
        destructive = session["destructive_count"]
        return joined(
            shown,
            named_thing(actor["name"], actor["id"]),
            _at(session["started_at"], zone),
            counted(session["events_count"], "event"),
            styled(f"{destructive} destructive", "bold red") if destructive else None,
        )
    if event is not None:
        actor = event["actor"]
        return joined(
            shown, named_thing(actor["name"], actor["id"]), styled(event["action"]), _at(event["occurred_at"], zone)
        )
    return joined(shown, "no longer in the log")


def _at(text: str, zone: tzinfo) -> str:
    at = moment(text, zone)
    return f"{day_text(at)} {clock_text(at)}"
