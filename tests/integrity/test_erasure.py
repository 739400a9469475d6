"""What an erasure says about itself."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from immutable.integrity import erasure
from immutable.integrity.record import Record, Reference


def _record(*ids: str | None, action: str = erasure.ACTION, kind: str = "sequences", seq: int = 100) -> Record:
    return Record(action=action, seq=seq, targets=tuple(Reference(one, kind) for one in ids))


@given(st.sets(st.integers(1, 10**9)))
def test_places_come_back_from_their_ranges(places: set[int]) -> None:
    """Ranges written as targets say exactly the places that they were made of, in as few ranges as can be."""
    ranges = erasure.ranges_of(sorted(places))
    record = _record(*[target.id for target in erasure.range_targets(ranges)], seq=10**9 + 1)
    assert erasure.erased_by(record) == ranges
    assert {seq for first, last in ranges if last - first < 10_000 for seq in range(first, last + 1)} <= places
    assert sum(last - first + 1 for first, last in ranges) == len(places)
    assert all(after[0] > before[1] + 1 for before, after in itertools.pairwise(ranges))


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "1",
        "-",
        "1-",
        "-1",
        "2-1",
        "0-1",
        "1-100",
        "1-99999999999999",
        "1-2-3",
        " 1-2",
        "\u0661-\u0662",
        "1.0-2",
    ],
)
def test_what_is_no_range_of_earlier_places_covers_nothing(text: str | None) -> None:
    """An erasure covers nothing that it does not say plainly, nor itself or what came after."""
    assert erasure.erased_by(_record(text)) == []
    assert erasure.erased_by(_record(text, "41-43")) == [(41, 43)]


def test_no_other_event_erases() -> None:
    """Only the server's own action counts, and only targets of the type that is meant."""
    assert erasure.erased_by(_record("1-2", action="document.deleted")) == []
    assert erasure.erased_by(_record("1-2", kind="folder")) == []
