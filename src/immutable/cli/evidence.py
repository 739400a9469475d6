"""`immutable evidence`: one file that proves what the log says of a case, to somebody who has neither the log nor trust in us."""

from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from immutable.cli import share
from immutable.cli.event_filters import (
    Action,
    Actor,
    Resource,
    ResourceId,
    Search,
    Session,
    Since,
    TargetId,
    TargetType,
    Tenant,
    Until,
    chosen_events,
)
from immutable.cli.failure import told
from immutable.cli.help_text import help_text
from immutable.cli.options import Key, Url, Withhold, WorkspaceName
from immutable.cli.output_file import opened
from immutable.cli.screen import console, harmless
from immutable.cli.source import Parameters, open_source

_HELP = """Prove a case: write an evidence pack, which anyone checks offline with immutable-verify.

The log tells that a pack was made. Without --url, no server may be running on a SQLite database.

\b
Examples:
  immutable evidence session sess_a8f3c2d1 --output case-4821.zip
  immutable evidence resource document doc_8f3a2c1d -o report.zip
  immutable evidence events --actor user_4f2a8c --from 2026-03-27 -o day.zip
  immutable evidence share session sess_a8f3c2d1 --ttl 86400"""

app = typer.Typer(help=help_text(_HELP), no_args_is_help=True)
app.add_typer(share.app, name="share")
app.command("links")(share.links)
app.command("revoke")(share.revoke)

Output = Annotated[Path, typer.Option("--output", "-o", help="The file to write, whole or not at all.")]


@app.command("session")
@told
def session(
    session_id: Annotated[str, typer.Argument(metavar="ID", help="The session's id.")],
    output: Output,
    withhold: Withhold = None,
    url: Url = None,
    key: Key = None,
    workspace: WorkspaceName = None,
) -> None:
    """Write the evidence pack of a session.

    \b
    Examples:
      immutable evidence session sess_a8f3c2d1 --output case-4821.zip
      immutable evidence session sess_a8f3c2d1 -o case.zip --withhold all
      immutable evidence session sess_a8 -o a.zip --withhold events:7,12-15
    """
    path = f"/sessions/{quote(session_id, safe='')}/evidence"
    write_pack(path, {"withhold": withhold}, output, (url, key, workspace))


@app.command("resource")
@told
def resource(
    kind: Annotated[str, typer.Argument(metavar="TYPE", help="The resource's type, such as document.")],
    identifier: Annotated[str, typer.Argument(metavar="ID", help="The resource's id.")],
    output: Output,
    withhold: Withhold = None,
    url: Url = None,
    key: Key = None,
    workspace: WorkspaceName = None,
) -> None:
    """Write the evidence pack of all that happened to one resource, across sessions.

    \b
    Examples:
      immutable evidence resource document doc_8f3a2c1d -o report.zip
      immutable evidence resource file f1 -o f1.zip --withhold others:user_4f2
    """
    path = f"/resources/{quote(kind, safe='')}/{quote(identifier, safe='')}/evidence"
    write_pack(path, {"withhold": withhold}, output, (url, key, workspace))


@app.command("events")
@told
def events(
    output: Output,
    actor: Actor = None,
    action: Action = None,
    resource: Resource = None,
    resource_id: ResourceId = None,
    tenant: Tenant = None,
    session: Session = None,
    target_type: TargetType = None,
    target_id: TargetId = None,
    search: Search = None,
    since: Since = None,
    until: Until = None,
    withhold: Withhold = None,
    url: Url = None,
    key: Key = None,
    workspace: WorkspaceName = None,
) -> None:
    """Write the evidence pack of the events that meet all filters.

    \b
    Examples:
      immutable evidence events --actor user_4f2a8c --from 2026-03-27 -o day.zip
      immutable evidence events --action 'trash.*' --output trash.zip
    """
    wanted = chosen_events(locals())
    write_pack("/evidence", {**wanted, "withhold": withhold}, output, (url, key, workspace))


def write_pack(path: str, wanted: Parameters, output: Path, where: tuple[str | None, str | None, str | None]) -> None:
    """Write the pack at `path` to a file, and say how it is checked. `where`: url, key and workspace."""
    with open_source(*where, writes=True) as source, opened(output) as stream:
        size = source.download(path, wanted, stream)
    out = console()
    out.print(f"Wrote {harmless(output)}, {size:,} bytes. Whoever gets it checks it with:")
    out.print(f"  immutable-verify pack {harmless(output.name)} --key VERIFIER_KEY", style="bold", highlight=False)
    out.print("The key is what `immutable signing-keys show` prints; give it to them on another way than the file.")
