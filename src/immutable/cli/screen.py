"""The terminal: consoles, tables, progress bars, JSON; and event texts made harmless before they reach it.

What an event says was written by strangers. On a terminal, an escape sequence in a name could hide or forge lines, so
whatever is not printable is shown as its code; and no text of an event is ever read as markup.
"""

import io
import json
import sys
from typing import Any, TextIO

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

_NO_TERMINAL_WIDTH = 100_000
"""Columns where no terminal sets them: nothing is wrapped or cut, so that other programs find ids whole."""


_JOINERS = "\u200c\u200d\u00a0"
"""Not printable by the book, but at home in names of several scripts, and harmless."""


class _Console(Console):
    """A console that leaves a closed pipe to the command, whose exit code it must not choose."""

    def on_broken_pipe(self) -> None:
        """Say it in Python's way."""
        raise BrokenPipeError


def console(stream: TextIO | None = None) -> Console:
    """A console on stdout, or on the stream. Characters that the terminal's encoding lacks become question marks."""
    stream = stream or sys.stdout
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")
    made = _Console(file=stream, markup=False, highlight=False, emoji=False, soft_wrap=False)
    if not made.is_terminal:
        made.width = _NO_TERMINAL_WIDTH
    return made


def harmless(value: object) -> str:
    """A text for the terminal: what is not printable (control, direction and other invisible characters) as its code."""
    text = str(value)
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() or one in _JOINERS else one.encode("unicode_escape").decode() for one in text
    )


def styled(value: object, style: str = "") -> Text:
    """A harmless text with a style, which stays with it where other text is joined on."""
    return Text().append(harmless(value), style or None)


def joined(*parts: Text | str | None, between: str = " · ") -> Text:
    """The parts that say something, with something between them."""
    return styled(between, "dim").join(Text(part) if isinstance(part, str) else part for part in parts if part)


def table(*headings: str) -> Table:
    """An empty table in our style."""
    made = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False, show_edge=False)
    for heading in headings:
        made.add_column(heading, overflow="fold")
    return made


def print_json(content: Any) -> None:
    """JSON on stdout; for a terminal with ASCII alone, so that nothing in it is an instruction to the terminal."""
    text = json.dumps(content, indent=2, ensure_ascii=sys.stdout.isatty())
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


class _EventsPerSecond(ProgressColumn):
    """How fast the events go by."""

    def render(self, task: Task) -> Text:
        """The speed of the whole run."""
        if not task.elapsed or not task.completed:
            return Text("")
        return Text(f"{task.completed / task.elapsed:,.0f} events/s", style="cyan")


class _Counted(MofNCompleteColumn):
    """How many are done, of how many where that is known."""

    def render(self, task: Task) -> Text:
        """12,345 of 50,000."""
        total = "" if task.total is None else f" of {task.total:,.0f}"
        return Text(f"{task.completed:,.0f}{total}")


def event_progress() -> Progress:
    """A progress bar on stderr that counts events; silent where stderr is no terminal."""
    shown = console(sys.stderr)
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=30),
        _Counted(),
        _EventsPerSecond(),
        TimeElapsedColumn(),
        console=shown,
        disable=not shown.is_terminal,
    )
