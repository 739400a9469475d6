"""Whatever is sent: never a 500, and what is accepted comes back as it was sent."""

import json
import math
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

quick = settings(
    deadline=None,
    max_examples=150,
    database=None,
    derandomize=True,  # the same inputs in every run: a red build is never bad luck
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
)

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
anything: Any = st.recursive(
    scalars | st.integers(-(10**400), 10**400),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(texts, inner, max_size=5),
    max_leaves=20,
)
names = st.none() | texts
ids = st.none() | texts | st.integers(-(2**70), 2**70)
events = st.fixed_dictionaries(
    {"actor_id": texts.filter(bool), "action": texts.filter(bool)},
    optional={
        "actor_name": names,
        "actor_type": names,
        "action_category": names,
        "resource": names,
        "resource_id": ids,
        "resource_name": names,
        "tenant_id": ids,
        "session_id": ids,
        "user_agent": names,
        "trace_id": ids,
        "request_id": ids,
        "version": st.none() | st.integers(1, 2**31 - 1),
        "metadata": st.none() | st.dictionaries(texts, anything, max_size=10),
        "changes": st.none()
        | st.dictionaries(texts, st.fixed_dictionaries({"old": anything, "new": anything}), max_size=5),
        "targets": st.none()
        | st.lists(
            st.fixed_dictionaries(
                {"type": texts.filter(bool)},
                optional={"id": st.integers(), "name": texts, "metadata": st.dictionaries(texts, anything, max_size=3)},
            ),
            max_size=4,
        ),
        "on_behalf_of": st.none() | st.fixed_dictionaries({"id": texts.filter(bool)}, optional={"name": names}),
        "occurred_at": st.none() | st.datetimes(timezones=st.timezones()).map(lambda at: at.isoformat()),
        "ip_address": st.none() | st.ip_addresses().map(str),
    },
)
# What almost is an event: any value in any field, fields that do not exist, and what is no object at all.
almost = st.dictionaries(
    st.sampled_from(["actor_id", "action", "metadata", "targets", "resource", "version", "changes", "occurred_at"])
    | texts,
    anything,
    max_size=6,
) | events.flatmap(
    lambda event: st.dictionaries(st.sampled_from(sorted(event)), anything).map(lambda more: event | more)
)


def same(sent: Any, kept: Any) -> bool:
    """Equal, and of the same types all the way down; unlike for ==, 1 is not 1.0, and 0.0 is not -0.0."""
    if type(sent) is not type(kept):
        return False
    if isinstance(sent, dict):
        return sent.keys() == kept.keys() and all(same(value, kept[name]) for name, value in sent.items())
    if isinstance(sent, list):
        return len(sent) == len(kept) and all(map(same, sent, kept))
    if isinstance(sent, float):
        return sent == kept and math.copysign(1, sent) == math.copysign(1, kept)
    return bool(sent == kept)


@quick
@given(events)
def test_accepted_events_come_back(api, event):
    """An event that is accepted reads back as it was sent: texts, numbers of any size, nested values."""
    answer = api.send(**event)
    if answer.status_code == 422:  # the few that break a limit: 10**400 as text, the year 0 in UTC
        assert answer.json()["errors"].keys() <= event.keys() | {"occurred_at"}
        return
    assert answer.status_code == 202, answer.text
    kept = api.get("/events/" + answer.json()["id"]).json()["data"]
    for name in ("actor_id", "action", "actor_name", "actor_type", "action_category", "resource_name", "user_agent"):
        assert kept[name] == (event.get(name) or None)
    for name in ("resource_id", "tenant_id", "session_id", "trace_id", "request_id"):
        assert kept[name] == (None if event.get(name) in (None, "") else str(event[name]))
    assert same(event.get("metadata"), kept["metadata"])
    assert same(event.get("changes"), kept["changes"])
    assert [one["type"] for one in kept["targets"]] == [one["type"] for one in event.get("targets") or []]
    for sent, target in zip(event.get("targets") or [], kept["targets"], strict=True):
        assert same(sent.get("metadata"), target["metadata"])


@quick
@given(almost | anything)
def test_any_json_as_an_event(api, value):
    """Any JSON is answered 202, 400 or 422; refused, it stores nothing."""
    before = api.length()
    answer = api.post("/events", value)
    assert answer.status_code in (202, 400, 422), answer.text
    assert api.length() == before + (answer.status_code == 202)


@quick
@given(st.lists(events | almost | anything, max_size=6) | anything)
def test_any_json_as_a_batch(api, value):
    """Any JSON as a batch is answered; exactly the events that are said to be queued are stored."""
    before = api.length()
    answer = api.post("/events/batch", {"events": value})
    assert answer.status_code in (202, 400, 422), answer.text
    kept = 0
    if answer.status_code == 202:
        statuses = [one["status"] for one in answer.json()["events"]]
        assert len(statuses) == len(value)
        kept = statuses.count("queued")
        assert kept
    assert api.length() == before + kept


@quick
@given(st.binary(max_size=200))
def test_any_bytes(api, body):
    """Any bytes as a body are answered 400 or 422, unless they happen to be an event."""
    for path in ("/events", "/events/batch"):
        assert api.post(path, body).status_code in (400, 422)


@quick
@given(events, st.data())
def test_any_damage_to_valid_json(api, event, data):
    """An event with one byte changed, lost or doubled is taken or refused, and never breaks anything."""
    body = bytearray(json.dumps({"actor_id": "a", "action": "b", **event}, ensure_ascii=False).encode())
    at = data.draw(st.integers(0, len(body) - 1))
    body[at : at + 1] = data.draw(st.binary(max_size=2))
    assert api.post("/events", bytes(body)).status_code in (202, 400, 422)
