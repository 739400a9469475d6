"""The text index on PostgreSQL: two ways to the places that may hold a text, which only proposes candidates.

In order, event by event, finds a common text soon; by trigrams, all of it at once, a rare one. The planner cannot tell which it
is: it takes the condition on the months for one that hardly any row meets, whatever the text. So a look at the first places
tells, and each statement leaves only one way open.
"""

from collections.abc import Iterator

from immutable.model.workspace import Workspace
from immutable.store.postgres.connection import Read
from immutable.store.postgres.periods import IN_PERIODS
from immutable.store.text_query import TextQuery

_FIRST_LOOK = 128
_LONGEST_LOOK = 16_384
_COMMON = 32
"""Where one in so many of the events just looked at holds the text, the next ones are looked at too."""
_PIECE = 1_024
"""About so many places a statement: as many as are counted. The trigrams find all of them anew for each."""
_NEXT_PIECE = 16_384


def candidates(
    read: Read, workspace: Workspace, query: TextQuery, first_seq: int, last_seq: int, *, ascending: bool
) -> Iterator[int]:
    """The places that hold the text, in order, as far as the caller asks."""
    # PostgreSQL keeps no NUL in a text, and events hold none either, but for metadata, which escapes it.
    patterns = ["%" + _escaped(form) + "%" for form in query.forms if "\0" not in form]
    look, is_common = _FIRST_LOOK, bool(patterns)
    while is_common and first_seq <= last_seq:
        if ascending:
            low, high = first_seq, min(last_seq, first_seq + look - 1)
            first_seq = high + 1
        else:
            low, high = max(first_seq, last_seq - look + 1), last_seq
            last_seq = low - 1
        places = _in_order(read, workspace, patterns, low, high, ascending=ascending)
        yield from places
        is_common = len(places) * _COMMON >= look
        look = min(_PIECE * look // max(len(places), 1), _LONGEST_LOOK)
    piece = _PIECE
    while patterns and first_seq <= last_seq:
        places = _by_trigrams(read, workspace, patterns, first_seq, last_seq, piece, ascending=ascending)
        yield from places
        if len(places) < piece:
            return
        first_seq, last_seq = (places[-1] + 1, last_seq) if ascending else (first_seq, places[-1] - 1)
        piece = _NEXT_PIECE


def _in_order(
    read: Read, workspace: Workspace, patterns: list[str], first_seq: int, last_seq: int, *, ascending: bool
) -> list[int]:
    """All of a short range; no index is made for this expression of the text."""
    condition = " OR ".join(["text || '' LIKE %s"] * len(patterns))
    sql = (
        f"SELECT seq FROM event_texts WHERE workspace_number=%s AND seq BETWEEN %s AND %s AND {IN_PERIODS} "
        f"AND ({condition}) ORDER BY seq {'ASC' if ascending else 'DESC'}"
    )
    number = workspace.number
    rows = read(sql, (number, first_seq, last_seq, number, first_seq, number, last_seq, *patterns))
    return [seq for (seq,) in rows]


def _by_trigrams(
    read: Read, workspace: Workspace, patterns: list[str], first_seq: int, last_seq: int, limit: int, *, ascending: bool
) -> list[int]:
    """The first of a long range; no index is in the order of this expression of the place."""
    condition = " OR ".join(["text LIKE %s"] * len(patterns))
    sql = (
        f"SELECT seq FROM event_texts WHERE workspace_number=%s AND seq BETWEEN %s AND %s AND {IN_PERIODS} "
        f"AND ({condition}) ORDER BY seq + 0 {'ASC' if ascending else 'DESC'} LIMIT %s"
    )
    number = workspace.number
    # Planned for this very text: one without trigrams, or in a span of time that is short, is sooner found without the index.
    values = (number, first_seq, last_seq, number, first_seq, number, last_seq, *patterns, limit)
    return [seq for (seq,) in read(sql, values, prepare=False)]


def _escaped(text: str) -> str:
    """The text as LIKE takes it literally."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
