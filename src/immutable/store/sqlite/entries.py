"""Reading entries by place and by range. Every entry comes back as the bytes that were hashed."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import apsw

from immutable.model.event import EMPTY_HEAD, Head, LogEntry
from immutable.model.workspace import Workspace
from immutable.store.codec import Codec

_COLUMNS = "id, record, details, salt, previous_hash, event_hash"
SEQ_BITS = 40
_SEQ_MASK = (1 << SEQ_BITS) - 1
_CHUNK = 256


def row_id(workspace: Workspace, seq: int) -> int:
    """Where the entry lies in the file: a workspace's entries are neighbours, in the order of the log."""
    return (workspace.number << SEQ_BITS) + seq


def _entry(codec: Codec, row: Sequence[object]) -> LogEntry:
    identifier, record, details, salt, previous_hash, event_hash = row
    read = codec.decompress
    return LogEntry(
        identifier & _SEQ_MASK,  # type: ignore[operator]
        read(record),  # type: ignore[arg-type]
        None if details is None else read(details),  # type: ignore[arg-type]
        salt,  # type: ignore[arg-type]
        previous_hash,  # type: ignore[arg-type]
        event_hash,  # type: ignore[arg-type]
    )


def read_head(connection: apsw.Connection, workspace: Workspace) -> Head:
    """The end of the chain as last committed."""
    row = connection.execute(
        "SELECT seq, event_hash, created_at FROM heads WHERE workspace_number=?", (workspace.number,)
    ).fetchone()
    return EMPTY_HEAD if row is None else Head(*row)


def read_range(
    connection: apsw.Connection,
    codec: Codec,
    workspace: Workspace,
    first_seq: int,
    last_seq: int,
    *,
    descending: bool = False,
) -> Iterator[LogEntry]:
    """The entries of a range, both ends included."""
    order = "DESC" if descending else "ASC"
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM entries WHERE id BETWEEN ? AND ? ORDER BY id {order}",
        (row_id(workspace, max(first_seq, 1)), row_id(workspace, min(last_seq, _SEQ_MASK))),
    )
    while chunk := list(islice(rows, _CHUNK)):
        yield from _entries(codec, chunk)


def _entries(codec: Codec, rows: list[Any]) -> Iterator[LogEntry]:
    """Many rows at once: their frames are opened in one go."""
    frames = [row[1] for row in rows] + [row[2] for row in rows if row[2] is not None]
    texts = iter(codec.decompress_all(frames))
    records = list(islice(texts, len(rows)))
    for (identifier, _, details, salt, previous_hash, event_hash), record in zip(rows, records, strict=True):
        text = None if details is None else next(texts)
        yield LogEntry(identifier & _SEQ_MASK, record, text, salt, previous_hash, event_hash)


def read_records(
    connection: apsw.Connection, codec: Codec, workspace: Workspace, first_seq: int, last_seq: int
) -> Iterator[tuple[int, bytes]]:
    """Only places and record bytes of a range, for what is built from records."""
    rows = connection.execute(
        "SELECT id, record FROM entries WHERE id BETWEEN ? AND ? ORDER BY id",
        (row_id(workspace, max(first_seq, 1)), row_id(workspace, min(last_seq, _SEQ_MASK))),
    )
    while chunk := list(islice(rows, _CHUNK)):
        texts = codec.decompress_all([record for _, record in chunk])
        for (identifier, _), text in zip(chunk, texts, strict=True):
            yield identifier & _SEQ_MASK, text


def find_entry(connection: apsw.Connection, codec: Codec, workspace: Workspace, seq: int) -> LogEntry | None:
    """The entry at a place, or None."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM entries WHERE id=?", (row_id(workspace, seq),)).fetchone()
    return None if row is None else _entry(codec, row)


def read_entry(connection: apsw.Connection, codec: Codec, workspace: Workspace, seq: int) -> LogEntry:
    """The entry at a place that the log has. Raises LookupError where it was taken away."""
    entry = find_entry(connection, codec, workspace, seq)
    if entry is None:
        raise LookupError(f"Event {seq} of workspace {workspace.name} is missing: run `immutable verify`.")
    return entry
