"""How a command fails: one sentence on stderr that says what to do, and exit code 2."""

import functools
import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import typer

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

    return wrapped
