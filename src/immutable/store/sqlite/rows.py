"""Many rows in few statements.

`executemany` enters the engine once per row and gives up Python's global lock each time; while requests are decoded in
another thread, getting it back costs more than the row. A statement of many rows gives it up once.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

import apsw

_SIZES = (256, 64, 32, 16, 8, 4, 2, 1)
"""Rows per statement: few sizes, so that every statement is prepared once and then found in the cache."""


def write_rows(connection: apsw.Connection, before: str, rows: Sequence[Sequence[Any]], after: str = "") -> list[Any]:
    """Run `before VALUES (...), (...) after` for all rows, and give back what it returns (RETURNING)."""
    start = 0
    returned: list[Any] = []
    for size in _SIZES:
        while len(rows) - start >= size:
            statement = _statement(before, after, size, len(rows[start]))
            bindings = tuple(chain.from_iterable(rows[start : start + size]))
            returned += connection.execute(statement, bindings).fetchall()
            start += size
    return returned


@lru_cache(maxsize=256)
def _statement(before: str, after: str, size: int, width: int) -> str:
    row = "(" + ",".join("?" * width) + ")"
    return f"{before} VALUES {','.join([row] * size)} {after}"
