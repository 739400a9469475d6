"""`immutable archive`: what was pruned, and how to look into it again."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, BinaryIO

import msgspec
import typer

from immutable import settings as settings_module
from immutable.cli.described import counted
from immutable.cli.failure import told
from immutable.cli.help_text import help_text
from immutable.cli.options import AsJson, Key, Url, WorkspaceName
from immutable.cli.screen import console, event_progress, harmless, print_json, styled, table
from immutable.cli.source import open_source
from immutable.errors import StartError
from immutable.log.copy import copy_entries
from immutable.log.silence import settled
from immutable.model.event import Head
from immutable.retention.archive import read_archive, read_header
from immutable.retention.archive_folder import ArchiveFolder
from immutable.retention.prune import begin_behind
from immutable.store.open import open_store

_HELP = """Archives of what was pruned: list, check, and open again.

\b
Examples:
  immutable archive list
  immutable archive verify archive/ws_1/*.jsonl.gz
  immutable archive open archive/ws_1/*.jsonl.gz --to sqlite:///2024.db"""

app = typer.Typer(help=help_text(_HELP), no_args_is_help=True)

Archives = Annotated[
    list[str], typer.Argument(metavar="ARCHIVE...", help="Files, or with --at names as `archive list` shows them.")
]
At = Annotated[str | None, typer.Option(help="Where the archives lie: a folder, or s3://bucket/prefix.")]


@app.command("list")
@told
def list_archives(as_json: AsJson = False, url: Url = None, key: Key = None, workspace: WorkspaceName = None) -> None:
    """List what was pruned, as the log tells it: which events, into which archive, and its hash.

    \b
    Examples:
      immutable archive list
      immutable archive list --json
    """
    with open_source(url, key, workspace) as source:
        parameters = {"action": "immutable.log_pruned", "order": "asc"}
        events = [event for page in source.pages("/events", parameters) for event in page["data"]]
    if as_json:
        print_json({"data": events})
        return
    made = table("events", "archive", "at", "bytes", "SHA-256")
    for event in events:
        told_by = event["metadata"] or {}
        digest = next((one["id"] for one in event["targets"] if one["type"] == "sha256"), "")
        made.add_row(
            f"{told_by.get('first')} to {told_by.get('last')}",
            harmless(told_by.get("archive")),
            harmless(told_by.get("at")),
            f"{told_by.get('bytes', 0):,}",
            digest,
        )
    console().print(made)


@app.command("verify")
@told
def verify_archives(archives: Archives, at: At = None) -> None:
    """Check archives by themselves: every hash and link, from the first event to the last. Needs no database.

    \b
    Examples:
      immutable archive verify archive/ws_1/*.jsonl.gz
      immutable archive verify ws_1/1-16384.jsonl.gz --at s3://audit
    """
    out = console()
    for name in archives:
        with _opened(name, at) as file:
            count = sum(1 for _ in read_archive(file))
            file.seek(0)
            header = read_header(file)
        text = f"✔ {name}: events {header.first:,} to {header.last:,} of {header.workspace_id}, {counted(count, 'event')} whole."
        out.print(styled(text, "green"))
        out.print(f"  Begins behind {header.previous_hash}, ends with {header.last_hash}.")


@app.command("open")
@told
def open_archives(
    archives: Archives,
    to: Annotated[str, typer.Option(metavar="URL", help="A new database: sqlite:///old.db.")],
    at: At = None,
) -> None:
    """Make a log of archives that follow each other, to search and read it with all other commands, or with a server.

    \b
    Examples:
      immutable archive open archive/ws_1/*.jsonl.gz --to sqlite:///2024.db
      IMMUTABLE_DATABASE_URL=sqlite:///2024.db immutable export --search budget
    """
    settings = msgspec.structs.replace(settings_module.load(), database_url=to)
    store = open_store(to)
    try:
        store.lock_for_appending()
        silence = settled(store.catalog, settings.session_silence_seconds)
        total = 0
        for name in _in_order(archives, at):
            with _opened(name, at) as file, event_progress() as bar:
                header = read_header(file)
                file.seek(0)
                workspace = store.catalog.put_workspace(header.workspace_id, header.workspace)
                head = store.head(workspace)
                if head.seq == 0 and header.first > 1:
                    before = Head(header.first - 1, bytes.fromhex(header.previous_hash), header.previous_created_at)
                    begin_behind(store, workspace, before)
                    head = before
                if (head.seq + 1, head.event_hash.hex()) != (header.first, header.previous_hash) and header.first > 1:
                    raise StartError(f"{name} does not follow event {head.seq:,}, with which {to} ends.")
                task = bar.add_task(f"Opening {name}", total=header.last - header.first + 1)
                progress = partial(bar.advance, task)
                copy_entries(read_archive(file), store, workspace, silence_us=silence, progress=progress)
                total += header.last - header.first + 1
        while store.follow():
            pass
    finally:
        store.close()
    console().print(f"{counted(total, 'event')} can be read: set IMMUTABLE_DATABASE_URL={to}")


def _in_order(archives: Sequence[str], at: str | None) -> list[str]:
    """The archives by their first event, workspace by workspace."""
    found = []
    for name in archives:
        with _opened(name, at) as file:
            header = read_header(file)
        found.append((header.workspace_id, header.first, name))
    return [name for _, _, name in sorted(found)]


@contextmanager
def _opened(name: str, at: str | None) -> Iterator[BinaryIO]:
    if at is not None:
        with ArchiveFolder(at).open(name) as copy:
            yield copy
        return
    try:
        with Path(name).open("rb") as file:
            yield file
    except OSError as error:
        raise StartError(f"The archive {name} cannot be read: {error.strerror}.") from error
