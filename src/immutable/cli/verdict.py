"""What `immutable verify` found, in plain words."""

import msgspec
from rich.console import Console
from rich.text import Text

from immutable.cli.described import counted
from immutable.cli.screen import harmless, styled
from immutable.integrity.scope import ErasedRange, SealedRange
from immutable.integrity.succession import Rollback
from immutable.integrity.verify import Break

SHOWN_BREAKS = 10
MAX_BREAKS = 100
_SHOWN_RANGES = 10
_KINDS: dict[str, str] = {
    "edited": "edited",
    "deleted": "deleted",
    "inserted": "inserted",
    "reordered": "moved from its place",
    "cut_off": "cut off at the end",
    "rewritten": "rewritten from here on",
    "forked": "forked: two histories were signed",
    "rolled_back": "rolled back to an old copy",
    "details_lost": "details taken away",
    "forged_checkpoint": "checkpoint not genuine",
    "forged_origin": "signed under a name that is not this log's",
    "tree_damaged": "log as it was signed, tree damaged",
    "index": "index or summary wrong",
    "unreadable": "unreadable",
}
_SEALS = {"signed": "signed by this server", "witnessed": "witnessed", "anchored": "anchored"}


class Report(msgspec.Struct, kw_only=True):
    """What one workspace's verification found. `head_hash`: the hash of the event at `head_sequence`, where it began."""

    workspace: str | None
    valid: bool
    events_checked: int
    details_erased: int
    erased: list[ErasedRange]
    pruned_through: int
    sessions_checked: bool
    scope: list[SealedRange]
    checkpoints_checked: int
    rollbacks: list[Rollback]
    signing_halted: str | None
    head_sequence: int
    head_hash: str
    seconds: float
    breaks: list[Break]


def show_report(out: Console, report: Report) -> None:
    """Say in a sentence that the log is whole, or show where it is not."""
    of = "" if report.workspace is None else f" of workspace {report.workspace}"
    speed = f"{counted(report.events_checked, 'event')} in {report.seconds:.2f} s"
    if report.valid:
        out.print(styled(f"✔ The log{of} is whole: {speed}, every hash and link as it was written.", "bold green"))
        out.print(f"  Head: event {report.head_sequence:,}, hash {report.head_hash}")
        if report.head_sequence and report.workspace is not None:
            out.print(
                Text(f"  To be told later if it is gone: --expect {report.head_sequence}:{report.head_hash}", "dim")
            )
        _show_scope(out, report)
        if not report.sessions_checked:
            out.print(Text("  The summaries of sessions were not compared with the log.", "dim"))
        return
    count = len(report.breaks)
    many = f"{count} or more breaks" if count >= MAX_BREAKS else f"{counted(count, 'break')}"
    out.print(styled(f"✖ The log{of} was altered or damaged: {many} in {speed}.", "bold red"))
    for one in report.breaks[:SHOWN_BREAKS]:
        where = f"event {one.sequence:,}" if one.sequence else "the log as a whole"
        out.print(Text.assemble("  ", (where, "bold"), "  ", (one.type, "bold red"), "  "), end="")
        out.print(styled(one.event_id or "", "cyan"))
        out.print(Text(f"    {_KINDS.get(one.kind, one.kind)}: {one.message}"))
        for label, value in (("expected", one.expected_hash), ("found", one.actual_hash)):
            if value:
                out.print(Text(f"    {label:<8}  {value}", "dim"))
    if count > SHOWN_BREAKS:
        out.print(Text(f"  … and {count - SHOWN_BREAKS} more; --json shows up to {MAX_BREAKS}.", "dim"))
    _show_scope(out, report)


def _show_scope(out: Console, report: Report) -> None:
    """Say what stands behind which events besides their own hashes, and what is gone on the record."""
    for one in report.scope:
        first, last = one.first_sequence, one.last_sequence
        which = f"Event {first:,}" if first == last else f"Events {first:,} to {last:,}"
        seals = ", ".join(_SEALS[seal] for seal in one.seals)
        out.print(f"  {which}: {seals or 'not signed yet, so only the hashes above speak for them'}.")
    if any("signed" in one.seals and len(one.seals) == 1 for one in report.scope):
        text = "Signed alone binds only those who cannot sign: name a witness or keep a checkpoint elsewhere."
        out.print(Text(f"  {text}", "dim"))
    for rollback in report.rollbacks:
        kept, name = counted(rollback.events_kept, "event"), harmless(rollback.origin)
        out.print(f"  Set back to {kept}, on the record (event {rollback.sequence:,}); it goes on as {name}.")
    if report.pruned_through:
        out.print(f"  Events 1 to {report.pruned_through:,} were pruned on the record.")
    if report.details_erased:
        verb = "was" if report.details_erased == 1 else "were"
        where = [f"{one.first_sequence:,}-{one.last_sequence:,}" for one in report.erased]
        where = [one.partition("-")[0] if len(set(one.split("-"))) == 1 else one for one in where]
        shown = f" ({', '.join(where[:_SHOWN_RANGES])}{', …' if len(where) > _SHOWN_RANGES else ''})" if where else ""
        out.print(f"  The details of {counted(report.details_erased, 'event')} {verb} erased on the record{shown}.")
    if report.signing_halted:
        out.print(styled(f"  The server signs nothing more of this log: {report.signing_halted}", "bold yellow"))
