"""A session read as a story."""

from typing import Any

from tests.logs import MINUTE, START, event

from immutable import clock
from immutable.integrity import chain
from immutable.model.event import EMPTY_HEAD, LogEntry
from immutable.sessions.destructive import DestructiveRule
from immutable.sessions.timeline import timeline

RULE = DestructiveRule(["*.deleted"])


def entries_at(*minutes: float, **fields: Any) -> list[LogEntry]:
    """Entries in the order of the log that occurred at these minutes after the start."""
    drafts = [event(occurred_at=START + round(minute * MINUTE), **fields) for minute in minutes]
    placed, _ = chain.extend(EMPTY_HEAD, "ws_1", drafts, START)
    return [one.entry for one in placed]


def test_steps_are_in_the_order_in_which_things_occurred() -> None:
    """A late event stands where it happened; what happened at once stays in the order of the log."""
    steps = timeline(entries_at(1, 0, 1, 0.5), started_at=START, previous_at=None, rule=RULE)
    assert [step.entry.seq for step in steps] == [2, 4, 1, 3]


def test_each_step_has_the_time_since_the_start_and_since_the_step_before() -> None:
    """The first step has no gap; times are whole milliseconds."""
    steps = timeline(entries_at(2, 0, 5), started_at=START, previous_at=None, rule=RULE)
    assert [(step.elapsed_ms, step.gap_ms) for step in steps] == [(0, 0), (120_000, 120_000), (300_000, 180_000)]
    assert steps[1].occurred_at == START + 2 * MINUTE


def test_a_second_page_goes_on_from_the_first() -> None:
    """The gap of its first step is the time since the last step of the page before."""
    steps = timeline(entries_at(10, 12), started_at=START, previous_at=START + 4 * MINUTE, rule=RULE)
    assert [(step.elapsed_ms, step.gap_ms) for step in steps] == [(600_000, 360_000), (720_000, 120_000)]


def test_destructive_steps_and_devices_are_marked() -> None:
    """The rule is applied to each action, and the user agent named."""
    viewed = entries_at(0, user_agent="python-requests/2.31.0")
    (step,) = timeline(viewed, started_at=START, previous_at=None, rule=RULE)
    assert (step.is_destructive, step.device) == (False, "Python Requests")
    (step,) = timeline(entries_at(0, action="x.deleted"), started_at=START, previous_at=None, rule=RULE)
    assert (step.is_destructive, step.device) == (True, None)


def test_the_earliest_and_the_latest_time_are_told_apart() -> None:
    """A session from year 1 to year 9999 has a timeline like any other."""
    first, last = clock.from_text("0001-01-01"), clock.from_text("9999-12-31")
    steps = timeline(
        entries_at((first - START) / MINUTE, (last - START) / MINUTE), started_at=first, previous_at=None, rule=RULE
    )
    assert steps[1].gap_ms == steps[1].elapsed_ms > 315_000_000_000_000


def test_nothing_has_an_empty_timeline() -> None:
    """A page without events has no steps."""
    assert timeline([], started_at=START, previous_at=None, rule=RULE) == []
