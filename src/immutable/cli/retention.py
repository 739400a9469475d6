"""`immutable retention`: how long a workspace keeps its events. Directly on the database, also while a server runs on it."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from immutable import settings as settings_module
from immutable.accounts.acts import act_of
from immutable.cli.database import existing_store
from immutable.cli.described import counted
from immutable.cli.failure import told
from immutable.cli.help_text import help_text
from immutable.cli.operator import operator
from immutable.cli.options import AsJson
from immutable.cli.screen import console, event_progress, harmless, print_json, table
from immutable.cli.workspaces import chosen
from immutable.errors import StartError
from immutable.model.act import Act
from immutable.model.retention import Retention
from immutable.model.workspace import Workspace
from immutable.retention.archive_folder import ArchiveFolder
from immutable.store.lookup import EPOCH
from immutable.store.open import open_catalog

_HELP = """How long a workspace keeps its events; what is older is archived, then pruned, on the record.

\b
Examples:
  immutable retention set --days 730 --archive /var/lib/immutable/archive
  immutable retention show
  immutable retention off"""

app = typer.Typer(help=help_text(_HELP), no_args_is_help=True)

WorkspaceName = Annotated[str | None, typer.Option("--workspace", "-w", help="The workspace, where there are several.")]


def _changed(workspace: Workspace, kept: str) -> Act:
    return act_of(
        "workspace_changed", operator(), workspace=workspace, resource=("workspace", workspace.id, workspace.name),
        metadata={"setting": "retention", "new": kept},
    )  # fmt: skip


@app.command("set")
@told
def set_retention(
    days: Annotated[int, typer.Option(min=1, max=36_500, help="Keep events for so many days.")],
    archive: Annotated[
        str, typer.Option(help="Where archives go: a folder, or s3://bucket/prefix (with AWS_… variables).")
    ],
    workspace: WorkspaceName = None,
) -> None:
    """Keep events for so many days. The server archives and prunes what is older, within minutes, 16,384 events at a time.

    Nothing goes before it is archived, read back and covered by a checkpoint, nor while a hold is on it.

    \b
    Examples:
      immutable retention set --days 730 --archive /var/lib/archive
      immutable retention set --days 365 --archive s3://audit -w main
    """
    if "://" not in archive:
        archive = str(Path(archive).absolute())  # the server, and whoever erases, may run in another folder
    ArchiveFolder(archive)  # says what is wrong with it
    with closing(open_catalog(settings_module.load().database_url)) as catalog:
        found = chosen(catalog, workspace)
        catalog.set_retention(found, Retention(days, archive), _changed(found, f"{days} days, then {archive}"))
    console().print(f"{harmless(found.name)} keeps events for {counted(days, 'day')}; archives go to {archive}.")


@app.command("show")
@told
def show(as_json: AsJson = False) -> None:
    """Show what each workspace keeps.

    \b
    Examples:
      immutable retention show
      immutable retention show --json
    """
    made = table("workspace", "keeps", "archives")
    rows = []
    with closing(open_catalog(settings_module.load().database_url)) as catalog:
        for one in catalog.workspaces():
            kept = catalog.retention(one)
            made.add_row(
                harmless(one.name),
                "everything" if kept is None else counted(kept.days, "day"),
                "" if kept is None else harmless(kept.archive),
            )
            rows.append({"workspace": one.name, "days": kept and kept.days, "archive": kept and kept.archive})
    if as_json:
        print_json({"data": rows})
    else:
        console().print(made)


@app.command("off")
@told
def off(workspace: WorkspaceName = None) -> None:
    """Keep everything from now on.

    \b
    Examples:
      immutable retention off
      immutable retention off --workspace production
    """
    with closing(open_catalog(settings_module.load().database_url)) as catalog:
        found = chosen(catalog, workspace)
        catalog.set_retention(found, None, _changed(found, "everything"))
    console().print(f"{harmless(found.name)} keeps everything.")


@app.command("run")
@told
def run(workspace: WorkspaceName = None) -> None:
    """Archive and prune now what is due, instead of waiting for the server. On SQLite no server may run meanwhile.

    \b
    Examples:
      immutable retention run
      immutable retention run --workspace production
    """
    from immutable.log.silence import settled
    from immutable.retention.follower import due, prune_next

    settings = settings_module.load()
    with existing_store(settings) as store:
        store.lock_for_appending()
        found = chosen(store.catalog, workspace)
        retention = store.catalog.retention(found)
        if retention is None:
            raise StartError(f"{found.name} keeps everything: immutable retention set --days ... --archive ...")
        silence = settled(store.catalog, settings.session_silence_seconds)
        while store.follow():
            pass
        first, last = store.reader().extent(found)[0], due(store, found, retention)
        pruned = 0
        with event_progress() as bar:
            task = bar.add_task(f"Pruning {found.name}", total=max(last - first + 1, 0))
            while (through := due(store, found, retention)) and first + pruned <= last:
                done = prune_next(store, found, retention, silence, through)
                pruned += done.last - done.first + 1
                bar.advance(task, done.last - done.first + 1)
    console().print(f"{counted(pruned, 'event')} archived at {harmless(retention.archive)} and pruned.")
    if not pruned:
        console().print(
            f"Nothing is due. Events go {EPOCH:,} at a time, once the server received the last of them "
            f"{counted(retention.days, 'day')} ago, a checkpoint covers it, and no hold is on them."
        )
