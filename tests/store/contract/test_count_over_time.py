"""Counts over time: the same as a loop over all events would count, on every engine, indexed or not."""

from collections.abc import Callable

import pytest
from tests.logs import MINUTE, START, Log, event

from immutable.model.filters import EventFilter, SessionFilter
from immutable.store import count_over_time as counting
from immutable.store import find_sessions

FILTERS = [
    {}, {"actor_id": "a1"}, {"action": "document.*"}, {"session_id": "s1"}, {"search": "viewed"},
    {"actor_id": "a0", "created_from": START + 10 * MINUTE, "created_to": START + 31 * MINUTE},
    {"created_from": START - MINUTE}, {"created_to": START + 200 * MINUTE},
]  # fmt: skip


@pytest.fixture(scope="module", params=[False, True], ids=["not indexed", "indexed"])
def filled(request: pytest.FixtureRequest, new_log: Callable[[], Log]) -> Log:
    """Fifty events, at first one a minute, then none for an hour."""
    log = new_log()
    for number in range(50):
        log.now = START + (number if number < 30 else 90 + number) * MINUTE
        session = f"s{number % 2}" if number % 5 else None
        action = "document.viewed" if number % 3 else "folder.opened"
        log.append(event(actor_id=f"a{number % 4}", action=action, session_id=session))
    if request.param:
        log.settle()
    return log


@pytest.mark.parametrize("wanted", FILTERS, ids=str)
@pytest.mark.parametrize("parts", [1, 7, 60])
def test_every_part_counts_what_a_loop_counts(filled: Log, wanted: dict[str, object], parts: int) -> None:
    """Whatever the filter and the number of parts; all parts together are all matches."""
    counted = filled.store.count_over_time(filled.workspace, EventFilter(**wanted), parts=parts)
    assert counted is not None
    matching = filled.find(**wanted)
    expected = [0] * len(counted.counts)
    for entry in matching.entries:
        at = counting._created_at(entry.record)
        expected[(at - counted.first) // counted.width] += 1
    assert counted.counts == expected
    assert 1 <= len(counted.counts) <= parts
    assert (sum(counted.counts), counted.counted_from) == (matching.total, None)


def test_a_common_text_says_where_counting_stopped(filled: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of more matches than are counted, the newest are, and the answer says from when on the counts are whole."""
    monkeypatch.setattr(counting, "COUNT_LIMIT", 10)
    counted = filled.store.count_over_time(filled.workspace, EventFilter(search="viewed"), parts=5)
    assert counted is not None
    oldest = filled.find(search="viewed", ascending=False, limit=10).entries[-1]
    assert (sum(counted.counts), counted.counted_from) == (10, counting._created_at(oldest.record))


def test_an_empty_log_has_no_counts(log: Log) -> None:
    """There is no span to count over."""
    assert log.store.count_over_time(log.workspace, EventFilter(), parts=5) is None


SESSION_FILTERS = [
    {}, {"actor_id": "a1"}, {"inferred": True}, {"action": "folder.*"}, {"search": "viewed"},
    {"started_from": START + MINUTE, "started_to": START + 500 * MINUTE},
]  # fmt: skip


@pytest.mark.parametrize("wanted", SESSION_FILTERS, ids=str)
def test_sessions_are_counted_as_a_loop_counts_them(filled: Log, wanted: dict[str, object]) -> None:
    """By when they began, whether their events have to be looked at or not."""
    sessions = filled.sessions(**wanted)
    counted = filled.store.count_sessions_over_time(filled.workspace, SessionFilter(**wanted), parts=7)
    assert counted is not None
    expected = [0] * len(counted.counts)
    for session in sessions:
        expected[(session.sorted_at - counted.first) // counted.width] += 1
    assert (counted.counts, counted.counted_from) == (expected, None)
    assert len(counted.counts) <= 7


def test_of_too_many_sessions_the_newest_are_counted(filled: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the answer says from when on, whichever way they were counted."""
    monkeypatch.setattr(find_sessions, "MOST_COUNTED", 2)
    monkeypatch.setattr(find_sessions, "MOST_FOUND", 2)
    for wanted in ({}, {"search": "e"}):
        counted = filled.store.count_sessions_over_time(filled.workspace, SessionFilter(**wanted), parts=5)
        assert counted is not None
        assert (sum(counted.counts), counted.counted_from) == (2, filled.sessions(**wanted)[1].sorted_at)
    assert filled.store.count_sessions_over_time(filled.workspace, SessionFilter(actor_id="nobody"), parts=5) is None
