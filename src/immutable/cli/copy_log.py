"""`immutable copy`: whole logs from one database into another, SQLite or PostgreSQL, as they are."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Annotated

import msgspec
import typer

from immutable import settings as settings_module
from immutable.anchors.copy import copy_anchors
from immutable.checkpoints.copy import copy_signed, snapshot
from immutable.checkpoints.keys import SigningKeys
from immutable.cli.database import existing_store
from immutable.cli.described import counted
from immutable.cli.failure import told
from immutable.cli.screen import console, event_progress, styled
from immutable.cli.verdict import show_report
from immutable.cli.verify import verify_database
from immutable.cli.workspaces import named
from immutable.errors import NotFound, StartError
from immutable.log.copy import copied, copy_catalog, copy_events
from immutable.log.silence import settled
from immutable.model.workspace import Workspace
from immutable.retention.archives import is_from_archives, open_from_archives
from immutable.retention.erasure import erase_as_told
from immutable.retention.prune import begin_behind, prune_as_told
from immutable.settings import Settings
from immutable.store.log_store import LogStore
from immutable.store.open import open_store, shown
from immutable.store.pruning import PruningStore

_ARCHIVES = "The new servers must reach these, and must not run beside the old ones: they would write over them."
_NOT_COPIED = """\
Not copied: who is signed in; invitations and other one-time links; share links and viewer tokens, which open nothing on the
copy (make new ones); anchors that are under way; and passwords and second factors that changed after they were first copied.
The settings (IMMUTABLE_…: witnesses, where to anchor, single sign-on and the rest) are the servers' own."""


@told
def copy(
    source_url: Annotated[str, typer.Option("--from", metavar="URL", help="The database to copy.")],
    target_url: Annotated[str, typer.Option("--to", metavar="URL", help="The database to copy into; made if new.")],
    workspace: Annotated[
        str | None, typer.Option("--workspace", "-w", help="Only this workspace. Default: all.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--verify/--no-verify", help="Verify the whole copy, indexes and sessions too, in the end.")
    ] = True,
) -> None:
    """Copy logs into another database: events as they were hashed, workspaces, keys, and all that was decided and signed.

    Servers may go on writing to the source meanwhile; nobody may write to the target. Run it again to copy what has come
    since, or to go on where it was interrupted. To move: copy, stop the old servers, copy again (which takes moments),
    start servers on the new database. SDKs and keys change nothing; members sign in again. The keys that sign checkpoints
    and second factors stay encrypted: give the new servers the secret of the old ones (IMMUTABLE_SECRET_FILE or
    IMMUTABLE_SECRET). What does not come along is told in the end.

    \b
    Examples:
      immutable copy --from sqlite:///immutable.db --to postgresql://db/log
      immutable copy --from postgresql://db/log --to sqlite:///log.db
    """
    if source_url == target_url:
        raise StartError("Source and target are the same database.")
    settings = settings_module.load()
    source_settings = msgspec.structs.replace(settings, database_url=source_url)
    target_settings = msgspec.structs.replace(settings, database_url=target_url)
    out = console()
    with existing_store(source_settings, builds_index=False) as source, _target(target_settings) as target:
        workspaces = [named(source.catalog, workspace)] if workspace else source.catalog.workspaces()
        if not workspaces:
            raise NotFound(f"{shown(source_url)} holds no workspace, so there is nothing to copy.")
        silence = settled(source.catalog, settings.session_silence_seconds)
        copies = copy_catalog(source.catalog, target.catalog, workspaces)
        for ours, theirs in zip(workspaces, copies, strict=True):
            _copy_one(source, target, ours, theirs, silence)
            head = target.head(theirs)
            out.print(styled(f"{ours.name}: {counted(head.seq, 'event')}, head {head.event_hash.hex()}"))
            if kept := target.catalog.retention(theirs):
                keeps = f"{counted(kept.days, 'day')}, archives go to {kept.archive}"
                out.print(styled(f"{ours.name} keeps {keeps}. {_ARCHIVES}"))
        out.print(_NOT_COPIED)
        if target.proofs.all_signing_keys():
            try:
                SigningKeys(target.proofs, target_settings).check()
            except StartError as error:
                typer.echo(f"Before you start a server on the copy: {error.message}", err=True)
    if check:
        reports = list(verify_database(target_settings, workspace, is_copy=True))
        for report in reports:
            show_report(out, report)
        if not all(report.valid for report in reports):
            raise typer.Exit(1)


def _copy_one(source: LogStore, target: PruningStore, ours: Workspace, theirs: Workspace, silence: int) -> None:
    beginning = source.reader().pruned(ours)
    if beginning.seq and target.head(theirs).seq == 0:
        begin_behind(target, theirs, beginning)
    if is_from_archives(source, ours):
        open_from_archives(target, theirs)
    taken = snapshot(source.proofs, ours)
    total, done = source.head(ours).seq, copied(source, target, ours, theirs)
    with event_progress() as bar:
        task = bar.add_task(f"Copying {ours.name}", total=total - done)
        copy_events(source, target, ours, theirs, silence_us=silence, progress=partial(bar.advance, task))
    while target.follow():
        pass
    if done:  # meanwhile the source may have let go of what was copied before
        if not is_from_archives(source, ours):  # there the events were pruned long ago, and are there on purpose
            prune_as_told(target, theirs, source.reader().pruned(ours).seq, silence)
        erase_as_told(target, theirs, silence)
    copy_signed(source.proofs, target.proofs, ours, theirs, taken)
    copy_anchors(source.anchors, target.anchors, ours, theirs, taken.state.size)


@contextmanager
def _target(settings: Settings) -> Iterator[PruningStore]:
    store = open_store(settings.database_url)
    try:
        store.lock_for_appending()
        yield store
    finally:
        store.close()
