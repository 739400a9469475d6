"""`immutable producers`: which senders' events came, and which of their numbers are missing."""

from datetime import tzinfo

import typer
from rich.console import Console
from rich.table import Table

from immutable.cli.described import counted
from immutable.cli.failure import told
from immutable.cli.moments import moment, zone_of
from immutable.cli.options import AsJson, Key, Url, WorkspaceName, Zone
from immutable.cli.screen import console, print_json, styled
from immutable.cli.source import Json, open_source

_SHOWN_GAPS = 5


@told
def producers(
    zone: Zone = "UTC",
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
    workspace: WorkspaceName = None,
) -> None:
    """Tell which producers number their events, and which numbers never came. Exit code 1 where some are missing.

    \b
    Examples:
      immutable producers
      immutable producers --json
    """
    shown_zone = zone_of(zone)
    with open_source(url, key, workspace) as source:
        answer = source.get("/producers")
    if as_json:
        print_json(answer)
    else:
        show_producers(console(), answer, shown_zone)
    if any(run["gaps"] or run["gaps_forgotten"] for run in answer["data"]):
        raise typer.Exit(1)


def show_producers(out: Console, answer: Json, zone: tzinfo) -> None:
    """Print a row for each run, newest first."""
    if not answer["data"]:
        out.print("No events with a producer's number came yet.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("producer", "run", "numbers", "received", "missing", "last received"):
        table.add_column(name)
    for run in answer["data"]:
        missing = missing_of(run)
        table.add_row(
            styled(run["producer"], "bold"),
            styled(run["run"] or "", "cyan"),
            f"{run['first_sequence']} to {run['last_sequence']}",
            counted(run["received"], "event"),
            styled(missing, "red") if missing else "none",
            str(moment(run["last_received_at"], zone)),
        )
    out.print(table)


def missing_of(run: Json) -> str:
    """The numbers that are missing, in words; empty where none is."""
    shown = [
        str(gap["from"]) if gap["from"] == gap["to"] else f"{gap['from']} to {gap['to']}"
        for gap in run["gaps"][:_SHOWN_GAPS]
    ]
    more = len(run["gaps"]) - len(shown)
    if more:
        shown.append(f"{more} more gaps")
    if run["gaps_forgotten"]:
        shown.append(f"{run['gaps_forgotten']} older ones")
    return ", ".join(shown)
