"""A legal hold: events that must neither be erased nor pruned, whatever the rules say."""

import msgspec

from immutable.model.filters import EventFilter


class HeldEvents(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Which events: those that meet all conditions given, among which there is at least one. Times in microseconds."""

    actor_id: str | None = None
    tenant_id: str | None = None
    session_id: str | None = None
    resource_type: str | None = None
    resource_id: str | None = None
    """With the type: what touched this resource, as its resource or as a target."""
    created_from: int | None = None
    created_to: int | None = None

    def as_filter(self) -> EventFilter:
        """The same conditions as the log is asked with."""
        touched = None
        if self.resource_type is not None and self.resource_id is not None:
            touched = (self.resource_type, self.resource_id)
        return EventFilter(
            actor_id=self.actor_id,
            tenant_id=self.tenant_id,
            session_id=self.session_id,
            touched=touched,
            resource=None if touched else self.resource_type,
            resource_id=None if touched else self.resource_id,
            created_from=self.created_from,
            created_to=self.created_to,
        )


class Hold(msgspec.Struct, frozen=True):
    """A hold as placed; it holds until it is released. Times in microseconds."""

    id: str
    events: HeldEvents
    reason: str
    created_at: int
    released_at: int | None = None
