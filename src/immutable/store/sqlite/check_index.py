"""Holds the index file's ends against the log: nothing beyond the sealed epochs, and every indexed event's text once.

The sealed epochs themselves are compared in `check.py`, beside the walk over their events. What the trigrams of a text
are is not compared: an edited text index can only hide events from searches, and deleting the file makes it again.
"""

import apsw

from immutable.integrity.verify import Break
from immutable.model.workspace import Workspace
from immutable.store.sqlite.connection import one
from immutable.store.sqlite.entries import SEQ_BITS, read_head, row_id
from immutable.store.sqlite.lookup import EPOCH


def check_index(reader: apsw.Connection, workspace: Workspace) -> list[Break]:
    """What is wrong with the index of a workspace as a whole. Right also while events are appended and indexed."""
    return [*_progress(reader, workspace), *_stray_epochs(reader, workspace), *_texts(reader, workspace)]


def _progress(reader: apsw.Connection, workspace: Workspace) -> list[Break]:
    row = reader.execute(
        "SELECT sealed_epochs, text_seq FROM idx.progress WHERE workspace_number=?", (workspace.number,)
    ).fetchone()
    head = read_head(reader, workspace)  # after the progress, which is never ahead of it
    if row is None or min(row) < 0:
        return [] if row is None else [_break(0, "The index's progress is less than nothing.")]
    through = max(row[0] * EPOCH, row[1])
    if through <= head.seq:
        return []
    return [_break(through, f"The index goes on to event {through}, but the log ends at {head.seq}.")]


def _stray_epochs(reader: apsw.Connection, workspace: Workspace) -> list[Break]:
    epoch = one(
        reader,
        "SELECT epoch FROM idx.postings WHERE workspace_number=?1 AND epoch < 0 UNION ALL "
        "SELECT epoch FROM idx.postings WHERE workspace_number=?1 AND epoch >= coalesce("
        "(SELECT sealed_epochs FROM idx.progress WHERE workspace_number=?1), 0) LIMIT 1",
        (workspace.number,),
    )
    if epoch is None:
        return []
    return [_break(max(epoch * EPOCH + 1, 0), f"The lookup index holds terms of epoch {epoch}, which is not sealed.")]


def _texts(reader: apsw.Connection, workspace: Workspace) -> list[Break]:
    """The text index must hold one row for each event up to its progress, and none beyond."""
    base = row_id(workspace, 0)
    row = reader.execute(
        "WITH p(through) AS (SELECT coalesce((SELECT text_seq FROM idx.progress WHERE workspace_number=?1), 0)) "
        "SELECT through, (SELECT count(*) FROM idx.text_index_docsize WHERE id > ?2 AND id <= ?2 + through), "
        "(SELECT min(id) FROM idx.text_index_docsize WHERE (id > ?2 + through AND id < ?3) OR id = ?2) FROM p",
        (workspace.number, base, base + (1 << SEQ_BITS)),
    ).fetchone()
    assert row is not None  # noqa: S101 - the statement always gives one row
    through, held, stray = row
    breaks = []
    if held != through:
        ids = (identifier - base for (identifier,) in _ids(reader, base))
        missing = next((place for place, found in enumerate(ids, 1) if place != found), held + 1)
        breaks.append(_break(missing, "The text index does not hold the event: searches would miss it."))
    if stray is not None:
        breaks.append(_break(stray - base, "The text index holds the event although it was not indexed yet."))
    return breaks


def _ids(reader: apsw.Connection, base: int) -> apsw.Cursor:
    sql = "SELECT id FROM idx.text_index_docsize WHERE id > ? AND id < ? ORDER BY id"
    return reader.execute(sql, (base, base + (1 << SEQ_BITS)))


def _break(sequence: int, message: str) -> Break:
    return Break(event_id=None, sequence=sequence, type="index_mismatch", message=message)
