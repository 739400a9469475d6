"""What an erasure says about itself in the log: which events lost their details, in the part of the event that stays. Pure.

An `immutable.details_erased` event names the places of the erased events as targets of the type `sequences`, each a range
such as `41-43`. They stand in its hashed record, so the account of what was forgotten cannot be forgotten. Only the server
makes such events: clients may not use actions that begin with `immutable.`.
"""

from collections.abc import Iterable, Sequence

from immutable.integrity.record import Record, Reference
from immutable.model.event import Target

ACTION = "immutable.details_erased"
OWN = "immutable."
"""What the actions of the server's own events begin with; their details are never erased, whatever an erasure names."""
RANGE_TYPE = "sequences"
_MAX_DIGITS = 12

Range = tuple[int, int]
"""First and last place, both included."""


def ranges_of(seqs: Iterable[int]) -> list[Range]:
    """Ascending places as ranges."""
    ranges: list[Range] = []
    for seq in seqs:
        if ranges and ranges[-1][1] == seq - 1:
            ranges[-1] = (ranges[-1][0], seq)
        else:
            ranges.append((seq, seq))
    return ranges


def range_targets(ranges: Sequence[Range]) -> tuple[Target, ...]:
    """Ranges as the targets of an event."""
    return tuple(Target(RANGE_TYPE, f"{first}-{last}") for first, last in ranges)


def erased_by(record: Record) -> list[Range]:
    """The places whose details this event erased: none unless it is an erasure, and only places before its own."""
    if record.action != ACTION:
        return []
    return [found for found in map(range_of, record.targets) if found is not None and found[1] < record.seq]


def range_of(target: Reference) -> Range | None:
    """The range of a target, or None where it says none."""
    if target.type != RANGE_TYPE or target.id is None:
        return None
    first, _, last = target.id.partition("-")
    if not (_is_number(first) and _is_number(last)):
        return None
    found = int(first), int(last)
    return found if 1 <= found[0] <= found[1] else None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS
