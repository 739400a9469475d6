"""A session's summary: what a list of sessions shows without reading a single event."""

import msgspec

MAX_DISTINCT = 500
"""How many distinct actors, actions, places and devices a summary names; beyond it they count under OTHER."""

OTHER = "(other)"


class SessionActor(msgspec.Struct, gc=False):
    """Who acted in the session, with the name last seen."""

    id: str
    name: str | None = None
    type: str | None = None


class Place(msgspec.Struct, frozen=True, gc=False):
    """Where from, as far as the address tells."""

    country: str | None = None
    city: str | None = None


class SessionSummary(msgspec.Struct, omit_defaults=True):
    """Facts about a session, folded from its events in the order of the log. Times are microseconds since 1970.

    `sorted_at` is the time of the event that opened the session and never changes, so that a list of sessions keeps
    its order while events arrive; `started_at` and `ended_at` are the earliest and latest occurrence.
    """

    session_id: str
    inferred: bool
    sorted_at: int
    started_at: int
    ended_at: int
    first_seq: int
    last_seq: int
    events_count: int = 0
    tenant_id: str | None = None
    resources_count: int = 0
    actors: dict[str, SessionActor] = {}
    actions: dict[str, int] = {}
    places: list[Place] = []
    devices: list[str] = []
