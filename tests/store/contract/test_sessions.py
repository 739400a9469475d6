"""Sessions in the store: lists with every filter, pages, summaries and entries, held against a loop over all events."""

from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.logs import MINUTE, START, Log, event
from tests.store.contract.plain import (
    ACTIONS,
    NAMES,
    NEEDLES,
    Event,
    appended,
    drafts,
    filled_log,
    matching,
    matching_sessions,
    sessions_of,
)
from tests.store.contract.test_find import sparse

from immutable.model.filters import EventFilter, SessionFilter, SessionPosition
from immutable.model.session import Place
from immutable.store import find_sessions


def filters(events: list[Event]) -> st.SearchStrategy[SessionFilter]:
    """Any filter of at most three conditions, or of one event; its times lie about the sessions'."""
    name = st.none() | st.sampled_from(NAMES)
    at = st.none()
    if events:
        at |= st.builds(lambda one, by: one.occurred_at + by, st.sampled_from(events), st.integers(-1, 1))
    whole = st.builds(
        SessionFilter,
        actor_id=name,
        tenant_id=name,
        resource_id=name,
        action=st.none() | st.sampled_from([*ACTIONS, "none.*"]),
        search=st.none() | st.sampled_from(NEEDLES),
        started_from=at,
        started_to=at,
        inferred=st.none() | st.booleans(),
    )
    kept = st.lists(st.sampled_from(SessionFilter.__struct_fields__), max_size=3)
    plain = st.builds(lambda one, fields: SessionFilter(**{name: getattr(one, name) for name in fields}), whole, kept)
    by_events = st.builds(
        lambda one, wanted: SessionFilter(
            actor_id=wanted.actor_id, tenant_id=one.tenant_id, inferred=one.inferred, events=wanted
        ),
        whole,
        sparse(events).map(lambda one: msgspec.structs.replace(one, session_id=None)),
    )
    return plain | by_events


@pytest.fixture(params=[5_000, 2], ids=["few", "many"])
def few(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """From how many matching events on sessions are tried one by one: both ways must give the same sessions."""
    monkeypatch.setattr(find_sessions, "_FEW_EVENTS", request.param)
    number: int = request.param
    return number


def pages_of(log: Log, wanted: SessionFilter, limit: int, between: Callable[[], None] = lambda: None) -> list[str]:
    """The ids of all sessions, page by page; inferred ones and those of clients are told apart."""
    seen: list[str] = []
    after: SessionPosition | None = None
    for _ in range(100):
        page = log.store.find_sessions(log.workspace, wanted, after=after, limit=limit)
        seen += [f"{one.session_id} {one.inferred}" for one in page.sessions]
        after = page.next_position
        if after is None:
            break
        assert len(page.sessions) == limit
        between()
    return seen


@given(st.data())
@settings(max_examples=100)
def test_any_filter_finds_the_sessions_that_a_loop_finds(new_log: Callable[[], Log], data: st.DataObject) -> None:
    """All matching sessions and no others, newest first, with an exact total or an honest bound, in pages of any size."""
    log = new_log()
    events = filled_log(log, data)
    for most in (5_000, 2):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(find_sessions, "_FEW_EVENTS", most)
            for _ in range(3):
                wanted = data.draw(filters(events))
                expected = [f"{one.id} {one.inferred}" for one in matching_sessions(events, wanted)]
                page = log.store.find_sessions(log.workspace, wanted, after=None, limit=1_000)
                assert [f"{one.session_id} {one.inferred}" for one in page.sessions] == expected
                assert (page.total, page.total_is_exact, page.next_position) == (len(expected), True, None)
                assert pages_of(log, wanted, data.draw(st.integers(1, 4))) == expected


@given(st.data())
@settings(max_examples=60)
def test_pages_repeat_and_skip_nothing_while_sessions_go_on(new_log: Callable[[], Log], data: st.DataObject) -> None:
    """Sessions that were there at the beginning come once each, though they grow and new ones begin between pages."""
    log = new_log()
    events = filled_log(log, data)
    at_first = [f"{one.id} {one.inferred}" for one in matching_sessions(events, SessionFilter())]
    batches = data.draw(st.lists(st.lists(drafts, min_size=1, max_size=3), min_size=3, max_size=3))

    def append() -> None:
        if batches:
            appended(log, batches.pop())

    seen = pages_of(log, SessionFilter(), data.draw(st.integers(1, 4)), append)
    assert len(seen) == len(set(seen))
    assert [one for one in seen if one in at_first] == at_first


@given(st.data())
@settings(max_examples=60)
def test_a_session_has_its_events_and_tells_of_them(new_log: Callable[[], Log], data: st.DataObject) -> None:
    """Summary and entries of every session, a client's or inferred, are those of its events; pages give them once."""
    log = new_log()
    events = filled_log(log, data)
    for expected in sessions_of(events):
        (summary,) = [
            one for one in log.sessions() if (one.session_id, one.inferred) == (expected.id, expected.inferred)
        ]
        drafts_in = [one.draft for one in expected.events]
        touched = {(draft.resource_type or "", draft.resource_id) for draft in drafts_in if draft.resource_id}
        touched |= {(target.type, target.id) for draft in drafts_in for target in draft.targets if target.id}
        assert summary.events_count == len(expected.events)
        assert (summary.first_seq, summary.last_seq) == (expected.events[0].seq, expected.events[-1].seq)
        assert summary.sorted_at == expected.sorted_at
        assert summary.started_at == min(one.occurred_at for one in expected.events)
        assert summary.ended_at == max(one.occurred_at for one in expected.events)
        assert summary.tenant_id == expected.tenant_id
        assert summary.resources_count == len(touched)
        assert set(summary.actors) == {draft.actor_id for draft in drafts_in}
        assert sum(summary.actions.values()) == len(drafts_in)
        assert log.store.session(log.workspace, expected.id) == summary
        seqs = [one.seq for one in expected.events]
        assert log.found(session_id=expected.id) == seqs
        read: list[int] = []
        while len(read) < len(seqs):
            page = log.store.session_entries(
                log.workspace, summary, after_seq=read[-1] if read else None, limit=data.draw(st.integers(1, 7))
            )
            read += [entry.seq for entry in page.entries]
            assert page.total == len(seqs)
            assert page.has_more == (len(read) < len(seqs))
        assert read == seqs
        wanted = EventFilter(
            actor_id=data.draw(st.none() | st.sampled_from(NAMES)), tenant_id=data.draw(st.sampled_from(NAMES))
        )
        page = log.store.session_entries(log.workspace, summary, after_seq=None, limit=1_000, wanted=wanted)
        met = [one.seq for one in matching(expected.events, wanted)]
        assert ([entry.seq for entry in page.entries], page.total) == (met, len(met))


def test_sessions_are_listed_newest_first_with_ties_in_the_order_of_the_log(log: Log) -> None:
    """Sorted by the event that opened them; of two opened at the same time the later in the log comes first."""
    at = [5, 1, 9, 5]
    log.append(*[event(session_id=f"s{n}", occurred_at=START + minute * MINUTE) for n, minute in enumerate(at)])
    assert [one.session_id for one in log.sessions()] == ["s2", "s3", "s0", "s1"]
    assert pages_of(log, SessionFilter(), 1) == ["s2 False", "s3 False", "s0 False", "s1 False"]


def test_times_are_inclusive_and_of_the_opening_event(log: Log, few: int) -> None:
    """A span holds the sessions that began in it, both ends included, with conditions on events and without."""
    log.append(*[event(session_id=f"s{n}", occurred_at=START + n) for n in range(4)])
    log.append(*[event(session_id=f"s{n}", occurred_at=START - 10) for n in range(4)])
    for more in ({}, {"action": "document.viewed"}, {"actor_id": "usr_1"}, {"search": "viewed", "inferred": False}):
        found = log.sessions(started_from=START + 1, started_to=START + 2, **more)
        assert [one.session_id for one in found] == ["s2", "s1"]
        assert log.sessions(started_from=START + 4, **more) == log.sessions(started_to=START - 1, **more) == []


def test_a_condition_on_events_must_be_met_by_one_event(log: Log, few: int) -> None:
    """An actor and an action of the same session that never came together do not find it."""
    log.append(
        event(session_id="s", actor_id="ann", action="doc.viewed"),
        event(session_id="s", actor_id="bob", action="doc.deleted"),
        event(session_id="s", actor_id="bob", action="doc.deleted"),
        event(session_id="s", actor_id="ann", action="doc.viewed"),
    )
    assert log.sessions(actor_id="ann", action="doc.deleted") == []
    assert [one.session_id for one in log.sessions(actor_id="bob", action="doc.deleted")] == ["s"]
    assert [one.session_id for one in log.sessions(actor_id="ann")] == ["s"]


def test_inferred_sessions_of_one_actor_are_told_apart(log: Log, few: int) -> None:
    """Of an actor's runs of events, only the one that the condition is met in is found."""
    for hour in range(4):
        log.append(*[event(occurred_at=START + hour * 60 * MINUTE, resource_id=f"r{hour}") for _ in range(4)])
        log.settle()
    runs = log.sessions()
    assert [one.events_count for one in runs] == [4, 4, 4, 4]
    (found,) = log.sessions(resource_id="r1")
    assert found == runs[2]
    assert log.found(session_id=found.session_id) == [5, 6, 7, 8]


def test_a_clients_session_comes_before_an_inferred_one_of_the_same_id(log: Log) -> None:
    """Whoever names a session like an inferred one gets their own by that id; both are listed."""
    (receipt,) = log.append(event())
    name = f"inf_{receipt.id}"
    log.append(event(session_id=name, actor_id="usr_2"))
    session = log.store.session(log.workspace, name)
    assert session is not None
    assert not session.inferred
    assert [one.inferred for one in log.sessions() if one.session_id == name] == [False, True]
    assert log.found(session_id=name) == [2]
    assert log.verify().valid


def test_many_sessions_are_counted_up_to_a_bound(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound the total is the bound, and marked as not exact."""
    monkeypatch.setattr(find_sessions, "COUNT_LIMIT", 5)
    log.append(*[event(session_id=f"s{number}") for number in range(5)])
    page = log.store.find_sessions(log.workspace, SessionFilter(), after=None, limit=2)
    assert (page.total, page.total_is_exact) == (5, True)
    log.append(event(session_id="s5"))
    page = log.store.find_sessions(log.workspace, SessionFilter(), after=None, limit=2)
    assert (page.total, page.total_is_exact, len(page.sessions)) == (5, False, 2)


def test_a_total_that_was_not_counted_is_not_called_exact(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where sessions are tried one by one, a page that is not the last knows only a lower bound."""
    monkeypatch.setattr(find_sessions, "_FEW_EVENTS", 2)
    log.append(*[event(session_id=f"s{number}") for number in range(5)])
    wanted = SessionFilter(action="document.viewed")
    page = log.store.find_sessions(log.workspace, wanted, after=None, limit=2)
    assert page.total_is_exact is False
    assert 2 <= page.total <= 5
    rest = log.store.find_sessions(log.workspace, wanted, after=page.next_position, limit=10)
    assert (len(rest.sessions), rest.next_position, rest.total_is_exact) == (3, None, False)


def test_a_huge_session_is_counted_whole(log: Log) -> None:
    """More actors, resources and places than a summary names: still found by each actor, and the log verifies."""
    for start in range(0, 1_500, 500):
        numbers = range(start, start + 500)
        log.append(
            *[
                event(session_id="s", actor_id=f"u{n}", action=f"a.{n}", resource_id=f"r{n}", ip_city=f"c{n}")
                for n in numbers
            ]
        )
    (summary,) = log.sessions()
    assert (summary.events_count, summary.resources_count, len(summary.actors)) == (1_500, 1_500, 500)
    assert Place(None, "c0") in summary.places
    assert log.sessions(actor_id="u1499") == [summary]
    assert log.verify().valid
