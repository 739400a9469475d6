"""The chain: places, times, ids and hashes of new events."""

import uuid
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from tests.logs import START, event

from immutable import clock
from immutable.integrity import chain
from immutable.integrity.chain import Placed
from immutable.integrity.record import decode_record
from immutable.model.event import EMPTY_HEAD, Head

nows = st.lists(st.integers(START - 10, START + 10), min_size=1, max_size=8)


def extend(times: list[int]) -> list[Placed]:
    """A log of three events at each of these server times."""
    head, placed = EMPTY_HEAD, []
    for now in times:
        more, head = chain.extend(head, "ws_1", [event()] * 3, now)
        placed += more
    return placed


@given(nows)
def test_time_rises_whatever_the_clock_does(times: list[int]) -> None:
    """`created_at` is strictly increasing where the clock stands still or steps back, and never before the clock."""
    placed = extend(times)
    created = [clock.from_text(one.record.created_at) for one in placed]
    assert all(before < after for before, after in pairwise(created))
    assert all(at >= times[index // 3] for index, at in enumerate(created))
    assert created[-1] <= max(times) + len(created)


def test_time_is_the_clock_where_the_clock_moves_on() -> None:
    """A clock that goes forward is believed to the microsecond."""
    placed = extend([START, START + 1_000_003])
    assert placed[0].record.created_at == "2026-03-27T09:00:00.000000Z"
    assert placed[3].record.created_at == "2026-03-27T09:00:01.000003Z"


@given(nows)
def test_ids_sort_as_the_log_and_carry_the_time(times: list[int]) -> None:
    """An id is a UUIDv7, gives back the microsecond of creation, and sorts as the log does."""
    placed = extend(times)
    ids = [one.id for one in placed]
    assert ids == sorted(set(ids))
    for one in placed:
        parsed = uuid.UUID(one.id)
        assert (parsed.version, parsed.variant, str(parsed)) == (7, uuid.RFC_4122, one.id)
        assert chain.created_at_of(one.id) == clock.from_text(one.record.created_at)


@given(st.text(max_size=40) | st.uuids().map(str))
def test_any_text_may_be_asked_for_its_time(text: str) -> None:
    """Asking is no error, and only what has the shape of a UUIDv7 has a time."""
    at = chain.created_at_of(text)
    assert at is None or (at >= 0 and len(text) == 36 and "7" in text)


@given(nows)
def test_numbers_have_no_gaps_and_hashes_link(times: list[int]) -> None:
    """Places count from 1, and each entry's previous hash is the hash before it, zeros for the first."""
    placed = extend(times)
    assert [one.seq for one in placed] == list(range(1, len(placed) + 1))
    assert [decode_record(one.entry.record).seq for one in placed] == [one.seq for one in placed]
    hashes = [bytes(32)] + [one.entry.event_hash for one in placed]
    assert [one.entry.previous_hash for one in placed] == hashes[:-1]
    assert len(set(hashes)) == len(hashes)


def test_the_new_head_is_the_last_event() -> None:
    """What `extend` returns is where the next call goes on."""
    placed, head = chain.extend(EMPTY_HEAD, "ws_1", [event(), event()], START)
    assert head == Head(2, placed[1].entry.event_hash, START + 1)


def test_the_same_event_twice_has_two_salts_ids_and_hashes() -> None:
    """Salt and id are random, so that nobody can guess erased details from their digest."""
    one, other = extend([START])[:2]
    assert one.entry.salt != other.entry.salt
    assert one.entry.details == other.entry.details
    assert one.record.details_digest != other.record.details_digest
    assert one.entry.salt is not None
    assert len(one.entry.salt) == 16
