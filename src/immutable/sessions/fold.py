"""Fold appended events into session summaries. Pure: the store loads the open sessions before and writes them after.

An event with a `session_id` belongs to that session. One without belongs to an inferred session of its actor: it joins
the actor's latest one if it occurred within `silence` of that session's span, and otherwise begins a new one. Both are
derived from the log in its order, so they can be computed again from it (`immutable verify` does).
"""

import re
from collections.abc import Iterable
from typing import Protocol

import msgspec

from immutable.model.event import EventDraft
from immutable.model.session import MAX_DISTINCT, OTHER, Place, SessionActor, SessionSummary
from immutable.sessions.devices import device_of

INFERRED_PREFIX = "inf_"
"""What the id of every inferred session begins with, and no other session's."""


class SessionState(msgspec.Struct):
    """A session while events are folded into it. `number` is the store's; None until the session is stored."""

    summary: SessionSummary
    number: int | None = None
    new_actors: list[str] = []
    resources: set[str] = set()
    """Resources known to be counted already; the store may forget them and look them up again."""
    new_resources: list[str] = []
    knows_resources: bool = False
    """Whether `resources` holds all that the session has."""


class OpenSessions(msgspec.Struct):
    """The sessions that a batch can touch: by session id, and the latest inferred one by actor id."""

    by_id: dict[str, SessionState]
    inferred: dict[str, SessionState]


class Occurrence(Protocol):
    """An event with its place and time (microseconds), as the fold needs it."""

    @property
    def seq(self) -> int: ...  # noqa: D102
    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def occurred_at(self) -> int: ...  # noqa: D102
    @property
    def draft(self) -> EventDraft: ...  # noqa: D102


def inferred_id(event_id: str) -> str:
    """The id of the inferred session that this event begins."""
    return INFERRED_PREFIX + event_id


def fold(occurrences: Iterable[Occurrence], sessions: OpenSessions, silence: int) -> list[SessionState]:
    """Fold events in the order of the log; the touched sessions, each once. `silence` in microseconds."""
    touched: dict[int, SessionState] = {}
    for occurrence in occurrences:
        state = _session_of(occurrence, sessions, silence)
        _add(state, occurrence)
        touched[id(state)] = state
    return list(touched.values())


def _session_of(occurrence: Occurrence, sessions: OpenSessions, silence: int) -> SessionState:
    draft = occurrence.draft
    if draft.session_id is not None:
        state = sessions.by_id.get(draft.session_id)
        if state is None:
            state = sessions.by_id[draft.session_id] = _begin(occurrence, draft.session_id, inferred=False)
        return state
    state = sessions.inferred.get(draft.actor_id)
    if state is not None:
        summary = state.summary
        if summary.started_at - silence <= occurrence.occurred_at <= summary.ended_at + silence:
            return state
    state = sessions.inferred[draft.actor_id] = _begin(occurrence, inferred_id(occurrence.id), inferred=True)
    return state


def _begin(occurrence: Occurrence, session_id: str, *, inferred: bool) -> SessionState:
    at = occurrence.occurred_at
    return SessionState(
        SessionSummary(
            session_id=session_id,
            inferred=inferred,
            sorted_at=at,
            started_at=at,
            ended_at=at,
            first_seq=occurrence.seq,
            last_seq=occurrence.seq,
            tenant_id=occurrence.draft.tenant_id,
            actors={},
            actions={},
            places=[],
            devices=[],
        ),
        new_actors=[],
        resources=set(),
        new_resources=[],
        knows_resources=True,
    )


def _add(state: SessionState, occurrence: Occurrence) -> None:
    summary, draft = state.summary, occurrence.draft
    summary.events_count += 1
    summary.last_seq = occurrence.seq
    summary.started_at = min(summary.started_at, occurrence.occurred_at)
    summary.ended_at = max(summary.ended_at, occurrence.occurred_at)
    if summary.tenant_id is None:
        summary.tenant_id = draft.tenant_id
    actor = summary.actors.get(draft.actor_id)
    if actor is None:
        state.new_actors.append(draft.actor_id)
        if len(summary.actors) < MAX_DISTINCT:
            summary.actors[draft.actor_id] = SessionActor(draft.actor_id, draft.actor_name, draft.actor_type)
    elif draft.actor_name is not None:
        actor.name = draft.actor_name
    _count(summary.actions, draft.action)
    if draft.ip_country is not None or draft.ip_city is not None:
        place = Place(draft.ip_country, draft.ip_city)
        if place not in summary.places and len(summary.places) < MAX_DISTINCT:
            summary.places.append(place)
    if draft.user_agent is not None:
        device = device_of(draft.user_agent)
        if device not in summary.devices and len(summary.devices) < MAX_DISTINCT:
            summary.devices.append(device)
    if draft.resource_id is not None:
        _add_resource(state, draft.resource_type, draft.resource_id)
    for target in draft.targets:
        if target.id is not None:
            _add_resource(state, target.type, target.id)


_FINAL = re.compile(
    "delet|destroy|remov|purg|empt|eras|wip|trash|revok|drop|truncat|disabl|kill|clear|forget", re.IGNORECASE
)


def _count(actions: dict[str, int], action: str) -> None:
    if action in actions:
        actions[action] += 1
        return
    # Whoever does 500 other things first must not hide that something was destroyed.
    most = 2 * MAX_DISTINCT if len(actions) >= MAX_DISTINCT and _FINAL.search(action) else MAX_DISTINCT
    name = action if len(actions) < most else OTHER
    actions[name] = actions.get(name, 0) + 1


def _add_resource(state: SessionState, kind: str | None, identifier: str) -> None:
    resource = resource_key(kind, identifier)
    if resource not in state.resources:
        state.resources.add(resource)
        state.new_resources.append(resource)


def resource_key(kind: str | None, identifier: str) -> str:
    """One text for a resource's type and id; ids cannot hold the NUL that joins them."""
    return f"{kind or ''}\0{identifier}"
