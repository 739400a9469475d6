"""An operator's word that an older state of a log is to be gone on with; on the record, in the log and by a new origin.

What was signed before can no longer be continued: whoever holds it would see a fork. So the log goes on under a new origin
with a new key, and an event tells what was known of the old one. In the event the old origin's own key signs who follows
(`integrity/succession.py`): nobody without it can end an origin. Outsiders see the change; nothing of it is quiet.
"""

from collections.abc import Sequence

from immutable.checkpoints.guard import Guard, Halt, same_events
from immutable.checkpoints.kept import Kept
from immutable.checkpoints.keys import SigningKeys
from immutable.errors import Conflict, StartError
from immutable.integrity.checkpoint import parse_checkpoint
from immutable.integrity.note import NoteError, Signer, split_note
from immutable.integrity.succession import is_signed, succession_note, succession_target
from immutable.integrity.tiles import Tree
from immutable.log.system_events import Responsible, append_system_event, system_event
from immutable.model.workspace import Workspace
from immutable.store.log_store import LogStore
from immutable.store.proof_store import StoredCheckpoint, StoredKey
from immutable.store.proof_tiles import tile_reader


def accept_rollback(
    store: LogStore, keys: SigningKeys, kept: Kept, workspace: Workspace, *, by: Responsible, reason: str, silence: int
) -> StoredKey:
    """Go on with the log as it is; the key that signs it from now on, whose name is the new origin.

    Raises Conflict where the tree is not halted, or the log's events are not those that were signed as far as both go.
    """
    proofs = store.proofs
    state = proofs.tree(workspace)
    if state.halted is None:
        # No server looked since the older copy was restored: what it would find is found here.
        guard = Guard(store, kept)
        try:
            length = store.head(workspace).seq
            guard.check_log(workspace, length, state.size)
            guard.check_kept(workspace, length, state.size)
        except Halt as halt:
            guard.halt(workspace, str(halt))
            state = proofs.tree(workspace)
    if state.halted is None:
        raise Conflict("This log is not halted: it continues what was signed of it.")
    size = min(state.size, store.head(workspace).seq)
    if not same_events(proofs, workspace, size):
        raise Conflict(
            f"Event {size:,} is not the one that was signed: the log was rewritten, not set back. Restore the database from a "
            "copy that `immutable verify` finds whole."
        )
    note = kept.read(workspace.id)
    old, new = _ending(keys, workspace, size, note), keys.next_origin(workspace)
    root = Tree(tile_reader(proofs, workspace), size).root()
    target = succession_target(succession_note(old, size, root, new.verifier))
    known = _known(proofs.checkpoints(workspace), note)
    metadata = {"reason": reason, "why": state.halted, "size": size, "origin": new.name, "known": known}
    # The event before the key, and both before the tree goes on: after a crash between them the log is still halted, and what the
    # first checkpoint of the new origin covers tells of the old one.
    event = system_event("rollback_accepted", by, targets=(target,), metadata=metadata)
    append_system_event(store, workspace, event, silence)
    key = keys.succeed(workspace, new, size)
    proofs.set_halted(workspace, None, size)
    return key


def _ending(keys: SigningKeys, workspace: Workspace, size: int, kept: bytes | None) -> Signer:
    """The key by which the old origin ends itself. Raises Conflict where it cannot."""
    try:
        old = keys.current(workspace, size)
    except StartError as error:
        raise Conflict(f"Only the key that signed until now can end its origin: {error.message}") from error
    if old is None:
        raise Conflict(
            "No key signed this log yet, so there is no origin to end. Restore a newer copy of the database."
        )
    if kept is not None and not is_signed(kept, [old.verifier]):
        raise Conflict(
            "The checkpoint that is kept outside the database was signed by a key that this database does not sign with: the key "
            "was made after the copy that was restored. If nothing newer can be restored, move the log's file out of the "
            "checkpoints folder, and accept again."
        )
    return old


def _known(stored: Sequence[StoredCheckpoint], note: bytes | None) -> list[dict[str, object]]:
    """What was signed of the log before, as far as this database and the file beside it know."""
    known = []
    for one in dict.fromkeys([*(one.note for one in stored), *([note] if note else [])]):
        try:
            checkpoint = parse_checkpoint(split_note(one)[0])
        except NoteError:
            continue
        known.append({"origin": checkpoint.origin, "size": checkpoint.size, "root": checkpoint.root.hex()})
    return known
