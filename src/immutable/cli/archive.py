"""`immutable archive`: what was pruned, and how to look into it again."""

from collections.abc import Iterator
from functools import partial
from typing import Annotated

import msgspec
import typer

from immutable import settings as settings_module
from immutable.cli.archive_files import Archives, At, in_order, opened
from immutable.cli.described import counted
from immutable.cli.failure import told
from immutable.cli.help_text import help_text
from immutable.cli.options import AsJson, Key, Url, WorkspaceName
from immutable.cli.screen import console, event_progress, harmless, print_json, table
from immutable.cli.source import open_source
from immutable.cli.verify_archives import verify_archives
from immutable.errors import StartError
from immutable.integrity import pruning
from immutable.log.copy import copy_entries
from immutable.log.silence import settled
from immutable.model.event import Head, LogEntry
from immutable.retention.archive import read_archive
from immutable.retention.archives import open_from_archives
from immutable.retention.prune import begin_behind
from immutable.store.open import open_store

_HELP = """Archives of what was pruned: list, check, and open again.

\b
Examples:
  immutable archive list
  immutable archive verify archive/ws_1/*.jsonl.gz
  immutable archive open archive/ws_1/*.jsonl.gz --to sqlite:///2024.db"""

app = typer.Typer(help=help_text(_HELP), no_args_is_help=True)


@app.command("list")
@told
def list_archives(as_json: AsJson = False, url: Url = None, key: Key = None, workspace: WorkspaceName = None) -> None:
    """List what was pruned, as the log tells it: which events, into which archive, and the hash of its records file.

    \b
    Examples:
      immutable archive list
      immutable archive list --json
    """
    with open_source(url, key, workspace) as source:
        events = [
            event
            for action in (pruning.ACTION, pruning.CONVERTED)
            for page in source.pages("/events", {"action": action, "order": "asc"})
            for event in page["data"]
        ]
    if as_json:
        print_json({"data": events})
        return
    as_they_are = {
        (event["metadata"] or {}).get("first"): event for event in events
    }  # what was converted, as it is since
    made = table("events", "archive", "at", "bytes", "SHA-256")
    for event in as_they_are.values():
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


app.command("verify")(verify_archives)


@app.command("open")
@told
def open_archives(
    archives: Archives,
    to: Annotated[str, typer.Option(metavar="URL", help="A new database: sqlite:///old.db.")],
    at: At = None,
) -> None:
    """Make a log of archives that follow each other, to search and read it with all other commands, or with a server.

    What was erased before they were archived, or in them, is not there. Where the event that says so came after them,
    `immutable verify` of the log made of them calls it lost, unless --log leads it to the log that they came from.

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
        without: list[int] = []
        for name, header in in_order(archives, at):
            with opened(name, header, at) as files, event_progress() as bar:
                workspace = store.catalog.put_workspace(header.workspace_id, header.workspace)
                head = store.head(workspace)
                if head.seq == 0:
                    open_from_archives(store, workspace)
                if head.seq == 0 and header.first > 1:
                    before = Head(header.first - 1, bytes.fromhex(header.previous_hash), header.previous_created_at)
                    begin_behind(store, workspace, before)
                    head = before
                if (head.seq + 1, head.event_hash.hex()) != (header.first, header.previous_hash) and header.first > 1:
                    raise StartError(f"{name} does not follow event {head.seq:,}, with which {to} ends.")
                task = bar.add_task(f"Opening {name}", total=header.last - header.first + 1)
                progress = partial(bar.advance, task)
                entries = _noting(read_archive(*files), without)
                copy_entries(entries, store, workspace, silence_us=silence, progress=progress)
                total += header.last - header.first + 1
        while store.follow():
            pass
    finally:
        store.close()
    out = console()
    out.print(f"{counted(total, 'event')} can be read: set IMMUTABLE_DATABASE_URL={to}")
    if without:
        out.print(
            f"The details of {counted(len(without), 'event')} are not in the archives. Where the erasure came after them, only "
            "the log that they came from tells: `immutable verify --log URL` asks it."
        )


def _noting(entries: Iterator[LogEntry], without: list[int]) -> Iterator[LogEntry]:
    """The entries; those without details are noted."""
    for entry in entries:
        if entry.details is None:
            without.append(entry.seq)
        yield entry
