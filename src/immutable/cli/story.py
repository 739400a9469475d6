"""Draws events one below the other as a story: when, what, on what, where; destructive steps stand out.

Which columns there are is the command's choice (`timeline.py`, `history.py`); this module only lays them out.
"""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec
from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from immutable.cli.moments import clock_text, day_text, span_text
from immutable.cli.screen import joined, styled

_LONG_GAP_MS = 5 * 60_000
"""Silence from which on a gap is drawn as a gap."""

_MARK = styled("✖ ", "bold red")
_NO_MARK = Text("  ")
_TAG = styled("DESTRUCTIVE", "bold red")


class Row(msgspec.Struct):
    """One step: its time, the time since the step before (0: not shown), its columns, and what else is known."""

    at: datetime
    gap_ms: int
    is_destructive: bool
    columns: Sequence[Text]
    details: Text | None


def draw(console: Console, rows: Sequence[Row], *, day: date | None = None) -> None:
    """Print the rows. `day`: the one that the reader knows already; every other is announced where it begins."""
    gaps = [f"+{span_text(row.gap_ms)}" if row.gap_ms > 0 else "" for row in rows]
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True, justify="right")
    grid.add_column()
    left = 1 + len("09:53:11") + 2 + max(map(len, gaps), default=0) + 2
    widths = _widths(rows, console.width - left)
    for row, gap in zip(rows, gaps, strict=True):
        if row.at.date() != day:
            day = row.at.date()
            grid.add_row("", "", _NO_MARK + styled(day_text(row.at), "bold underline"))
        if row.gap_ms >= _LONG_GAP_MS:
            grid.add_row(Text("     ⋮", "dim"), "", Text(f"⋮ {span_text(row.gap_ms)} of silence", "dim italic"))
        time = Text(clock_text(row.at), "bold red" if row.is_destructive else "bold")
        grid.add_row(time, Text(gap, "dim"), _body(row, widths))
    console.print(Padding(grid, (0, 0, 0, 1), expand=False))


def _widths(rows: Sequence[Row], available: int) -> list[int] | None:
    """The width of each column, or None where they do not fit beside each other."""
    widths = [
        max(cell_len(text.plain) for text in column) for column in zip(*(row.columns for row in rows), strict=True)
    ]
    return widths if len(_MARK) + sum(widths) + 2 * (len(widths) - 1) <= available else None


def _body(row: Row, widths: list[int] | None) -> Group:
    mark = _MARK if row.is_destructive else _NO_MARK
    first, *others = row.columns
    if row.is_destructive:
        first = styled(first.plain, "bold red")
    lines: list[RenderableType] = []
    if widths is None:
        lines.append(mark + first)
        lines.append(Padding(joined(*others), (0, 0, 0, 2), expand=False))
    else:
        line = mark.copy()
        for text, width in zip((first, *others), widths, strict=True):
            line += text + Text(" " * (width - cell_len(text.plain) + 2))
        line.rstrip()
        lines.append(line)
    details = joined(_TAG if row.is_destructive else None, row.details)
    if details:
        lines.append(Padding(details, (0, 0, 0, 4), expand=False))
    return Group(*lines)
