"""`immutable archive verify`: archives by themselves, and held against the log."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from immutable import clock
from immutable.cli.archive_files import Archives, At, in_order, opened
from immutable.cli.described import counted
from immutable.cli.failure import told
from immutable.cli.options import AsJson, Key, Url, WorkspaceName
from immutable.cli.recorded_events import recorded
from immutable.cli.screen import console, event_progress, harmless, print_json, styled
from immutable.cli.source import open_source
from immutable.errors import StartError
from immutable.integrity import chain, erasure, pruning
from immutable.integrity.erasure import Range
from immutable.integrity.record import decode_record
from immutable.retention.archive import read_archive
from immutable.retention.verify_archives import ArchiveVerdict, judge, not_looked_at, nothing_on_record, read_whole

_SHOWN_RANGES = 10


@told
def verify_archives(
    archives: Archives,
    at: At = None,
    log: Annotated[
        bool,
        typer.Option("--log", help="Hold them against the log too: that of the server at --url, or of the database."),
    ] = False,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
    workspace: WorkspaceName = None,
) -> None:
    """Check archives: every hash and link, from the first event to the last, and every detail that is there.

    By themselves it needs no database, and cannot know of missing details whether they were erased lawfully: an event says so,
    which lies in a later archive or in the log. With --log they are held against it: each file's SHA-256, and each detail that
    is missing against the erasures on the record; name all archives up to the newest, so that none of these is overlooked.
    Ends with 1 where something is not as it was recorded.

    \b
    Examples:
      immutable archive verify archive/ws_1/*.jsonl.gz
      immutable archive verify NAME --at s3://audit
      immutable archive verify archive/ws_1/*.jsonl.gz --log -w production
      immutable archive verify archive/ws_1/* --log --url https://audit.eu
    """
    listed = in_order(archives, at)
    workspaces = dict.fromkeys(header.workspace_id for _, header in listed)
    if log and len(workspaces) > 1:
        raise StartError("With --log name the archives of one workspace only.")
    known = {one: nothing_on_record() for one in workspaces}
    if log:
        with open_source(url, key, workspace) as source:
            for action in (erasure.ACTION, pruning.ACTION, pruning.CONVERTED):
                for record, archive in recorded(source, action):
                    for one in known.values():
                        one.add(record, archive)
    found = []
    with event_progress() as bar:
        task = bar.add_task("Checking", total=sum(header.last - header.first + 1 for _, header in listed))
        for name, header in listed:
            with opened(name, header, at) as files:
                found.append(read_whole(name, *files, known[header.workspace_id]))
            bar.advance(task, header.last - header.first + 1)
    verdicts = []
    for workspace_id, on_record in known.items():
        on_record.knows_log = log
        verdicts += judge([one for one in found if one.header.workspace_id == workspace_id], on_record)
    if as_json:
        print_json({"data": [{**msgspec.to_builtins(one), "is_as_recorded": one.is_as_recorded} for one in verdicts]})
    else:
        for verdict in verdicts:
            _show(console(), verdict, at)
        if log:
            _show_others(console(), [one for on_record in known.values() for one in not_looked_at(found, on_record)])
    if not all(one.is_as_recorded for one in verdicts):
        raise typer.Exit(1)


def _show(out: Console, verdict: ArchiveVerdict, at: str | None) -> None:
    which = f"events {verdict.first_sequence:,} to {verdict.last_sequence:,} of {verdict.workspace_id}"
    count = counted(verdict.last_sequence - verdict.first_sequence + 1, "event")
    if verdict.is_as_recorded:
        out.print(styled(f"✔ {verdict.archive}: {which}, {count} whole.", "green"))
    else:
        out.print(styled(f"✖ {verdict.archive}: {which}, {count}, is not as it was recorded.", "bold red"))
    for problem in verdict.problems:
        out.print(f"  {harmless(problem)}")
    if verdict.erased:
        out.print(f"  {_details(verdict.erased)} erased on the record{_where(verdict.erased)}.")
    if verdict.unexplained and verdict.knows_all_behind:
        text = "missing, and no erasure on the record covers that: they are lost"
        out.print(f"  {_details(verdict.unexplained)} {text}{_where(verdict.unexplained)}.")
    elif verdict.unexplained:
        text = "no erasure at hand says why, but a later archive may, or the log (--log)"
        out.print(f"  {_details(verdict.unexplained)} not there{_where(verdict.unexplained)}; {text}.")
    if verdict.still_there:
        out.print(
            f"  {_details(verdict.still_there)} erased on the record, and still there{_where(verdict.still_there)}: an "
            "erasure was interrupted, or an older file was put back. Any erasure finishes it, such as"
        )
        out.print(f"    {_mending(verdict, at)}")
    out.print(f"  Begins behind {verdict.previous_hash}, ends with {verdict.last_hash}.")


def _show_others(out: Console, others: Sequence[Range]) -> None:
    """Name the archives that nobody asked about: one of them may be gone."""
    if others:
        out.print(f"Not looked at: {counted(len(others), 'more archive')} that the log tells of{_where(others)}.")


def _details(ranges: Sequence[Range]) -> str:
    count = sum(last - first + 1 for first, last in ranges)
    return f"The details of {counted(count, 'event')} {'was' if count == 1 else 'were'}"


def _where(ranges: Sequence[Range]) -> str:
    shown = [f"{first:,}" if first == last else f"{first:,}-{last:,}" for first, last in ranges[:_SHOWN_RANGES]]
    return f" ({', '.join(shown)}{', …' if len(ranges) > _SHOWN_RANGES else ''})"


def _mending(verdict: ArchiveVerdict, at: str | None) -> str:
    """The erasure of the first event of which it is due, and of no other."""
    seq = verdict.still_there[0][0]
    for name, header in in_order([verdict.archive], at):
        with opened(name, header, at) as (records, _):
            for entry in read_archive(records):
                if entry.seq == seq:
                    created_at = chain.created_at_of(decode_record(entry.record).id)
                    moment = clock.to_text(created_at or 0)
                    return f'immutable erase --from {moment} --to {moment} --reason "Finish an erasure"'
    return "immutable erase"
