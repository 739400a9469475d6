"""The soak paces its requests, and its verdict follows from what it saw."""

from dataclasses import replace
from itertools import islice, repeat

import pytest
from benchmarks.soak import Slice, describe, paced, verdict

_SLICE = Slice(
    minute=5.0,
    rate=1_000.0,
    p50_ms=8.0,
    p99_ms=30.0,
    others=0,
    server_mb=(150.0,),
    database_mb=40.0,
    connections=8,
    events=1_000,
    unindexed=0,
    dead_rows=10,
    dead_share=0.01,
    bytes_per_event=1_100.0,
)


def _hour(growth: float) -> list[Slice]:
    return [
        replace(_SLICE, minute=5.0 * number, server_mb=(150 + growth * number / 12, 140.0)) for number in range(1, 13)
    ]


def test_requests_come_no_faster_than_the_rate() -> None:
    """A hundred requests at ten a second take ten seconds."""
    now = [0.0]
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    assert len(list(islice(paced(repeat(b""), 10, lambda: now[0], sleep), 100))) == 100
    assert sum(slept) == pytest.approx(10)


def test_lost_time_is_made_up_for_only_in_small_part() -> None:
    """Whoever was late for long does not send all that was missed at once."""
    times = iter([0.0, 0.0, 100.0, 100.0, 100.0, 100.0])
    slept: list[float] = []
    list(islice(paced(repeat(b""), 10, lambda: next(times), slept.append), 5))
    assert slept[1:] == pytest.approx([0.1, 0.2])  # and two at once


@pytest.mark.parametrize(("growth", "said"), [(0.0, "+0.0 MB an hour"), (60.0, "+60.0 MB an hour")])
def test_growth_of_memory_is_told_by_the_hour(growth: float, said: str) -> None:
    """The slope of the largest process's memory is in the verdict."""
    assert f"server memory {said}" in verdict(_hour(growth))


def test_the_first_quarter_does_not_count() -> None:
    """What happens while caches fill is left out of the slopes."""
    hour = _hour(0.0)
    hour[0] = replace(hour[0], server_mb=(20.0, 20.0))
    assert verdict(hour) == verdict(_hour(0.0))


def test_refusals_are_never_left_out() -> None:
    """Other answers than 202 are in the line of their slice and in the verdict, whenever they came."""
    hour = _hour(0.0)
    hour[0] = replace(hour[0], others=3)
    assert "3 OTHER ANSWERS" in describe(hour[0])
    assert verdict(hour).endswith("answers other than 202: 3")
