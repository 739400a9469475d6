"""`immutable verify`: does the log still say what was appended? Reads every event, and says where it does not."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.text import Text

from immutable import settings as settings_module
from immutable.cli.failure import told
from immutable.cli.options import AsJson, Key, Url
from immutable.cli.recorded_events import erased_in
from immutable.cli.screen import console, event_progress, print_json, styled
from immutable.cli.source import Source, open_source, refuse_workspace_of_server
from immutable.cli.verdict import MAX_BREAKS, Report, show_report
from immutable.cli.workspaces import named
from immutable.errors import NotFound, StartError
from immutable.integrity.checkpoint import parse_checkpoint
from immutable.integrity.erasure import Range
from immutable.integrity.note import NoteError, split_note
from immutable.integrity.scope import MAX_RANGES, ErasedRange, Outside, SealedRange
from immutable.integrity.succession import Rollback
from immutable.integrity.verify import Break
from immutable.settings import Settings


@told
def verify(
    workspace: Annotated[
        str | None, typer.Option("--workspace", "-w", help="Only this workspace of the database. Default: all.")
    ] = None,
    chain_only: Annotated[
        bool, typer.Option("--chain-only", help="Check hashes and chain, not the indexes and sessions: half the time.")
    ] = False,
    expect: Annotated[
        str | None,
        typer.Option(
            metavar="SEQUENCE:HASH", help="An event noted earlier, outside this machine: it must still be in its place."
        ),
    ] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(help="A checkpoint kept elsewhere, as a file: the log must still go on from it.", exists=True),
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option(help="Remember in this file how far it is, and go on from there where it was interrupted."),
    ] = None,
    log: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Of a log opened from archives: the log that they came from (a server's address, or a database's URL). What it "
            "says it erased counts.",
        ),
    ] = None,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Check the whole chain: exit 0 where it is whole, 1 with the first breaks where it is broken.

    The log is also held against its tree and what was signed of it, and it is said which events were witnessed, anchored,
    signed only, or not yet. Whoever holds the signing key too can replace all of that: keep a checkpoint
    (immutable checkpoint show), or the last line of this command, somewhere else, and --checkpoint or --expect will tell.

    Directly on the database it uses every core and checks the sessions too; through a server it checks page by page.

    \b
    Examples:
      immutable verify
      immutable verify --workspace production --chain-only
      immutable verify --workspace production --expect 81423:9f2c...
      immutable verify --workspace production --checkpoint kept-in-march.txt
      immutable verify --resume /var/tmp/verification
      immutable verify --log sqlite:///immutable.db
      immutable verify --url https://audit.example.com
      immutable verify --json || echo "the log was altered"
    """
    refuse_workspace_of_server(url, workspace)
    noted = None if expect is None else _noted(expect, url, workspace)
    notes = [] if checkpoint is None else [_checkpoint(checkpoint, url, workspace)]
    if url is not None:
        if chain_only or resume is not None or log is not None:
            raise StartError("--chain-only, --resume and --log work on the database itself, not through a server.")
        with open_source(url, key, None) as source:
            reports = [verify_server(source)]
    else:
        settings = settings_module.load()
        later = (lambda _: ()) if log is None else partial(erased_in, log, key)
        reports = list(
            verify_database(settings, workspace, chain_only=chain_only, notes=notes, resume=resume, erased_later=later)
        )
    if as_json:
        print_json({"data": msgspec.to_builtins(reports)})
    else:
        for report in reports:
            show_report(console(), report)
    is_kept = noted is None or _is_kept(settings_module.load(), workspace or "", noted)
    if not is_kept or not all(report.valid for report in reports):
        raise typer.Exit(1)


def _noted(expect: str, url: str | None, workspace: str | None) -> tuple[int, str]:
    """The sequence and hash of --expect. Raises StartError."""
    sequence, _, text = expect.partition(":")
    if not (sequence.isascii() and sequence.isdecimal() and 0 < len(sequence) < 16 and len(text) == 64):
        raise StartError("--expect takes what this command printed: the sequence, a colon, and the hash of 64 digits.")
    if url is not None or workspace is None:
        raise StartError("--expect works on the database itself, for one --workspace.")
    return int(sequence), text.lower()


def _checkpoint(file: Path, url: str | None, workspace: str | None) -> bytes:
    """The note in the file of --checkpoint. Raises StartError."""
    if url is not None or workspace is None:
        raise StartError("--checkpoint works on the database itself, for one --workspace.")
    try:
        note = file.read_bytes()
        parse_checkpoint(split_note(note)[0])
    except (OSError, NoteError) as error:
        raise StartError(f"{file} is no checkpoint: {error}") from error
    return note


def _is_kept(settings: Settings, name: str, noted: tuple[int, str]) -> bool:
    """Whether the event noted earlier is still in its place; says so on stderr where it is not."""
    from immutable.cli.database import existing_store

    sequence, expected = noted
    with existing_store(settings, builds_index=False) as store:
        workspace = named(store.catalog, name)
        head = store.head(workspace).seq
        entry = next(store.entries(workspace, sequence, sequence), None) if 0 < sequence <= head else None
    if entry is not None and entry.event_hash.hex() == expected:
        return True
    out = console(sys.stderr)
    if entry is None:
        out.print(
            styled(
                f"✖ The log of workspace {name} ends at event {head:,}, before event {sequence:,} that was noted. It was "
                f"restored to an earlier point: what was acknowledged after event {head:,} is missing.", "bold red",
            )
        )  # fmt: skip
    else:
        out.print(
            styled(
                f"✖ Event {sequence:,} of workspace {name} is not the one that was noted: this is another log, or it was "
                "restored to an earlier point and went on from there.", "bold red",
            )
        )  # fmt: skip
        out.print(Text(f"    noted  {expected}\n    found  {entry.event_hash.hex()}", "dim"))
    return False


def verify_database(
    settings: Settings,
    name: str | None,
    *,
    chain_only: bool = False,
    notes: Sequence[bytes] = (),
    is_copy: bool = False,
    resume: Path | None = None,
    erased_later: Callable[[str], tuple[Range, ...]] = lambda _: (),
) -> Iterator[Report]:
    """Verify one workspace of the database, or all of them. `notes`: checkpoints that they must go on from.

    `erased_later`: what the log of this name says it erased, further on than this copy of it goes.

    `is_copy`: what is kept beside the secret is of the database that was copied, and may be newer.
    """
    from immutable.anchors.configured import anchorers_of
    from immutable.anchors.vouching import known_outside
    from immutable.checkpoints.kept import Kept
    from immutable.cli.database import existing_store
    from immutable.log.silence import settled
    from immutable.log.verify import cores
    from immutable.log.verify import verify as verify_log
    from immutable.log.verify_state import ResumeFile

    kept, anchorers = Kept.of(settings), anchorers_of(settings)
    remembered = None if resume is None else ResumeFile(resume)
    with existing_store(settings) as store:
        workspaces = [named(store.catalog, name)] if name is not None else store.catalog.workspaces()
        if not workspaces:
            raise NotFound("The database holds no workspace yet, so there is nothing to verify.")
        for workspace in workspaces:
            head = store.head(workspace)
            known = Outside() if is_copy else known_outside(store, settings, kept, anchorers, workspace, *notes)
            known = msgspec.structs.replace(known, erased=erased_later(workspace.name))
            started = time.perf_counter()
            with event_progress() as bar:
                task = bar.add_task(f"Verifying {workspace.name}", total=head.seq)
                verdict = verify_log(
                    store,
                    workspace,
                    1,
                    sys.maxsize,  # to wherever the log ends when the verification begins
                    silence=settled(store.catalog, settings.session_silence_seconds),
                    chain_only=chain_only,
                    outside=known,
                    progress=partial(bar.advance, task),
                    processes=cores(),
                    resume=remembered,
                )
            yield Report(
                workspace=workspace.name,
                valid=verdict.valid,
                events_checked=verdict.events_checked,
                details_erased=verdict.details_erased,
                erased=verdict.erased,
                pruned_through=verdict.pruned_through,
                sessions_checked=verdict.sessions_checked,
                scope=verdict.scope,
                checkpoints_checked=verdict.checkpoints_checked,
                rollbacks=verdict.rollbacks,
                signing_halted=verdict.signing_halted,
                head_sequence=verdict.head.seq,
                head_hash=verdict.head.event_hash.hex(),
                seconds=time.perf_counter() - started,
                breaks=verdict.breaks,
            )


def verify_server(source: Source) -> Report:
    """Verify through a server: page after page, oldest first."""
    newest = source.get("/events", {"limit": 1})
    head = newest["data"][0] if newest["data"] else None
    total = newest["pagination"]["total"]
    started = time.perf_counter()
    events, erased, pruned, sessions_checked = 0, 0, 0, False
    erased_ranges: list[ErasedRange] = []
    scope: list[SealedRange] = []
    signatures = 0
    rollbacks: list[Rollback] = []
    halted = None
    breaks: list[Break] = []
    cursor = None
    with event_progress() as bar:
        task = bar.add_task("Verifying", total=total)
        while True:
            page = source.get("/verify", {"cursor": cursor, "limit": 100_000})["data"]
            events += page["events_checked"]
            erased += page["details_erased"]
            erased_ranges += [msgspec.convert(one, ErasedRange) for one in page.get("erased", ())]
            signatures = page.get("checkpoints_checked", 0)
            sessions_checked, pruned = page["sessions_checked"], page.get("pruned_through", 0)
            scope += [msgspec.convert(one, SealedRange) for one in page.get("scope", ())]
            rollbacks = [msgspec.convert(one, Rollback) for one in page.get("rollbacks", ())]
            halted = page.get("signing_halted")
            breaks += [msgspec.convert(one, Break) for one in page["breaks"]]
            bar.update(task, completed=events, total=max(total, events))
            cursor = page["next_cursor"]
            if cursor is None:
                break
    return Report(
        workspace=None,
        valid=not breaks,
        events_checked=events,
        details_erased=erased,
        erased=erased_ranges[:MAX_RANGES],
        pruned_through=pruned,
        sessions_checked=sessions_checked,
        scope=_joined(scope),
        checkpoints_checked=signatures,
        rollbacks=rollbacks,
        signing_halted=halted,
        head_sequence=0 if head is None else head["sequence"],
        head_hash="0" * 64 if head is None else head["integrity"]["event_hash"],
        seconds=time.perf_counter() - started,
        breaks=breaks[:MAX_BREAKS],
    )


def _joined(scope: Sequence[SealedRange]) -> list[SealedRange]:
    """The ranges of several pages, those of the same seals joined."""
    joined: list[SealedRange] = []
    for one in scope:
        goes_on = bool(joined) and joined[-1].seals == one.seals and joined[-1].last_sequence + 1 == one.first_sequence
        first = joined.pop().first_sequence if goes_on else one.first_sequence
        joined.append(SealedRange(first, one.last_sequence, one.seals))
    return joined
