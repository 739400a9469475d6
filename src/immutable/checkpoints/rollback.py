"""An operator's word that an older state of a log is to be gone on with; on the record, in the log and by a new origin.

What was signed before can no longer be continued: whoever holds it would see a fork. So the log goes on under a new origin
with a new key, and an event tells what was known of the old one. Outsiders see the change; nothing of it is quiet.
"""

from collections.abc import Sequence

from immutable.checkpoints.guard import same_events
from immutable.checkpoints.kept import Kept
from immutable.checkpoints.keys import SigningKeys
from immutable.errors import Conflict
from immutable.integrity.checkpoint import parse_checkpoint
from immutable.integrity.note import NoteError, split_note
from immutable.log.system_events import Responsible, append_system_event, system_event
from immutable.model.workspace import Workspace
from immutable.store.log_store import LogStore
from immutable.store.proof_store import StoredCheckpoint, StoredKey


def accept_rollback(
    store: LogStore, keys: SigningKeys, kept: Kept, workspace: Workspace, *, by: Responsible, reason: str, silence: int
) -> StoredKey:
    """Go on with the log as it is; the key that signs it from now on, whose name is the new origin.

    Raises Conflict where the tree is not halted, or the log's events are not those that were signed as far as both go.
    """
    proofs = store.proofs
    state = proofs.tree(workspace)
    if state.halted is None:
        raise Conflict("This log is not halted: it continues what was signed of it.")
    size = min(state.size, store.head(workspace).seq)
    if not same_events(proofs, workspace, size):
        raise Conflict(
            f"Event {size:,} is not the one that was signed: the log was rewritten, not set back. Restore the database from a "
            "copy that `immutable verify` finds whole."
        )
    known = _known(proofs.checkpoints(workspace), kept.read(workspace.id))
    key = keys.make(workspace, size, name=keys.next_origin(workspace))
    metadata = {"reason": reason, "why": state.halted, "size": size, "origin": key.name, "known": known}
    # The event before the tree goes on: what the first checkpoint of the new origin covers tells of the old one.
    append_system_event(store, workspace, system_event("rollback_accepted", by, metadata=metadata), silence)
    proofs.set_halted(workspace, None, size)
    return key


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
