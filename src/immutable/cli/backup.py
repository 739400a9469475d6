"""`immutable backup`: a copy of a SQLite log, taken while the server writes. PostgreSQL has better tools of its own."""

import os
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Annotated

import apsw
import msgspec
import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from immutable import settings as settings_module
from immutable.cli.failure import told
from immutable.cli.screen import console
from immutable.cli.verdict import show_report
from immutable.cli.verify import verify_database
from immutable.errors import NotFound, StartError
from immutable.settings import Settings
from immutable.store.open import is_postgres, path_of

_PAGES = 2_000
"""Copied between two looks at the progress bar."""


@told
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write the copy; it must not exist yet.")],
    check: Annotated[bool, typer.Option("--verify/--no-verify", help="Verify the copy's chain.")] = True,
) -> None:
    """Copy a SQLite log as it is at this moment, while the server goes on writing.

    The copy takes its name only when it is complete and on disk. Where its chain is broken, as the log's own then is, it
    is kept all the same, and the command exits with 1. The indexes beside the log are not copied: the
    server makes them again. To restore, stop the server and put the copy in the log's place, without its `.index` and `-wal`.

    For PostgreSQL use pg_basebackup and WAL archiving: docs/guide/backup.md has the commands.

    \b
    Examples:
      immutable backup immutable-$(date +%F).db
      IMMUTABLE_DATABASE_URL=sqlite:////srv/log.db immutable backup copy.db
    """
    settings = settings_module.load()
    if is_postgres(settings.database_url):
        raise StartError(
            "This copies SQLite logs. For PostgreSQL use pg_basebackup and WAL archiving: docs/guide/backup.md has the "
            "commands; or `immutable copy --to sqlite:///copy.db` for a copy of the events."
        )
    source = path_of(settings.database_url)
    if not source.exists():
        raise StartError(f"There is no database {source}. Set IMMUTABLE_DATABASE_URL to yours.")
    if file.exists():
        raise StartError(f"{file} is there already, and a backup never replaces another. Name a new file.")
    try:
        with tempfile.TemporaryDirectory(prefix=f".{file.name}.", dir=file.parent) as name:
            copy = Path(name) / file.name
            _copy(source, copy)
            is_whole = not check or _is_whole(
                msgspec.structs.replace(settings, database_url=f"sqlite:///{copy.resolve()}")
            )
            _settle(copy)
            copy.rename(file)
            _sync(file.parent)
    except apsw.Error as error:
        raise StartError(f"The copy could not be made: {error}.") from error
    except OSError as error:
        raise StartError(f"{file} cannot be written: {error.strerror}.") from error
    console().print(f"{file}: {file.stat().st_size:,} bytes.")
    if not is_whole:
        raise typer.Exit(1)


def _copy(source: Path, target: Path) -> None:
    """Copy page by page within one reading transaction, so that the copy is of one moment and nothing begins again."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:.0f} %"),
        TimeElapsedColumn(),
    )
    screen = console()
    with (
        closing(apsw.Connection(str(source), flags=apsw.SQLITE_OPEN_READWRITE)) as reading,
        closing(apsw.Connection(str(target))) as writing,
        Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bar,
    ):
        reading.execute("BEGIN; SELECT count(*) FROM sqlite_schema").fetchall()
        task = bar.add_task("Copying", total=None)
        with writing.backup("main", reading, "main") as copying:
            while not copying.done:
                copying.step(_PAGES)
                bar.update(task, total=copying.page_count, completed=copying.page_count - copying.remaining)


def _is_whole(settings: Settings) -> bool:
    try:
        reports = list(verify_database(settings, None, chain_only=True, is_copy=True))
    except NotFound:  # no workspace yet
        return True
    for report in reports:
        show_report(console(), report)
    return all(report.valid for report in reports)


def _settle(copy: Path) -> None:
    """See to it that all of it is in one file, and on disk."""
    with closing(apsw.Connection(str(copy))) as connection:
        if connection.execute("PRAGMA journal_mode=DELETE").get != "delete":
            raise StartError(f"{copy} is in use by another process.")
    with copy.open("rb") as file:
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
