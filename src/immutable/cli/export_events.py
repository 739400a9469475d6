"""`immutable export`: events out, as JSON lines, oldest first."""

from pathlib import Path
from typing import Annotated, BinaryIO

import msgspec
import typer

from immutable.cli.failure import told
from immutable.cli.options import Key, Since, Until, Url, WorkspaceName
from immutable.cli.output_file import opened
from immutable.cli.screen import event_progress
from immutable.cli.source import Parameters, Source, open_source


@told
def export_events(
    actor: Annotated[str | None, typer.Option(help="Events of this actor's id.")] = None,
    action: Annotated[str | None, typer.Option(help="This action, or 'document.*' for all of a kind.")] = None,
    resource: Annotated[str | None, typer.Option(help="Events on resources of this type.")] = None,
    resource_id: Annotated[str | None, typer.Option(help="Events on the resource of this id.")] = None,
    tenant: Annotated[str | None, typer.Option(help="Events of this tenant's id.")] = None,
    session: Annotated[str | None, typer.Option(help="Events of this session.")] = None,
    target_type: Annotated[str | None, typer.Option(help="Events with a target of this type.")] = None,
    target_id: Annotated[str | None, typer.Option(help="Events with the target of this id.")] = None,
    search: Annotated[
        str | None, typer.Option(help="Events with this text in their names, action or metadata.")
    ] = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int | None, typer.Option(min=1, help="How many at most, from the oldest. Default: all.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write to this file, whole or not at all. Default: stdout.")
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
    """
    wanted: Parameters = {
        "actor_id": actor,
        "action": action,
        "resource": resource,
        "resource_id": resource_id,
        "tenant_id": tenant,
        "session_id": session,
        "target_type": target_type,
        "target_id": target_id,
        "search": search,
        "from": since,
        "to": until,
    }
    with open_source(url, key, workspace) as source, opened(output) as stream:
        _export(source, wanted, limit, stream)


def _export(source: Source, wanted: Parameters, limit: int | None, stream: BinaryIO) -> None:
    if wanted["to"] is None:
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
