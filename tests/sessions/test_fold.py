"""Folding events into summaries, and inferring sessions from pauses."""

import copy
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from tests.logs import MINUTE, SILENCE, START, event

from immutable.model.event import EventDraft, Target
from immutable.model.session import MAX_DISTINCT, OTHER, Place, SessionActor, SessionSummary
from immutable.sessions.fold import OpenSessions, SessionState, fold


class Happened(msgspec.Struct):
    """An event with its place and time."""

    seq: int
    id: str
    occurred_at: int
    draft: EventDraft


def happen(seq: int, minute: float, **fields: Any) -> Happened:
    """An event at a place of the log, so many minutes after the start."""
    return Happened(seq, f"e{seq}", START + round(minute * MINUTE), event(**fields))


def fold_all(*happened: Happened) -> list[SessionSummary]:
    """The sessions of a log, in the order in which they began."""
    return [state.summary for state in fold(happened, OpenSessions({}, {}), SILENCE)]


def minutes(*at: float, **fields: Any) -> list[list[int]]:
    """Places grouped into inferred sessions, for events of one actor at these minutes."""
    sessions = OpenSessions({}, {})
    places: dict[str, list[int]] = {}
    for seq, minute in enumerate(at, 1):
        (state,) = fold([happen(seq, minute, **fields)], sessions, SILENCE)
        places.setdefault(state.summary.session_id, []).append(seq)
    return list(places.values())


def test_a_summary_tells_what_happened() -> None:
    """First and last, count, actors with their last name, actions, places, devices, tenant."""
    mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/122.0.0.0 Safari/537.36"
    (summary,) = fold_all(
        happen(3, 10, session_id="s", actor_name="Li", ip_country="DE", ip_city="Köln", user_agent=mac),
        happen(4, 5, session_id="s", actor_name="Lisa", tenant_id="acme", action="document.deleted"),
        happen(7, 20, session_id="s", actor_id="usr_2", actor_type="admin", ip_country="DE", ip_city="Köln"),
        happen(9, 15, session_id="s", tenant_id="other", user_agent=mac),
    )
    assert summary == SessionSummary(
        session_id="s",
        inferred=False,
        sorted_at=START + 10 * MINUTE,
        started_at=START + 5 * MINUTE,
        ended_at=START + 20 * MINUTE,
        first_seq=3,
        last_seq=9,
        events_count=4,
        tenant_id="acme",
        actors={"usr_1": SessionActor("usr_1", "Lisa"), "usr_2": SessionActor("usr_2", None, "admin")},
        actions={"document.viewed": 3, "document.deleted": 1},
        places=[Place("DE", "Köln")],
        devices=["Chrome on Mac OS X"],
    )


def test_the_sort_time_is_that_of_the_opening_event() -> None:
    """A late event moves the start, and not the place in a list of sessions."""
    (summary,) = fold_all(happen(1, 10, session_id="s"), happen(2, -500, session_id="s"))
    assert summary.sorted_at == START + 10 * MINUTE
    assert summary.started_at == START - 500 * MINUTE


def test_a_resource_counts_once_however_it_was_touched() -> None:
    """As resource or target, again and again; type and id together make it."""
    state = fold(
        [
            happen(1, 0, session_id="s", resource_type="doc", resource_id="1"),
            happen(2, 0, session_id="s", targets=(Target("doc", "1"), Target("file", "1"), Target("note"))),
            happen(3, 0, session_id="s", resource_id="1"),
            happen(4, 0, session_id="s", resource_type="doc"),
        ],
        OpenSessions({}, {}),
        SILENCE,
    )[0]
    assert state.new_resources == ["doc\x001", "file\x001", "\x001"]


def test_a_huge_session_names_only_so_many_things() -> None:
    """A session of thousands of actors and actions has a bounded summary, and still counts all its events."""
    many = [
        happen(
            seq, 0, session_id="s", actor_id=f"u{seq}", action=f"a.{seq}", ip_city=f"c{seq}", user_agent=f"agent{seq}/1"
        )
        for seq in range(1, MAX_DISTINCT + 101)
    ]
    (summary,) = fold_all(*many)
    assert len(summary.actors) == MAX_DISTINCT
    assert len(summary.places) == MAX_DISTINCT
    assert len(summary.devices) <= MAX_DISTINCT
    assert summary.actions[OTHER] == 100
    assert sum(summary.actions.values()) == summary.events_count == MAX_DISTINCT + 100


def test_a_name_for_a_session_separates_nothing_else() -> None:
    """Events of one session id belong together whoever acted and however long the pause."""
    (summary,) = fold_all(happen(1, 0, session_id="s"), happen(2, 10_000, session_id="s", actor_id="usr_2"))
    assert summary.events_count == 2


def test_half_an_hour_of_silence_ends_an_inferred_session() -> None:
    """Exactly 30 minutes after the last event still belongs; a microsecond more does not."""
    assert minutes(0, 30, 60) == [[1, 2, 3]]
    assert minutes(0, 30 + 1 / MINUTE) == [[1], [2]]


def test_an_event_that_occurred_earlier_joins_within_the_silence() -> None:
    """Late events belong to the session whose span they fall in, or come close enough to, before it or after."""
    assert minutes(0, 20, 10, -30) == [[1, 2, 3, 4]]
    assert minutes(0, -30 - 1 / MINUTE) == [[1], [2]]


def test_only_the_latest_inferred_session_is_joined() -> None:
    """After a pause the earlier session is over, also for an event that occurred in it."""
    assert minutes(0, 100, 5, 6) == [[1], [2], [3, 4]]


def test_actors_have_inferred_sessions_of_their_own() -> None:
    """Two people at work at once are two sessions, whatever they have in common."""
    summaries = fold_all(happen(1, 0), happen(2, 1, actor_id="usr_2"), happen(3, 2), happen(4, 3, actor_id="usr_2"))
    assert [(one.session_id, one.inferred, list(one.actors), one.events_count) for one in summaries] == [
        ("inf_e1", True, ["usr_1"], 2),
        ("inf_e2", True, ["usr_2"], 2),
    ]


def test_a_named_session_does_not_end_or_prolong_an_inferred_one() -> None:
    """Events with a session id take no part in inference."""
    summaries = fold_all(happen(1, 0), happen(2, 25, session_id="s"), happen(3, 50))
    assert [one.session_id for one in summaries] == ["inf_e1", "s", "inf_e3"]


def test_a_client_may_name_a_session_like_an_inferred_one() -> None:
    """The client's `inf_e1` and the one inferred from event e1 are two sessions."""
    summaries = fold_all(happen(1, 0), happen(2, 1, session_id="inf_e1"), happen(3, 2))
    assert [(one.session_id, one.inferred, one.events_count) for one in summaries] == [
        ("inf_e1", True, 2), ("inf_e1", False, 1),
    ]  # fmt: skip


happenings = st.lists(
    st.builds(
        dict,
        minute=st.integers(-80, 80),
        actor_id=st.sampled_from(["u1", "u2", "u3"]),
        actor_name=st.sampled_from([None, "A", "B"]),
        session_id=st.sampled_from([None, None, "s1", "s2"]),
        action=st.sampled_from(["a.b", "a.c", OTHER]),
        ip_city=st.sampled_from([None, "Köln", "Bonn"]),
        tenant_id=st.sampled_from([None, "t1", "t2"]),
    ),
    max_size=30,
)


def stored(state: SessionState) -> SessionState:
    """A session as it comes back after it was written and read, with nothing remembered beside."""
    summary = msgspec.json.decode(msgspec.json.encode(state.summary), type=SessionSummary)
    return SessionState(summary, new_actors=[], resources=set(), new_resources=[])


@given(happenings, st.data())
def test_batches_of_any_size_fold_to_the_same(happened: list[dict[str, Any]], data: st.DataObject) -> None:
    """However events fall into batches, with sessions written and read in between, the summaries are the same."""
    events = [happen(seq, fields.pop("minute"), **fields) for seq, fields in enumerate(copy.deepcopy(happened), 1)]
    in_one = {(one.session_id, one.inferred): one for one in fold_all(*events)}
    sessions = OpenSessions({}, {})
    in_batches: dict[tuple[str, bool], SessionSummary] = {}
    while events:
        size = data.draw(st.integers(1, len(events)))
        touched = fold(events[:size], sessions, SILENCE)
        events = events[size:]
        in_batches |= {(state.summary.session_id, state.summary.inferred): state.summary for state in touched}
        sessions = OpenSessions(
            {name: stored(state) for name, state in sessions.by_id.items()},
            {name: stored(state) for name, state in sessions.inferred.items()},
        )
    assert in_batches == in_one


@given(happenings)
def test_every_event_is_in_exactly_one_session(happened: list[dict[str, Any]]) -> None:
    """Counts add up to the events, by action too, and no session spans a pause in its own events' middle."""
    events = [happen(seq, fields.pop("minute"), **fields) for seq, fields in enumerate(copy.deepcopy(happened), 1)]
    summaries = fold_all(*events)
    assert sum(one.events_count for one in summaries) == len(events)
    assert all(sum(one.actions.values()) == one.events_count for one in summaries)
    for one in summaries:
        own = [e for e in events if e.draft.session_id == (None if one.inferred else one.session_id)]
        if one.inferred:
            (actor,) = one.actors
            own = [e for e in own if e.draft.actor_id == actor and one.first_seq <= e.seq <= one.last_seq]
        assert len(own) == one.events_count
        assert (min(e.occurred_at for e in own), max(e.occurred_at for e in own)) == (one.started_at, one.ended_at)


def test_other_actions_do_not_hide_a_destructive_one() -> None:
    """After 500 distinct actions one that sounds final is still counted by its name; other ones together."""
    actions = [f"page.viewed_{number}" for number in range(MAX_DISTINCT)] + ["page.opened", "thing.deleted"]
    (session,) = fold_all(*[happen(seq, 0, session_id="s", action=action) for seq, action in enumerate(actions, 1)])
    assert (session.actions["thing.deleted"], session.actions[OTHER]) == (1, 1)
