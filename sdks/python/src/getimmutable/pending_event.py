"""The fluent builder: who acts and in which session is said once, then one `track` call per event."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, Protocol, Self, TypeVar, cast

from getimmutable.tracing import active_trace
from getimmutable.types import Change, EventPayload, EventResponse, Target

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


class Tracks(Protocol[R_co]):
    """What takes a finished event: a client, or its background queue."""

    def track(self, payload: EventPayload) -> R_co:
        """Send it, or take it for sending."""


class EventBuilder(Generic[R]):
    """Builds events and hands them to a client; kept and used again for several `track` calls.

    Who, where and in which session holds for every event that follows. What belongs to one event only,
    `idempotency_key`, `occurred_at` and `changes`, holds for the next `track` call and no longer: a key that stayed
    would turn every later event into a duplicate of the first, and it would be lost.
    """

    def __init__(self, client: Tracks[R], actor: Mapping[str, Any]) -> None:
        self._client = client
        self._lasting: dict[str, Any] = {
            "actor_id": str(actor["id"]),
            "actor_name": actor.get("name"),
            "actor_type": actor.get("type"),
        }
        self._targets: list[Target] = []
        self._once: dict[str, Any] = {}

    def idempotency_key(self, key: str) -> Self:
        """Set the key of the next event; an event whose key was seen before is not stored again."""
        self._once["idempotency_key"] = key
        return self

    def occurred_at(self, time: str | datetime) -> Self:
        """Set when the next event happened, if that is not now."""
        self._once["occurred_at"] = time
        return self

    def changes(self, changes: Mapping[str, Change]) -> Self:
        """Set what the next event changed: `{"title": {"old": "Draft", "new": "Report"}}`."""
        self._once["changes"] = dict(changes)
        return self

    def version(self, v: int) -> Self:
        """Set the version of the event schema."""
        return self._with(version=v)

    def session(self, session_id: str | None) -> Self:
        """Set the session that the events belong to."""
        return self._with(session_id=session_id)

    def action_category(self, category: str | None) -> Self:
        """Set the category of the actions."""
        return self._with(action_category=category)

    def tenant(self, tenant_id: str | None) -> Self:
        """Set the tenant: the customer of yours in whose account this happens."""
        return self._with(tenant_id=tenant_id)

    def ip_address(self, address: str | None) -> Self:
        """Set the end user's address; without it, the server takes the one that the request came from."""
        return self._with(ip_address=address)

    def user_agent(self, text: str | None) -> Self:
        """Set the end user's `User-Agent`."""
        return self._with(user_agent=text)

    def on_behalf_of(self, id: str, name: str | None = None, type: str | None = None) -> Self:  # noqa: A002
        """Set the person in whose name the actor acts: impersonation, an agent, a job."""
        person = {"id": str(id), "name": name, "type": type}
        return self._with(on_behalf_of={key: value for key, value in person.items() if value is not None})

    def trace(self, trace_id: str | None) -> Self:
        """Set the trace that the events can be found in; without it, the one that OpenTelemetry has active."""
        return self._with(trace_id=trace_id)

    def request(self, request_id: str | None) -> Self:
        """Set the request that the application's own logs name."""
        return self._with(request_id=request_id)

    def target(
        self,
        type: str,  # noqa: A002
        id: str | None = None,  # noqa: A002
        name: str | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> Self:
        """Add something that the actions also touch."""
        given = {"type": type, "id": id, "name": name, "metadata": metadata}
        self._targets.append(cast("Target", {key: value for key, value in given.items() if value is not None}))
        return self

    def targets(self, targets: Sequence[Target]) -> Self:
        """Set all targets at once; an empty list takes them away."""
        self._targets = list(targets)
        return self

    def track(
        self,
        action: str,
        resource: str | Mapping[str, Any] | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> R:
        """Hand the event to the client and return what its `track` returns.

        `resource` is a resource's type, or a dict of its `type`, `id` and `name`.
        """
        once, self._once = self._once, {}
        event = {
            "trace_id": active_trace(),
            **self._lasting,
            **resource_fields(resource),
            **once,
            "action": action,
            "metadata": dict(metadata) if metadata else None,
            "targets": list(self._targets) or None,
        }
        payload = {key: value for key, value in event.items() if value is not None and value != ""}
        return self._client.track(cast("EventPayload", payload))

    def _with(self, **fields: Any) -> Self:
        self._lasting.update(fields)
        return self


class PendingEvent(EventBuilder[EventResponse]):
    """The builder of `ImmutableClient`: `track` sends the event and returns its receipt."""


def resource_fields(resource: str | Mapping[str, Any] | None) -> dict[str, Any]:
    """The fields of an event that a resource is sent as."""
    if isinstance(resource, Mapping):
        return {
            "resource": resource.get("type"),
            "resource_id": resource.get("id"),
            "resource_name": resource.get("name"),
        }
    return {"resource": resource}
