"""`immutable export --proofs`: a whole log as a folder that proves itself, which `immutable-verify export` checks."""

import shutil
from pathlib import Path

from immutable import settings as settings_module
from immutable.anchors.vouching import stamped
from immutable.checkpoints.proofs import checkpoint_of
from immutable.cli.described import counted
from immutable.cli.screen import console, event_progress, harmless
from immutable.errors import Conflict, StartError
from immutable.integrity.pack import event_line

EVENTS, CHECKPOINT, ANCHORS = "events.jsonl", "checkpoint", "anchors"


def export_proofs(workspace: str | None, folder: Path) -> None:
    """Write every event as it was hashed, the latest checkpoint with its cosignatures, and what anchors there are.

    Raises StartError where the folder is there already, NotFound where nothing was signed, Conflict where events were pruned.
    """
    from immutable.cli.database import existing_store
    from immutable.cli.workspaces import chosen

    if folder.exists():
        raise StartError(f"{folder} is there already: name a new folder.")
    part = folder.with_name(folder.name + ".part")
    with existing_store(settings_module.load()) as store:
        log = chosen(store.catalog, workspace)
        pruned = store.reader().pruned(log).seq
        if pruned:
            raise Conflict(
                f"Events 1 to {pruned:,} were pruned, and a proof export begins with the first. Their archives prove themselves "
                "(immutable archive verify); what is left is proved by evidence packs (immutable evidence events)."
            )
        checkpoint = checkpoint_of(store, log, None)  # before the log's end is read, which is then no earlier
        head = store.head(log).seq
        try:
            part.mkdir(parents=True)
            with (part / EVENTS).open("wb") as stream, event_progress() as bar:
                task = bar.add_task("Exporting", total=head)
                for entry in store.entries(log, 1, head):
                    stream.write(event_line(entry, "erased" if entry.details is None else None))
                    bar.advance(task)
            (part / CHECKPOINT).write_bytes(checkpoint.note)
            for anchor in stamped(store, log):
                (part / ANCHORS).mkdir(exist_ok=True)
                (part / ANCHORS / f"{anchor.id}.checkpoint").write_bytes(anchor.note)
                (part / ANCHORS / f"{anchor.id}.tsr").write_bytes(anchor.time_stamp or b"")
            part.rename(folder)
        except OSError as error:
            raise StartError(f"{folder} cannot be written: {error.strerror}.") from error
        finally:
            shutil.rmtree(part, ignore_errors=True)
    out = console()
    out.print(f"Wrote {counted(head, 'event')} to {harmless(folder)}. Whoever gets the folder checks it with:")
    out.print(f"  immutable-verify export {harmless(folder)} --key VERIFIER_KEY", style="bold", highlight=False)
