"""What can be asked of the log, whatever the engine. Times are microseconds since 1970 (UTC), both ends inclusive."""

import msgspec

from immutable.model.event import LogEntry
from immutable.model.session import SessionSummary


class EventFilter(msgspec.Struct, frozen=True):
    """Conditions on events, combined with AND; None asks nothing."""

    actor_id: str | None = None
    action: str | None = None
    resource: str | None = None
    resource_id: str | None = None
    tenant_id: str | None = None
    session_id: str | None = None
    target_type: str | None = None
    target_id: str | None = None
    touched: tuple[str, str] | None = None
    """(type, id) of a resource that the event touched, as its resource or as a target."""
    run: tuple[str, int, int] | None = None
    """(actor id, first seq, last seq): that actor's events without a session id in that span: an inferred session."""
    search: str | None = None
    created_from: int | None = None
    created_to: int | None = None


EVERY_EVENT = EventFilter()


class SessionFilter(msgspec.Struct, frozen=True):
    """Conditions on sessions; the event-like ones ask for one event that meets them all."""

    actor_id: str | None = None
    tenant_id: str | None = None
    resource_id: str | None = None
    action: str | None = None
    search: str | None = None
    started_from: int | None = None
    started_to: int | None = None
    inferred: bool | None = None
    events: EventFilter | None = None
    """In place of the event-like conditions: an event of the session meets all of this; `actor_id` is that of its actor."""


class EventPage(msgspec.Struct, frozen=True):
    """Some of the matching events. `total` counts all of them, exactly where `total_is_exact`."""

    entries: list[LogEntry]
    has_more: bool
    total: int
    total_is_exact: bool = True


class SessionPosition(msgspec.Struct, frozen=True):
    """Where a page of sessions ended: the sort key and the number of its last session."""

    started_at: int
    number: int


class SessionPage(msgspec.Struct, frozen=True):
    """Some of the matching sessions, newest first."""

    sessions: list[SessionSummary]
    next_position: SessionPosition | None
    total: int
    total_is_exact: bool = True
