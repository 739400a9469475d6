"""The files of archives as the command line names them: each archive once, whichever of its files was named."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from immutable.errors import StartError
from immutable.retention.archive import (
    DETAILS_NAME,
    ONE_FILE,
    RECORDS_NAME,
    ArchiveHeader,
    details_name,
    read_header,
)
from immutable.retention.archive_folder import ArchiveFolder

Archives = Annotated[
    list[str],
    typer.Argument(
        metavar="ARCHIVE...", help="Their files, or with --at names as `archive list` shows them. One of each suffices."
    ),
]
At = Annotated[str | None, typer.Option(help="Where the archives lie: a folder, or s3://bucket/prefix.")]


def in_order(names: Sequence[str], at: str | None) -> list[tuple[str, ArchiveHeader]]:
    """The archives that these files belong to, by their first event, workspace by workspace. Raises ImmutableError."""
    found = []
    for name in dict.fromkeys(_records_name(one) for one in names):
        with _opened(name, at) as file:
            found.append((name, read_header(file)))
    return sorted(found, key=lambda one: (one[1].workspace_id, one[1].first))


@contextmanager
def opened(name: str, header: ArchiveHeader, at: str | None) -> Iterator[tuple[BinaryIO, BinaryIO | None]]:
    """The two files of an archive, or the one of format 1. Raises ImmutableError."""
    with ExitStack() as stack:
        records = stack.enter_context(_opened(name, at))
        yield records, None if header.format == ONE_FILE else stack.enter_context(_opened(details_name(name), at))


def _records_name(name: str) -> str:
    return name.removesuffix(DETAILS_NAME) + RECORDS_NAME if name.endswith(DETAILS_NAME) else name


@contextmanager
def _opened(name: str, at: str | None) -> Iterator[BinaryIO]:
    if at is not None:
        with ArchiveFolder(at, make=False).open(name) as copy:
            yield copy
        return
    try:
        with Path(name).open("rb") as file:
            yield file
    except OSError as error:
        raise StartError(f"The archive {name} cannot be read: {error.strerror}.") from error
