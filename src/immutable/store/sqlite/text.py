"""Text search: which events hold a text, whatever its case, in actor name, action, resource name or metadata.

A trigram index is built behind the log and only proposes candidates; every one is checked against the hashed bytes, and
the events that the index does not hold yet are read. So an answer is complete and never wrong, however far behind it is.
"""

from collections.abc import Iterator

import apsw
import msgspec

from immutable.integrity.record import decode_details, decode_record
from immutable.model.event import LogEntry
from immutable.model.workspace import Workspace
from immutable.store.sqlite.codec import Codec
from immutable.store.sqlite.entries import find_entry, read_head, read_range, row_id

CHUNK = 1_000
"""Events that one step of the follower indexes."""

_EDGE = "\x1f\x1f"  # ends every field, so that queries of one or two characters are prefixes of some trigram
_encode = msgspec.json.Encoder(order="sorted").encode


def searchable(entry: LogEntry) -> str:
    """The text of an event that a search looks in: its fields case-folded, metadata as JSON, each ended by a mark."""
    if not entry.record:
        return ""
    record = decode_record(entry.record)
    fields = [record.action]
    if entry.details:
        details = decode_details(entry.details)
        if details.actor_name is not None:
            fields.append(details.actor_name)
        if details.resource_name is not None:
            fields.append(details.resource_name)
        if details.metadata is not None:
            fields.append(_encode(details.metadata).decode())
    return _EDGE.join(fields).casefold() + _EDGE


class TextQuery:
    """A text to look for, as events hold it: plain in names, escaped in metadata."""

    def __init__(self, text: str) -> None:
        plain = text.casefold()
        escaped = msgspec.json.encode(plain)[1:-1].decode()
        self._forms = (plain,) if plain == escaped else (plain, escaped)

    def matches(self, entry: LogEntry) -> bool:
        """Whether the event holds the text."""
        text = searchable(entry)
        return any(form in text for form in self._forms)

    def match_expression(self) -> str:
        """The question to the trigram index; what it finds has all trigrams, but perhaps not the text."""
        return " OR ".join(f"({_trigrams(form)})" for form in self._forms)


def _trigrams(text: str) -> str:
    if len(text) < 3:
        return f"{_quote(text)} *"
    return " AND ".join(dict.fromkeys(_quote(text[index : index + 3]) for index in range(len(text) - 2)))


def _quote(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def indexed_through(reader: apsw.Connection, workspace: Workspace) -> int:
    """The last event that the text index holds."""
    row = reader.execute("SELECT text_seq FROM idx.progress WHERE workspace_number=?", (workspace.number,)).fetchone()
    return row[0] if row else 0


def search(
    reader: apsw.Connection,
    codec: Codec,
    workspace: Workspace,
    query: TextQuery,
    first_seq: int,
    last_seq: int,
    *,
    ascending: bool,
) -> Iterator[LogEntry]:
    """The matching entries between two places, in order; read only as far as the caller asks."""
    indexed = min(indexed_through(reader, workspace), last_seq)

    def unindexed() -> Iterator[LogEntry]:
        entries = read_range(reader, codec, workspace, max(first_seq, indexed + 1), last_seq, descending=not ascending)
        return (entry for entry in entries if query.matches(entry))

    if not ascending:
        yield from unindexed()
    if first_seq <= indexed:
        base = row_id(workspace, 0)
        rows = reader.execute(
            "SELECT rowid FROM idx.text_index WHERE text_index MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid "
            + ("ASC" if ascending else "DESC"),
            (query.match_expression(), base + first_seq, base + indexed),
        )
        for (identifier,) in rows:
            entry = find_entry(reader, codec, workspace, identifier - base)
            if entry is not None and query.matches(entry):
                yield entry
    if ascending:
        yield from unindexed()


def index_step(
    reader: apsw.Connection, writer: apsw.Connection, codec: Codec, workspace: Workspace, chunk: int = CHUNK
) -> int:
    """Index the next events; how many the index does not hold yet afterwards."""
    indexed = indexed_through(reader, workspace)
    head = read_head(reader, workspace).seq
    if indexed >= head:
        return 0
    last = min(indexed + chunk, head)
    base = row_id(workspace, 0)
    rows = [(base + entry.seq, searchable(entry)) for entry in read_range(reader, codec, workspace, indexed + 1, last)]
    writer.execute("BEGIN IMMEDIATE")
    try:
        writer.executemany("INSERT INTO text_index (rowid, text) VALUES (?,?)", rows)
        writer.execute(
            "INSERT INTO progress (workspace_number, text_seq) VALUES (?,?) "
            "ON CONFLICT DO UPDATE SET text_seq = excluded.text_seq",
            (workspace.number, last),
        )
    except BaseException:
        writer.execute("ROLLBACK")
        raise
    writer.execute("COMMIT")
    return head - last
