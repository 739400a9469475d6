"""Results as tables on a terminal, each rate beside its ratio to those it is compared with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from rich import box
from rich.table import Table

from benchmarks.load import LoadResult


@dataclass(frozen=True)
class Row:
    """One thing measured; what was not measured is None."""

    name: str
    rate: float | None = None
    """Per second, in the unit that the table names."""
    p50_ms: float | None = None
    p99_ms: float | None = None
    note: str = ""

    @classmethod
    def of(cls, name: str, result: LoadResult, note: str = "") -> Self:
        """The row of a run: events per second, or requests per second where the run posted none.

        Other answers than the expected are added to the note: a rate that hides them would be worth nothing.
        """
        if result.others:
            note = "; ".join(filter(None, [note, f"other answers: {dict(result.others)}"]))
        rate = result.events_per_second if result.events else result.requests_per_second
        return cls(name, rate, result.p50_ms, result.p99_ms, note)


def comparison(title: str, rows: Sequence[Row], *, unit: str = "events/s", against: Sequence[str] = ()) -> Table:
    """A table of rates and latencies, with a column of ratios for each row named in `against`.

    Raises:
        KeyError: `against` names no row that has a rate.
    """
    rates = {row.name: row.rate for row in rows if row.rate is not None}
    table = _table(title, "", unit)
    for name in against:
        table.add_column(f"times\n{name}", justify="right", overflow="fold")
    with_latency = any(row.p50_ms is not None or row.p99_ms is not None for row in rows)
    if with_latency:
        table.add_column("p50 ms", justify="right")
        table.add_column("p99 ms", justify="right")
    with_note = any(row.note for row in rows)
    if with_note:
        table.add_column("")
    for row in rows:
        cells = [row.name, figure(row.rate)]
        cells += ["" if row.rate is None or row.name == name else f"{row.rate / rates[name]:.2f}" for name in against]
        cells += [figure(row.p50_ms), figure(row.p99_ms)] if with_latency else []
        table.add_row(*cells, *([row.note] if with_note else []))
    return table


def latencies(title: str, columns: Mapping[str, Mapping[str, LoadResult]]) -> Table:
    """Results by name, side by side: p50 and p99 of each in milliseconds; nothing where a column lacks a name."""
    table = _table(title, "p50 / p99 in ms", next(iter(columns)))
    for column in list(columns)[1:]:
        table.add_column(column, justify="right")
    for name in dict.fromkeys(name for results in columns.values() for name in results):
        found = [results.get(name) for results in columns.values()]
        table.add_row(name, *("" if one is None else f"{figure(one.p50_ms)} / {figure(one.p99_ms)}" for one in found))
    return table


def facts(title: str, values: Sequence[tuple[str, float | None, str]]) -> Table:
    """A table of single figures: what, how much, in which unit."""
    table = _table(title, "", "")
    table.show_header = False
    table.add_column("")
    for name, value, unit in values:
        table.add_row(name, figure(value), unit)
    return table


def figure(value: float | None) -> str:
    """Three significant digits below a thousand, whole numbers with commas above; nothing for None."""
    if value is None:
        return ""
    if abs(value) >= 1_000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _table(title: str, first: str, second: str) -> Table:
    table = Table(
        title=title, title_justify="left", title_style="bold", header_style="dim", box=box.SIMPLE_HEAD, pad_edge=False
    )
    table.add_column(first, no_wrap=True)
    table.add_column(second, justify="right")
    return table
