"""The clients for tests: the real ones, over a log in memory, with assertions about what was tracked."""

from collections.abc import Iterable, Mapping
from typing import Any

from getimmutable.async_client import AsyncImmutableClient
from getimmutable.client import ImmutableClient
from getimmutable.errors import ImmutableError
from getimmutable.request import Request
from getimmutable.testing.memory_log import MemoryLog
from getimmutable.testing.memory_reads import matches_action
from getimmutable.testing.memory_server import MemoryServer, T
from getimmutable.transport import Attempts, Sends, SendsAsync
from getimmutable.types import Event

_NESTED = {
    "resource": lambda event: event["resource"]["type"],
    "resource_type": lambda event: event["resource"]["type"],
}


_NOWHERE = ("imk_memory", "http://memory.invalid")


class Tracked:
    """What both clients for tests have: the log, and assertions about it."""

    _server: MemoryServer

    @property
    def log(self) -> MemoryLog:
        """The log itself, with the entries as they are kept."""
        return self._server.log

    @property
    def events(self) -> list[Event]:
        """All events that were tracked, oldest first."""
        return self.log.events()

    def clear(self) -> None:
        """Forget everything."""
        self._server.log = MemoryLog()
        self._server.failures.clear()

    def fail_next(self, error: ImmutableError | None = None, *, times: int = 1) -> None:
        """Let the next requests fail: as the server does when it is overloaded, or with `error`."""
        self._server.failures += [error or ImmutableError("overloaded", 503, {"error": "overloaded"})] * times

    def tracked(self, action: str = "*", **fields: Any) -> list[Event]:
        """The events of an action (or `document.*`) whose fields have these values.

        A field is a key of the event as the API shows it, flat or nested; `resource` given as text is its type. A dict
        matches where the event's has these keys and values, and maybe more. Raises TypeError for an unknown field.
        """
        return [event for event in self.events if matches_action(event["action"], action) and _has(event, fields)]

    def assert_tracked(self, action: str, *, times: int | None = None, **fields: Any) -> Event:
        """Assert that such an event was tracked, once or more, or exactly `times` times; return the last one."""
        found = self.tracked(action, **fields)
        if not found or times not in (None, len(found)):
            often = "" if times is None else f" {times} times, but {len(found)} times"
            raise AssertionError(f"{_told(action, fields)} was not tracked{often}. {_list(self.events)}")
        return found[-1]

    def assert_not_tracked(self, action: str = "*", **fields: Any) -> None:
        """Assert that no such event was tracked; without arguments, none at all."""
        found = self.tracked(action, **fields)
        if found:
            raise AssertionError(f"{_told(action, fields)} was tracked {len(found)} times. {_list(found)}")


class MemoryClient(Tracked, ImmutableClient):
    """An `ImmutableClient` that keeps its events in memory. It speaks to nobody, whatever address it is given."""

    def __init__(self, api_key: str = _NOWHERE[0], base_url: str = _NOWHERE[1], timeout: float = 5.0) -> None:
        self._server = MemoryServer()
        super().__init__(api_key, base_url, timeout)

    def _open_transport(self) -> Sends:
        return self._server


class AsyncMemoryClient(Tracked, AsyncImmutableClient):
    """An `AsyncImmutableClient` that keeps its events in memory. It speaks to nobody, whatever address it is given."""

    def __init__(self, api_key: str = _NOWHERE[0], base_url: str = _NOWHERE[1], timeout: float = 5.0) -> None:
        self._server = MemoryServer()
        super().__init__(api_key, base_url, timeout)

    def _open_transport(self) -> SendsAsync:
        return _Awaited(self._server)

    def _open_queue_transport(self) -> Attempts:
        return self._server


class _Awaited:
    def __init__(self, server: MemoryServer) -> None:
        self._server = server

    async def send(self, request: Request[T]) -> T:
        """The answer."""
        return self._server.send(request)

    async def aclose(self) -> None:
        """Nothing is open."""


def _has(event: Event, fields: Mapping[str, Any]) -> bool:
    return all(_equals(_value(event, name, wanted), wanted) for name, wanted in fields.items())


def _value(event: Event, name: str, wanted: object) -> object:
    if name in _NESTED and not isinstance(wanted, Mapping):
        return _NESTED[name](event)
    if name not in event:
        raise TypeError(f"an event has no field {name!r}; it has {', '.join(sorted(event))}")
    return event[name]  # type: ignore[literal-required]


def _equals(value: object, wanted: object) -> bool:
    if isinstance(wanted, Mapping) and isinstance(value, Mapping):
        return all(name in value and _equals(value[name], part) for name, part in wanted.items())
    return value == wanted


def _told(action: str, fields: Mapping[str, Any]) -> str:
    return " ".join([action, *(f"{name}={value!r}" for name, value in fields.items())])


def _list(events: Iterable[Event]) -> str:
    lines = [
        f"  {event['action']} by {event['actor_id']} {event['resource']} {event['metadata'] or ''}" for event in events
    ]
    return "Tracked were:\n" + "\n".join(lines) if lines else "Nothing was tracked."
