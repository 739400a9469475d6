"""The made-up events: the same for a seed, and shaped like the work of people."""

from collections import Counter

from benchmarks import workload


def test_a_seed_gives_the_same_events() -> None:
    """Two servers compared get the same events; another seed gives others."""
    assert list(workload.events(200, seed=7)) == list(workload.events(200, seed=7))
    assert list(workload.events(200, seed=7)) != list(workload.events(200, seed=8))


def test_sessions_are_one_person_at_work_for_about_twenty_steps() -> None:
    """A session has one actor and address, and its steps rise in time."""
    events = list(workload.events(20_000))
    steps = Counter(event["session_id"] for event in events)
    people = {(event["session_id"], event["actor_id"], event["ip_address"]) for event in events}
    times = [event["occurred_at"] for event in events]

    assert len(people) == len(steps)
    assert 15 < len(events) / len(steps) < 25
    assert times == sorted(set(times))
    assert len({event["action"] for event in events}) == 200


def test_searches_have_something_to_find() -> None:
    """The common word is in about a quarter of the events, a resource's name in very few."""
    events = list(workload.events(20_000))
    common = sum(workload.COMMON_WORD in str(event["metadata"]) for event in events)
    rare = sum(event["resource_name"] == events[0]["resource_name"] for event in events)

    assert 0.2 < common / len(events) < 0.35
    assert rare < 20
