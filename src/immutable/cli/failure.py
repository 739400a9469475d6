"""What every command is wrapped in: its help as it is shown, and how it fails.

Exit codes: 0 done; 1 the answer is bad (the chain is broken, lines were rejected); 2 it could not be done, and one
sentence on stderr says why and what to do; 130 interrupted; 141 whoever read the output stopped reading.
"""

import functools
import inspect
import os
import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import typer

from immutable.cli.help_text import help_text
from immutable.errors import ImmutableError

P = ParamSpec("P")
R = TypeVar("R")

CLOSED_PIPE = 141
"""128 and the number of SIGPIPE, as a shell tells it; it must not be taken for 1."""


def told(command: Callable[P, R]) -> Callable[P, R]:
    """Turn our errors into their message; anything else is a bug and keeps its traceback."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except ImmutableError as error:
            print(f"immutable: {error.message}", file=sys.stderr)  # noqa: T201 - this is the console
            raise typer.Exit(2) from error
        except BrokenPipeError:
            close_output()
            raise typer.Exit(CLOSED_PIPE) from None
        except KeyboardInterrupt:
            print("immutable: interrupted.", file=sys.stderr)  # noqa: T201 - this is the console
            raise typer.Exit(130) from None

    wrapped.__doc__ = help_text(inspect.cleandoc(command.__doc__ or ""))
    return wrapped


def close_output() -> None:
    """Send the rest of the output nowhere, so that ending the process does not fail at writing it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
