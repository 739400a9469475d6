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

_MOST_TRIGRAMS = 2_000
"""A query of one or two characters that more trigrams begin with is so common that reading finds it soon."""

_EDGE = "\x1f\x1f"  # ends every field, so that queries of one or two characters are prefixes of some trigram
_LAST = "\U0010ffff" * 2
_encode = msgspec.json.Encoder(order="sorted").encode


def searchable(entry: LogEntry) -> list[str]:
    """The texts of an event that a search looks in: its fields case-folded, metadata as JSON."""
    if not entry.record:
        return []
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
    return [field.casefold() for field in fields]


class TextQuery:
    """A text to look for, as events hold it: plain in names, escaped in metadata."""

    def __init__(self, text: str) -> None:
        plain = text.casefold()
        escaped = msgspec.json.encode(plain)[1:-1].decode()
        self._forms = (plain,) if plain == escaped else (plain, escaped)

    def matches(self, entry: LogEntry) -> bool:
        """Whether the event holds the text."""
        return any(form in field for field in searchable(entry) for form in self._forms)

    def match_expression(self, reader: apsw.Connection) -> str | None:
        """The question to the trigram index; what it finds may hold the text, and nothing else does.

        None where too many trigrams would have to be asked for.
        """
        alternatives: list[str] = []
        for form in self._forms:
            if len(form) < 3:
                alternatives += map(_quote, _beginning_with(reader, form))
            else:
                trigrams = dict.fromkeys(form[index : index + 3] for index in range(len(form) - 2))
                alternatives.append(f"({' AND '.join(map(_quote, trigrams))})")
        return " OR ".join(alternatives or ['""']) if len(alternatives) <= _MOST_TRIGRAMS else None


def _beginning_with(reader: apsw.Connection, text: str) -> list[str]:
    """The trigrams that the index holds and that begin with `text`, or one more than are of use."""
    rows = reader.execute(
        "SELECT term FROM idx.text_terms WHERE term >= ? AND term <= ? LIMIT ?",
        (text, text + _LAST, _MOST_TRIGRAMS + 1),
    )
    return [term for (term,) in rows]


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
    expression = query.match_expression(reader) if first_seq <= indexed else None
    if expression is None:
        indexed = 0

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
            (expression, base + first_seq, base + indexed),
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
    entries = read_range(reader, codec, workspace, indexed + 1, last)
    rows = [(base + entry.seq, "".join(field + _EDGE for field in searchable(entry))) for entry in entries]
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
