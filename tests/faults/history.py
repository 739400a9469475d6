"""What clients did and were told, and the check that one log explains all of it. Pure: no server is needed here.

The rules, over every client and process:

1. an acknowledged event is in the log for ever after, once, where the acknowledgement said;
2. order is real: an append that began after another was acknowledged comes after it;
3. everyone agrees: whoever sees a place of the log sees the same event there, with the same hash;
4. a read shows everything that was acknowledged before it began, to anybody, and everything that anybody had read
   before; so reads are monotonic, also across processes;
5. a page has no gaps, and shows only what somebody had sent.
"""

from dataclasses import dataclass, field

Place = tuple[int, str, str]
"""Sequence, hash and marker of an event as somebody was told it."""


@dataclass(frozen=True)
class Append:
    """Events that were sent; `told` is None where nobody can say what became of them."""

    client: str
    began: float
    ended: float
    markers: tuple[str, ...]
    told: tuple[Place, ...] | None


@dataclass(frozen=True)
class Read:
    """A page of the newest events, newest first."""

    client: str
    began: float
    ended: float
    page: tuple[Place, ...]


@dataclass
class History:
    """All that happened in one workspace, and the log at the end."""

    appends: list[Append] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)
    log: list[Place] = field(default_factory=list)


def violations(history: History) -> list[str]:
    """Everything that no single log can explain; empty where all is well."""
    return [
        *_log_has_gaps_or_doubles(history),
        *_acknowledged_is_lost(history),
        *_disagreements(history),
        *_order_is_not_real(history),
        *_stale_reads(history),
        *_bad_pages(history),
    ]


def _log_has_gaps_or_doubles(history: History) -> list[str]:
    found = []
    if [seq for seq, _, _ in history.log] != list(range(1, len(history.log) + 1)):
        found.append("the log has gaps or is out of order")
    markers = [marker for _, _, marker in history.log]
    if len(set(markers)) != len(markers):
        found.append("an event is in the log twice")
    return found


def _acknowledged_is_lost(history: History) -> list[str]:
    log = set(history.log)
    return [
        f"{place} was acknowledged to {one.client}, but is not in the log"
        for one in history.appends
        for place in one.told or ()
        if place not in log
    ]


def _disagreements(history: History) -> list[str]:
    by_seq = {place[0]: place for place in history.log}
    return [
        f"{read.client} read {place}, but the log has {by_seq.get(place[0])}"
        for read in history.reads
        for place in read.page
        if by_seq.get(place[0]) != place
    ]


def _order_is_not_real(history: History) -> list[str]:
    """For each append, its first place is after the last place of every append acknowledged before it began."""
    found = []
    fresh = [one for one in history.appends if one.told]
    acknowledged = sorted(fresh, key=lambda one: one.ended)
    first_sent: dict[str, float] = {}
    for one in history.appends:  # an event sent again counts from when it was sent first
        for marker in one.markers:
            first_sent[marker] = min(first_sent.get(marker, one.began), one.began)
    highest, index = 0, 0
    for one in sorted(fresh, key=lambda one: min(first_sent[marker] for marker in one.markers)):
        began = min(first_sent[marker] for marker in one.markers)
        while index < len(acknowledged) and acknowledged[index].ended < began:
            highest = max(highest, *(seq for seq, _, _ in acknowledged[index].told or ()))
            index += 1
        lowest = min(seq for seq, _, _ in one.told or ())
        if lowest <= highest:
            found.append(
                f"{one.client} was given {lowest}, though {highest} had been acknowledged before it sent anything"
            )
    return found


def _stale_reads(history: History) -> list[str]:
    """Each read goes at least as far as everything that was known to anybody before it began."""
    found = []
    known = sorted(
        [(one.ended, max(seq for seq, _, _ in one.told)) for one in history.appends if one.told]
        + [(read.ended, read.page[0][0]) for read in history.reads if read.page]
    )
    highest, index = 0, 0
    for read in sorted(history.reads, key=lambda read: read.began):
        while index < len(known) and known[index][0] < read.began:
            highest = max(highest, known[index][1])
            index += 1
        newest = read.page[0][0] if read.page else 0
        if newest < highest:
            found.append(f"{read.client} read up to {newest}, though {highest} was known before it asked")
    return found


def _bad_pages(history: History) -> list[str]:
    first_sent: dict[str, float] = {}
    for one in history.appends:
        for marker in one.markers:
            first_sent[marker] = min(first_sent.get(marker, one.began), one.began)
    found = []
    for read in history.reads:
        seqs = [seq for seq, _, _ in read.page]
        if seqs and seqs != list(range(seqs[0], seqs[0] - len(seqs), -1)):
            found.append(f"{read.client} read a page with gaps: {seqs}")
        found += [
            f"{read.client} read {marker} before anybody sent it"
            for _, _, marker in read.page
            if first_sent.get(marker, read.ended + 1) > read.ended
        ]
    return found
