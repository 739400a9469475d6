"""Time as whole microseconds since 1970 (UTC), and its one text form: RFC 3339 with six digits and `Z`."""

import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import msgspec

Microseconds = int

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = 1_000_000
_MINUTE = 60 * _SECOND


def now() -> Microseconds:
    """The server's time; it can step back, and who needs order must see to it (`integrity/chain.py`)."""
    return time.time_ns() // 1000


@lru_cache(maxsize=4096)
def _minute_text(minute: int) -> str:
    """`2026-03-27T08:33:`. Events come by the thousand in a minute, those of the past too, and few in the same second."""
    return (_EPOCH + timedelta(minutes=minute)).replace(tzinfo=None).isoformat()[:-2]


def to_text(at: Microseconds) -> str:
    """`1774600391000000` as `2026-03-27T08:33:11.000000Z`."""
    minute, rest = divmod(at, _MINUTE)
    # Half the time of an f-string, and every event has two of them.
    return "%s%02d.%06dZ" % (_minute_text(minute), rest // _SECOND, rest % _SECOND)  # noqa: UP031


def from_text(text: str) -> Microseconds:
    """Read an RFC 3339 time with any offset and precision, or a plain date (its midnight, UTC).

    A time without an offset is taken as UTC. Raises ValueError where the text is no such time, or lies outside the
    years 1 to 9999 once it is expressed in UTC.
    """
    if len(text) == len("2026-03-27"):
        text += "T00:00:00Z"
    try:
        moment = msgspec.convert(text, datetime)
    except msgspec.ValidationError:
        raise ValueError("Use an RFC 3339 time such as 2026-03-27T09:53:11Z, or a date such as 2026-03-27.") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    at = _microseconds(moment - _EPOCH)
    if not _EARLIEST <= at <= _LATEST:
        raise ValueError("The time lies outside the years 1 to 9999 (UTC).")
    return at


def _microseconds(span: timedelta) -> Microseconds:
    return (span.days * 86_400 + span.seconds) * _SECOND + span.microseconds  # a third of the time of a division


_EARLIEST = _microseconds(datetime(1, 1, 1, tzinfo=UTC) - _EPOCH)
_LATEST = _microseconds(datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC) - _EPOCH)
