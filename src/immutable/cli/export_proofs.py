"""`immutable export --proofs`: a whole log as a folder that proves itself, which `immutable-verify export` checks."""

import shutil
from pathlib import Path

import msgspec

from immutable import settings as settings_module
from immutable.anchors.vouching import stamped
from immutable.checkpoints.proofs import checkpoint_of
from immutable.cli.described import counted
from immutable.cli.screen import console, event_progress, harmless
from immutable.errors import Conflict, StartError
from immutable.integrity.pack import event_line
from immutable.integrity.tiles import Tree
from immutable.store.proof_tiles import tile_reader

EVENTS, CHECKPOINT, ANCHORS, PRUNED = "events.jsonl", "checkpoint", "anchors", "pruned.json"


def export_proofs(workspace: str | None, folder: Path) -> None:
    """Write every event as it was hashed, the latest checkpoint with its cosignatures, and what anchors there are.

    Of a log that was pruned, what is left, and the hashes of the tree over what is gone. Raises StartError where the folder is
    there already, NotFound where nothing was signed, Conflict where the tree is damaged.
    """
    from immutable.cli.database import existing_store
    from immutable.cli.workspaces import chosen

    if folder.exists():
        raise StartError(f"{folder} is there already: name a new folder.")
    part = folder.with_name(folder.name + ".part")
    with existing_store(settings_module.load()) as store:
        log = chosen(store.catalog, workspace)
        pruned = store.reader().pruned(log).seq
        checkpoint = checkpoint_of(store, log, None)  # before the log's end is read, which is then no earlier
        head = store.head(log).seq
        anchors = [
            one for one in stamped(store, log) if one.size >= pruned
        ]  # what is left of the log leads to no smaller tree
        try:
            part.mkdir(parents=True)
            with (part / EVENTS).open("wb") as stream, event_progress() as bar:
                task = bar.add_task("Exporting", total=head - pruned)
                for entry in store.entries(log, pruned + 1, head):
                    stream.write(event_line(entry, "erased" if entry.details is None else None))
                    bar.advance(task)
            (part / CHECKPOINT).write_bytes(checkpoint.note)
            if pruned:
                (part / PRUNED).write_bytes(
                    _hashes_over(Tree(tile_reader(store.proofs, log), checkpoint.stored.size), pruned)
                )
            for anchor in anchors:
                (part / ANCHORS).mkdir(exist_ok=True)
                (part / ANCHORS / f"{anchor.id}.checkpoint").write_bytes(anchor.note)
                (part / ANCHORS / f"{anchor.id}.tsr").write_bytes(anchor.time_stamp or b"")
            part.rename(folder)
        except LookupError as error:
            raise Conflict(f"The tree over the log is damaged: {error} Run `immutable verify`.") from error
        except OSError as error:
            raise StartError(f"{folder} cannot be written: {error.strerror}.") from error
        finally:
            shutil.rmtree(part, ignore_errors=True)
    out = console()
    out.print(f"Wrote {counted(head - pruned, 'event')} to {harmless(folder)}. Whoever gets the folder checks it with:")
    out.print(f"  immutable-verify export {harmless(folder)} --key VERIFIER_KEY", style="bold", highlight=False)
    out.print("The key is what `immutable signing-keys show` prints; give it to them on another way than the folder.")


def _hashes_over(tree: Tree, count: int) -> bytes:
    """`pruned.json`: the complete subtrees over the first `count` leaves, the largest first."""
    hashes, at = [], 0
    for bit in reversed(range(count.bit_length())):
        if count >> bit & 1:
            hashes.append(tree.range_hash(at, at + (1 << bit)).hex())
            at += 1 << bit
    return msgspec.json.encode({"hashes": hashes}) + b"\n"
