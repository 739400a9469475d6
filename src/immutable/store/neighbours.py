"""The sessions beside a session: the same actors' at the same time, and other actors' on the same resources around it."""

from collections import Counter
from itertools import islice

import msgspec

from immutable import clock
from immutable.integrity.record import decode_record
from immutable.model.filters import EventFilter, SessionFilter
from immutable.model.session import SessionSummary
from immutable.model.workspace import Workspace
from immutable.store.log_store import LogStore

AROUND = 3_600_000_000
"""Microseconds before and after the session in which others' events count."""
MOST_EVENTS = 1_000
MOST_RESOURCES = 5
MOST_TOUCHES = 200
MOST_SESSIONS = 50
MOST_ACTORS = 3
"""What is looked at: the session's first events, their resources and actors that come up most, the newest of each."""

_Key = tuple[str, str]


class Neighbour(msgspec.Struct, frozen=True):
    """A session beside it, and the resources (type, id) that both touched; none where it is the same actor's."""

    summary: SessionSummary
    shared: list[_Key]


def neighbours(store: LogStore, workspace: Workspace, session: SessionSummary, limit: int) -> list[Neighbour]:
    """At most `limit` of the same actors' sessions, then at most `limit` of others', the latest first."""
    own = _parallel(store, workspace, session)[:limit]
    known = {one.session_id for one in own} | {session.session_id}
    others = [one for one in _on_the_same(store, workspace, session) if one.summary.session_id not in known]
    return [*(Neighbour(one, []) for one in own), *others[:limit]]


def _parallel(store: LogStore, workspace: Workspace, session: SessionSummary) -> list[SessionSummary]:
    found: dict[str, SessionSummary] = {}
    for actor in islice(session.actors, MOST_ACTORS):
        wanted = SessionFilter(actor_id=actor, started_to=session.ended_at)
        for one in store.find_sessions(workspace, wanted, after=None, limit=MOST_SESSIONS).sessions:
            if one.session_id != session.session_id and _overlaps(one, session.started_at, session.ended_at):
                found[one.session_id] = one
    return sorted(found.values(), key=lambda one: -one.started_at)


def _on_the_same(store: LogStore, workspace: Workspace, session: SessionSummary) -> list[Neighbour]:
    first, last = session.started_at - AROUND, session.ended_at + AROUND
    touched = Counter[_Key]()
    for entry in islice(store.whole_session(workspace, session), MOST_EVENTS):
        record = decode_record(entry.record)
        if record.resource is not None and record.resource.id is not None:
            touched[record.resource.type or "", record.resource.id] += 1
    found: dict[int, tuple[SessionSummary, list[_Key]]] = {}
    for key, _ in touched.most_common(MOST_RESOURCES):
        page = store.find(workspace, EventFilter(touched=key), ascending=False, after_seq=None, limit=MOST_TOUCHES)
        seqs = []
        for entry in page.entries:
            record = decode_record(entry.record)
            if record.actor.id not in session.actors and first <= clock.from_text(record.occurred_at) <= last:
                seqs.append(entry.seq)
        for number, one in store.sessions_at(workspace, seqs):
            found.setdefault(number, (one, []))[1].append(key)
    latest = sorted(found.values(), key=lambda one: -one[0].started_at)
    return [Neighbour(one, shared) for one, shared in latest]


def _overlaps(one: SessionSummary, first: int, last: int) -> bool:
    return one.started_at <= last and one.ended_at >= first
