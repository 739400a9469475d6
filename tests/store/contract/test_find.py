"""Finding events: every filter and combination, held against a loop over all events."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.logs import Log, event
from tests.store.contract.plain import ACTIONS, NAMES, NEEDLES, Event, drafts, filled_log, matching, session_of
from tests.store.contract.plain import appended as append

from immutable.model.event import Target
from immutable.model.filters import EventFilter


def filters(events: list[Event]) -> st.SearchStrategy[EventFilter]:
    """Any filter; its times lie about the events'."""
    name = st.none() | st.sampled_from(NAMES)
    at = st.none()
    if events:
        at |= st.builds(lambda one, by: one.created_at + by, st.sampled_from(events), st.integers(-1, 1))
    inferred = [identifier for identifier, _ in session_of(events).values()]
    return st.builds(
        EventFilter,
        actor_id=name,
        action=st.none() | st.sampled_from([*ACTIONS, "doc.x.*", "docs.*", "none.*", "d\U0010ffff.*"]),
        resource=name,
        resource_id=name,
        tenant_id=name,
        session_id=st.none() | st.sampled_from(NAMES + inferred),
        target_type=name,
        target_id=name,
        touched=st.none() | st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)),
        search=st.none() | st.sampled_from(NEEDLES),
        created_from=at,
        created_to=at,
    )


def sparse(events: list[Event]) -> st.SearchStrategy[EventFilter]:
    """Filters of one or two conditions, which events are likely to meet."""
    return st.builds(
        lambda whole, kept: EventFilter(**{field: getattr(whole, field) for field in kept}),
        filters(events),
        st.lists(st.sampled_from(EventFilter.__struct_fields__).filter(lambda field: field != "run"), max_size=2),
    )


@given(st.data())
@settings(max_examples=150)
def test_any_filter_finds_what_a_loop_finds(new_log: Callable[[], Log], data: st.DataObject) -> None:
    """All matching events and no others, in both orders, with an exact total."""
    log = new_log()
    events = filled_log(log, data)
    for _ in range(4):
        wanted = data.draw(sparse(events) | filters(events))
        expected = [one.seq for one in matching(events, wanted)]
        for ascending in (True, False):
            page = log.store.find(log.workspace, wanted, ascending=ascending, after_seq=None, limit=1_000)
            assert [entry.seq for entry in page.entries] == (expected if ascending else expected[::-1])
            assert (page.total, page.total_is_exact, page.has_more) == (len(expected), True, False)


@given(st.data())
@settings(max_examples=100)
def test_pages_repeat_and_skip_nothing_while_events_arrive(new_log: Callable[[], Log], data: st.DataObject) -> None:
    """Small pages with appends between them: every event of the beginning once, and in ascending order the new ones too."""
    log = new_log()
    events = filled_log(log, data)
    wanted, ascending = data.draw(sparse(events)), data.draw(st.booleans())
    limit = data.draw(st.integers(1, 5))
    at_first = [one.seq for one in matching(events, wanted)]
    seen: list[int] = []
    for turn in range(200):
        total = len(matching(events, wanted))
        page = log.store.find(
            log.workspace, wanted, ascending=ascending, after_seq=seen[-1] if seen else None, limit=limit
        )
        seen += [entry.seq for entry in page.entries]
        assert page.total == total
        if not page.has_more:
            break
        assert len(page.entries) == limit
        if turn < 3:
            events += append(log, data.draw(st.lists(drafts, max_size=4)) or [event()])
            if data.draw(st.booleans()):
                log.settle()
    expected = [one.seq for one in matching(events, wanted)] if ascending else at_first[::-1]
    assert seen == expected


CASES: list[tuple[dict[str, Any], list[int]]] = [
    ({"actor_id": "usr_2"}, [2, 6]),
    ({"actor_id": "usr"}, []),
    ({"action": "document.deleted"}, [3]),
    ({"action": "document.*"}, [1, 2, 3, 4]),
    ({"action": "document.*", "actor_id": "usr_2"}, [2]),
    ({"action": "*"}, [1, 2, 3, 4, 5, 6]),
    ({"action": "documents"}, [5]),
    ({"resource": "document"}, [1, 2]),
    ({"resource_id": "d1"}, [1, 4]),
    ({"resource": "document", "resource_id": "d1"}, [1]),
    ({"tenant_id": "acme"}, [3, 4]),
    ({"session_id": "s1"}, [5, 6]),
    ({"target_type": "document"}, [3, 4]),
    ({"target_id": "d1"}, [3, 5]),
    ({"target_type": "document", "target_id": "d1"}, [3]),
    ({"touched": ("document", "d1")}, [1, 3]),
    ({"touched": ("", "d1")}, [4]),
    ({"run": ("usr_1", 2, 4)}, [3, 4]),
]


@pytest.mark.parametrize("sealed", [False, True])
@pytest.mark.parametrize(("wanted", "expected"), CASES, ids=str)
def test_each_filter_means_this(log: Log, wanted: dict[str, Any], expected: list[int], sealed: bool) -> None:
    """By example, from the memory of the newest events and from what was sealed behind the log."""
    log.append(
        event(resource_type="document", resource_id="d1", action="document.viewed"),
        event(resource_type="document", resource_id="d2", actor_id="usr_2"),
        event(targets=(Target("document", "d1"), Target("file", "f")), tenant_id="acme", action="document.deleted"),
        event(targets=(Target("document"),), tenant_id="acme", resource_id="d1"),
        event(targets=(Target("file", "d1"), Target("note", "d2")), action="documents", session_id="s1"),
        event(actor_id="usr_2", action="login", session_id="s1"),
    )
    if sealed:
        log.append(*[event(actor_id="other", action="other", session_id="other")] * 10)
        log.settle()
        expected = expected if wanted != {"action": "*"} else list(range(1, 17))
    assert log.found(**wanted) == expected


def test_a_target_is_one_target(log: Log) -> None:
    """Type and id must be of the same target, not of two."""
    log.append(event(targets=(Target("file", "1"), Target("note", "2"))))
    assert log.found(target_type="file", target_id="1") == [1]
    assert log.found(target_type="file", target_id="2") == []


def test_times_are_inclusive_at_both_ends(log: Log) -> None:
    """To the microsecond, and beyond the log in both directions."""
    events = [one for _ in range(4) for one in append(log, [event()] * 5)]
    for first in range(20):
        for last in range(20):
            expected = list(range(first + 1, last + 2))
            span = {"created_from": events[first].created_at, "created_to": events[last].created_at}
            assert log.found(**span) == expected
            page = log.find(**span, limit=2, ascending=False)
            assert (page.total, page.has_more) == (len(expected), len(expected) > 2)
    assert log.found(created_from=events[3].created_at + 1) == list(range(5, 21))
    assert log.found(created_to=events[3].created_at - 1) == [1, 2, 3]
    assert log.found(created_from=events[-1].created_at + 1) == []
    assert log.found(created_to=events[0].created_at - 1) == []
    assert log.found(created_from=-(2**62), created_to=2**62) == list(range(1, 21))
    assert log.found(created_from=events[5].created_at, created_to=events[4].created_at) == []


def test_a_limit_of_nothing_still_counts(log: Log) -> None:
    """A page of no events tells how many there are."""
    log.append(*[event()] * 3)
    for wanted in ({}, {"actor_id": "usr_1"}, {"search": "doc"}):
        page = log.find(limit=0, **wanted)
        assert (page.entries, page.total, page.has_more) == ([], 3, True)
