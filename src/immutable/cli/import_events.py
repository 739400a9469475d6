"""`immutable import`: events in, from JSON lines, through a server or directly into the database."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from shutil import copyfileobj
from typing import Annotated, BinaryIO

import typer

from immutable import settings as settings_module
from immutable.cli.described import counted
from immutable.cli.failure import told
from immutable.cli.options import Key, Url, WorkspaceName
from immutable.cli.screen import console
from immutable.cli.source import refuse_workspace_of_server
from immutable.errors import StartError


@told
def import_events(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A file of JSON lines; - reads standard input.")],
    strict: Annotated[
        bool, typer.Option("--strict", help="Check every line first, and store nothing where one is bad.")
    ] = False,
    url: Url = None,
    key: Key = None,
    workspace: WorkspaceName = None,
) -> None:
    """Import events from JSON lines: the form of POST /events, or what `immutable export` writes.

    Repeated, it adds nothing twice: a line without an idempotency key gets one from its number and content. What the
    server makes of an exported event (id, sequence, created_at, hashes, country and city) is made anew. An event
    without an address gets that of this machine where it goes through a server.

    Directly on the database it needs the server stopped. Exits with 1 where lines were rejected; the others are stored.

    \b
    Examples:
      immutable import events.jsonl
      immutable import --strict events.jsonl --url http://127.0.0.1:8080
      immutable export -w one | immutable import - -w another
    """
    from immutable.api.decode import Decoder
    from immutable.cli.destination import open_destination
    from immutable.cli.importer import count_bad_lines, import_lines
    from immutable.cli.sending import MAX_EVENTS
    from immutable.geo.locate import Locator

    refuse_workspace_of_server(url, workspace)
    settings = settings_module.load()
    decoder = Decoder(Locator(settings.geo_mmdb).locate, MAX_EVENTS)
    with _opened(file) as stream:
        if strict and (bad := count_bad_lines(stream, decoder)):
            console().print(f"Nothing was stored, because of --strict: {bad:,} rejected.")
            raise typer.Exit(1)
        with open_destination(url, key, workspace, settings) as destination:
            totals = import_lines(stream, decoder, destination)
    console().print(
        f"{counted(totals.stored, 'event')} stored, {totals.known:,} there already, {totals.rejected:,} rejected."
    )
    if totals.rejected:
        raise typer.Exit(1)


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    """The file, or a copy of standard input, from its beginning. Raises StartError."""
    if file == "-":
        with tempfile.TemporaryFile() as copy:
            copyfileobj(sys.stdin.buffer, copy)
            copy.seek(0)
            yield copy
        return
    with ExitStack() as stack:
        try:
            stream = stack.enter_context(Path(file).open("rb"))
        except OSError as error:
            raise StartError(f"The file {file} cannot be read: {error.strerror}.") from error
        if not stream.seekable():
            raise StartError(f"{file} is no file that can be read twice; pipe it in and use - instead.")
        yield stream
