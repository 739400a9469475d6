"""Times and spans as a person reads them, in the time zone that the person chose."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from immutable.errors import StartError


def zone_of(name: str) -> tzinfo:
    """The time zone of this name. Raises StartError."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise StartError(
            f"There is no time zone {name!r}; use a name such as UTC, America/Los_Angeles or Europe/Berlin."
        ) from None


def moment(text: str, zone: tzinfo) -> datetime:
    """A time of the API in this zone; at the ends of the calendar, where the zone's time has no year, in UTC."""
    at = datetime.fromisoformat(text)
    try:
        return at.astimezone(zone)
    except OverflowError:
        return at.astimezone(UTC)


def clock_text(at: datetime) -> str:
    """09:53:11."""
    return f"{at:%H:%M:%S}"


def day_text(at: datetime) -> str:
    """Fri 27 Mar 2026."""
    return f"{at:%a} {at.day} {at:%b} {at.year:04d}"


def span_text(milliseconds: int) -> str:
    """The two largest units: 7 s, 1 min 30 s, 2 h 5 min, 3 d 4 h; below a second in milliseconds."""
    if milliseconds < 1000:
        return f"{milliseconds} ms" if milliseconds else "0 s"
    seconds = round(milliseconds / 1000)
    for size, unit, smaller_size, smaller in ((86_400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if seconds >= size:
            rest = seconds % size // smaller_size
            return f"{seconds // size} {unit} {rest} {smaller}" if rest else f"{seconds // size} {unit}"
    return f"{seconds} s"
