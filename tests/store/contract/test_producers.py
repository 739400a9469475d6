"""What came of producers' numbers, followed behind the log on every engine, and bounded."""

from typing import Any

import pytest
from tests.logs import Log, event

from immutable.model.event import EventDraft, Producer
from immutable.store import follow_producers


def _numbered(producer: str, run: str | None, number: int) -> EventDraft:
    return event(producer=Producer(producer, run, number))


def _runs(log: Log) -> dict[tuple[str, str | None], Any]:
    while log.store.follow():
        pass
    return {(run.producer, run.run): run for run in log.store.producer_runs(log.workspace)}


def test_numbers_are_followed_over_many_steps(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few records at a time, between others; what was followed is not read again, and each run is by itself."""
    monkeypatch.setattr(follow_producers, "_CHUNK", 3)
    for number in (1, 2, 5, 4, 9):
        log.append(_numbered("web-3", "r1", number), event(), _numbered("wéb ☃", None, number))
    runs = _runs(log)
    assert runs.keys() == {("web-3", "r1"), ("wéb ☃", None)}
    assert all(list(run.gaps(2**62)) == [(3, 3), (6, 8)] for run in runs.values())
    log.append(_numbered("web-3", "r1", 3))
    log.append(event())
    again = _runs(log)
    assert list(again["web-3", "r1"].gaps(2**62)) == [(6, 8)]
    assert again["web-3", "r1"].received == 6
    assert again["wéb ☃", None] == runs["wéb ☃", None]


def test_invented_producers_push_out_the_oldest_only(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """The runs kept are bounded; one that comes back is taken up where it is, and no gap is invented."""
    monkeypatch.setattr(follow_producers, "MAX_RUNS", 3)
    log.append(_numbered("first", "r", 1))
    for number in range(5):
        log.append(_numbered(f"invented-{number}", "r", 1))
    assert {producer for producer, _ in _runs(log)} == {"invented-2", "invented-3", "invented-4"}
    log.append(_numbered("first", "r", 7))
    runs = _runs(log)
    assert len(runs) == 3
    assert list(runs["first", "r"].gaps(2**62)) == []


def test_the_runs_can_be_made_again_from_the_log(log: Log) -> None:
    """A follower that begins anew comes to the same runs."""
    for number in (1, 3, 4):
        log.append(_numbered("web-3", "r1", number))
    kept = _runs(log)["web-3", "r1"]
    entries = log.store.reader().records(log.workspace, 1, 3)
    runs: dict[tuple[str, str | None], Any] = {}
    for _, content in entries:
        record = follow_producers.readable(content)
        assert record is not None
        assert record.producer is not None
        one = record.producer
        at = follow_producers.clock.from_text(record.created_at)
        follow_producers.received(runs, Producer(one.id, one.run, one.sequence), at, is_first=True)
    assert runs["web-3", "r1"] == kept
