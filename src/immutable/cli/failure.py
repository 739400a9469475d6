"""What every command shares: its help as it is shown, and how it fails.

Exit codes: 0 done; 1 the answer is bad (the chain is broken, lines were rejected); 2 it could not be done, and one
sentence on stderr says why and what to do; 130 interrupted.
"""

import functools
import inspect
import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import typer
from rich.markup import escape

from immutable.errors import ImmutableError

P = ParamSpec("P")
R = TypeVar("R")


def told(command: Callable[P, R]) -> Callable[P, R]:
    """Turn our errors into their message; anything else is a bug and keeps its traceback."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except ImmutableError as error:
            print(f"immutable: {error.message}", file=sys.stderr)  # noqa: T201 - this is the console
            raise typer.Exit(2) from error
        except KeyboardInterrupt:
            print("immutable: interrupted.", file=sys.stderr)  # noqa: T201 - this is the console
            raise typer.Exit(130) from None

    wrapped.__doc__ = _as_shown(inspect.cleandoc(command.__doc__ or ""))
    return wrapped


def _as_shown(docstring: str) -> str:
    r"""A docstring in rich markup: prose on one line each, to be wrapped again; a paragraph that begins with \b as it is.

    typer's rich help keeps every line break and does not know \b, which plain click help has for this.
    """
    paragraphs = []
    for paragraph in docstring.split("\n\n"):
        text = escape(paragraph)
        if text.startswith("\b\n"):
            title, _, lines = text.removeprefix("\b\n").partition("\n")
            paragraphs.append(f"[bold not dim]{title}[/]\n[not dim]{lines}[/]")
        else:
            paragraphs.append(" ".join(text.split()))
    return "\n\n".join(paragraphs)
