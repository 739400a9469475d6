"""`immutable bench`: the benchmarks of the repository, run from a checkout."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from immutable.cli.failure import told
from immutable.errors import StartError

_CHECKOUT = Path(__file__).resolve().parents[3]


@told
def bench(
    arguments: Annotated[list[str] | None, typer.Argument(help="What `python -m benchmarks.run --help` lists.")] = None,
) -> None:
    """Measure this server beside one of the usual kind, and print tables and ratios. Takes some minutes.

    \b
    Examples:
      immutable bench
      immutable bench -- --part queries --events 100000
    """
    if not (_CHECKOUT / "benchmarks" / "run.py").is_file():
        raise StartError(
            "The benchmarks are in the repository, not in the installed package: run `make bench` in a checkout."
        )
    command = [sys.executable, "-m", "benchmarks.run", *(arguments or [])]
    raise typer.Exit(subprocess.run(command, cwd=_CHECKOUT, check=False).returncode)  # noqa: S603 - our own module
