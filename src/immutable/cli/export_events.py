"""`immutable export`: events out, as JSON lines, oldest first."""

from pathlib import Path
from typing import Annotated, BinaryIO

import msgspec
import typer

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
from immutable.cli.export_proofs import export_proofs
from immutable.cli.failure import told
from immutable.cli.options import Key, Url, WorkspaceName
from immutable.cli.output_file import opened
from immutable.cli.screen import event_progress
from immutable.cli.source import Parameters, Source, open_source
from immutable.errors import StartError


@told
def export_events(
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
    limit: Annotated[int | None, typer.Option(min=1, help="How many at most, from the oldest. Default: all.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file, whole or not at all. Default: stdout.")
    ] = None,
    proofs: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Write the whole log to a new folder as it was hashed, with checkpoint, cosignatures and time-stamps, so that "
            "immutable-verify can check it.",
        ),
    ] = None,
    url: Url = None,
    key: Key = None,
    workspace: WorkspaceName = None,
) -> None:
    """Export events as JSON lines, oldest first, each as the API answers it.

    What is appended while the export runs is not part of it. `immutable import` takes what this writes. The times of
    --from and --to are those at which the server received the events (created_at).

    \b
    Examples:
      immutable export > events.jsonl
      immutable export --session sess_a8f3c2d1 --output session.jsonl
      immutable export --from 2026-03-01 --to 2026-03-31 | gzip > 2026-03.gz
      immutable export --proofs whole-log
    """
    wanted = chosen_events(locals())
    if proofs is not None:
        if wanted or url is not None or limit is not None or output is not None:
            raise StartError(
                "--proofs writes the whole log, from the database itself: leave out filters, --limit, --output and --url "
                "(IMMUTABLE_URL)."
            )
        export_proofs(workspace, proofs)
        return
    with open_source(url, key, workspace) as source, opened(output) as stream:
        _export(source, wanted, limit, stream)


def _export(source: Source, wanted: Parameters, limit: int | None, stream: BinaryIO) -> None:
    if "to" not in wanted:
        # The past does not change, so this end makes the export one moment's view, and lets it end under load.
        newest = source.get("/events", {"limit": 1})["data"]
        wanted = {**wanted, "to": newest[0]["created_at"] if newest else None}
    with event_progress() as bar:
        task = bar.add_task("Exporting", total=None)
        done = 0
        for page in source.pages("/events", {**wanted, "order": "asc"}, limit=limit):
            stream.writelines(msgspec.json.encode(event) + b"\n" for event in page["data"])
            done += len(page["data"])
            total = page["pagination"]["total"]
            if limit is not None:
                total = min(total, limit)
            bar.update(task, completed=done, total=total if page["pagination"]["total_is_exact"] else None)
        bar.update(task, total=done)
    stream.flush()
