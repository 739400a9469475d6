"""The text index on SQLite: FTS5 trigrams, built behind the log, which only propose candidates."""

from collections.abc import Iterator, Sequence

import apsw

from immutable.model.workspace import Workspace
from immutable.store.sqlite.entries import row_id
from immutable.store.text_query import TextQuery

_MOST_TRIGRAMS = 2_000
"""A query of one or two characters that more trigrams begin with is so common that reading finds it soon."""

_EDGE = "\x1f\x1f"  # ends every field, so that queries of one or two characters are prefixes of some trigram
_LAST = "\U0010ffff" * 2


def candidates(
    reader: apsw.Connection,
    workspace: Workspace,
    query: TextQuery,
    first_seq: int,
    last_seq: int,
    *,
    ascending: bool,
) -> Iterator[int] | None:
    """The places that may hold the text, in order; no others do. None where too many trigrams would have to be asked for."""
    expression = _match_expression(reader, query)
    if expression is None:
        return None
    base = row_id(workspace, 0)
    rows = reader.execute(
        "SELECT rowid FROM idx.text_index WHERE text_index MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid "
        + ("ASC" if ascending else "DESC"),
        (expression, base + first_seq, base + last_seq),
    )
    return (identifier - base for (identifier,) in rows)


def write(writer: apsw.Connection, workspace: Workspace, texts: Sequence[tuple[int, list[str]]]) -> None:
    """Index the fields of the events at these places."""
    base = row_id(workspace, 0)
    rows = [(base + seq, "".join(field + _EDGE for field in fields)) for seq, fields in texts]
    writer.executemany("INSERT INTO text_index (rowid, text) VALUES (?,?)", rows)


def remove(writer: apsw.Connection, workspace: Workspace, seqs: Sequence[int]) -> None:
    """Take the events at these places out of the index."""
    base = row_id(workspace, 0)
    writer.executemany("DELETE FROM text_index WHERE rowid=?", [(base + seq,) for seq in seqs])


def _match_expression(reader: apsw.Connection, query: TextQuery) -> str | None:
    alternatives: list[str] = []
    for form in query.forms:
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
