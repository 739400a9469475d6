"""Times, spans and strangers' texts as a person reads them. Nothing that an event carries can steer a reader's eye."""

import re
from datetime import UTC, datetime, tzinfo

from immutable import clock

_DECEPTIVE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\ufffe\uffff]"
)
"""Controls, and what turns the direction of writing around or cannot be seen."""

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def visible(text: str, most: int = 300) -> str:
    """A stranger's text with its deceptive characters as their numbers, cut where it is too long."""
    cut = text if len(text) <= most else text[:most] + "…"
    return _DECEPTIVE.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", cut)


def day_text(at: int, zone: tzinfo = UTC) -> str:
    """27 March 2026."""
    moment = _in_zone(at, zone)
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year:04d}"


def clock_text(at: int, zone: tzinfo = UTC) -> str:
    """09:53:11."""
    return f"{_in_zone(at, zone):%H:%M:%S}"


def _in_zone(at: int, zone: tzinfo) -> datetime:
    """At the ends of the calendar, where the zone's time has no year, in UTC."""
    moment = datetime.fromisoformat(clock.to_text(at))
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment


def span_text(milliseconds: int) -> str:
    """The two largest units: 7 s, 1 min 30 s, 2 h 5 min, 3 d 4 h."""
    if milliseconds < 1_000:
        return f"{milliseconds} ms"
    seconds = round(milliseconds / 1_000)
    for size, unit, smaller_size, smaller in ((86_400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if seconds >= size:
            rest = seconds % size // smaller_size
            return f"{seconds // size} {unit} {rest} {smaller}" if rest else f"{seconds // size} {unit}"
    return f"{seconds} s"


def counted(count: int, noun: str) -> str:
    """1 event, 2,048 events."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def listed(words: list[str], most: int = 5) -> str:
    """a, b and 3 more."""
    if len(words) <= most:
        return ", ".join(words[:-1]) + " and " + words[-1] if len(words) > 1 else "".join(words)
    return f"{', '.join(words[:most])} and {len(words) - most} more"


def ranges_text(seqs: list[int]) -> str:
    """Places as `3, 5-9`."""
    parts: list[tuple[int, int]] = []
    for seq in sorted(seqs):
        if parts and parts[-1][1] == seq - 1:
            parts[-1] = (parts[-1][0], seq)
        else:
            parts.append((seq, seq))
    shown = [str(first) if first == last else f"{first}-{last}" for first, last in parts]
    return listed(shown, 20)
