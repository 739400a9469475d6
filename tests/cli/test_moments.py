"""Times and spans in words."""

import pytest

from immutable.cli.moments import clock_text, day_text, moment, span_text, zone_of


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "0 s"), (1, "1 ms"), (999, "999 ms"), (1_000, "1 s"), (7_000, "7 s"), (59_499, "59 s"), (59_999, "1 min"),
        (60_000, "1 min"), (90_000, "1 min 30 s"), (3_599_999, "1 h"), (3_600_000, "1 h"), (7_500_000, "2 h 5 min"),
        (86_400_000, "1 d"), (90_000_000, "1 d 1 h"), (40 * 86_400_000, "40 d"),
    ],
)  # fmt: skip
def test_a_span_is_its_two_largest_units(milliseconds: int, text: str) -> None:
    """Rounded to seconds, and never more than two units."""
    assert span_text(milliseconds) == text


def test_a_time_is_shown_in_the_zone_with_its_summer_time() -> None:
    """The tickets' clock is Portland's."""
    at = moment("2026-03-27T16:53:11.000000Z", zone_of("America/Los_Angeles"))
    assert (clock_text(at), day_text(at)) == ("09:53:11", "Fri 27 Mar 2026")


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00.000000Z", "9999-12-31T23:59:59.999999Z"])
@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Kiritimati"])
def test_the_ends_of_the_calendar_are_shown(text: str, zone: str) -> None:
    """Where the zone's time has no year, the time is shown in UTC."""
    assert day_text(moment(text, zone_of(zone)))
