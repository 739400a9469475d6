"""Holds the index's ends against the log: nothing beyond the sealed epochs, and every indexed event's text once.

The sealed epochs themselves are compared in `check.py`, beside the walk over their events. What the trigrams of a text
are is not compared: an edited text index can only hide events from searches, and it can be made again at any time.
"""

from immutable.integrity.verify import Break
from immutable.model.workspace import Workspace
from immutable.store.lookup import EPOCH
from immutable.store.reader import VerificationReader


def check_index(reader: VerificationReader, workspace: Workspace) -> list[Break]:
    """What is wrong with the index of a workspace as a whole. Right also while events are appended and indexed."""
    return [*_progress(reader, workspace), *_stray_epochs(reader, workspace), *_texts(reader, workspace)]


def _progress(reader: VerificationReader, workspace: Workspace) -> list[Break]:
    row = reader.progress(workspace)
    head = reader.head(workspace)  # after the progress, which is never ahead of it
    if row is None or min(row) < 0:
        return [] if row is None else [_break(0, "The index's progress is less than nothing.")]
    through = max(row[0] * EPOCH, row[1])
    if through <= head.seq:
        return []
    return [_break(through, f"The index goes on to event {through}, but the log ends at {head.seq}.")]


def _stray_epochs(reader: VerificationReader, workspace: Workspace) -> list[Break]:
    epoch = reader.stray_epoch(workspace)
    if epoch is None:
        return []
    return [_break(max(epoch * EPOCH + 1, 0), f"The lookup index holds terms of epoch {epoch}, which is not sealed.")]


def _texts(reader: VerificationReader, workspace: Workspace) -> list[Break]:
    """The text index must hold one row for each event up to its progress, and none beyond."""
    first = reader.pruned(workspace).seq + 1
    through, held, stray = reader.texts(workspace, first)
    breaks = []
    if held != max(through - first + 1, 0):
        missing = next(
            (place for place, found in enumerate(reader.text_seqs(workspace, first), first) if place != found),
            first + held,
        )
        breaks.append(_break(missing, "The text index does not hold the event: searches would miss it."))
    if stray is not None:
        breaks.append(_break(stray, "The text index holds the event although it was not indexed yet."))
    return breaks


def _break(sequence: int, message: str) -> Break:
    return Break(event_id=None, sequence=sequence, type="index_mismatch", kind="index", message=message)
