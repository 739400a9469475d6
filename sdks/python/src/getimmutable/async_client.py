"""The asyncio client: the methods of `ImmutableClient`, awaited; the `iter_` methods are iterated with `async for`."""

import asyncio
import ssl
import weakref
from collections.abc import AsyncIterator, Callable, Coroutine
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from getimmutable import endpoints
from getimmutable.event_queue import EventQueue, OnUnsent, QueueSettings
from getimmutable.method import as_method
from getimmutable.pagination import first_page, joined, next_page, next_part
from getimmutable.pending_event import EventBuilder
from getimmutable.request import Request
from getimmutable.retry import RetryPolicy
from getimmutable.transport import AsyncTransport, Attempts, Destination, SendsAsync, Transport
from getimmutable.types import EventResponse, Page, VerifyResult

P = ParamSpec("P")
T = TypeVar("T")


def _call(
    endpoint: Callable[P, Request[T]],
) -> "Callable[Concatenate[AsyncImmutableClient, P], Coroutine[Any, Any, T]]":
    """The method that makes one call."""

    async def method(self: "AsyncImmutableClient", /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._transport.send(endpoint(*args, **kwargs))

    return as_method(method, endpoint)


def _items(
    endpoint: Callable[P, Request[Page[T]]],
) -> "Callable[Concatenate[AsyncImmutableClient, P], AsyncIterator[T]]":
    """The method that goes through all pages of a list."""

    async def method(self: "AsyncImmutableClient", /, *args: P.args, **kwargs: P.kwargs) -> AsyncIterator[T]:
        request: Request[Page[T]] | None = first_page(endpoint(*args, **kwargs))
        while request is not None:
            page = await self._transport.send(request)
            for item in page["data"]:
                yield item
            request = next_page(request, page)

    return as_method(method, endpoint)


def _verdict(
    endpoint: Callable[P, Request[VerifyResult]],
) -> "Callable[Concatenate[AsyncImmutableClient, P], Coroutine[Any, Any, VerifyResult]]":
    """The method that has every part of the log checked."""

    async def method(self: "AsyncImmutableClient", /, *args: P.args, **kwargs: P.kwargs) -> VerifyResult:
        request = endpoint(*args, **kwargs)
        whole = await self._transport.send(request)
        while rest := next_part(request, whole):
            request, whole = rest, joined(whole, await self._transport.send(rest))
        return whole

    return as_method(method, endpoint)


class AsyncPendingEvent(EventBuilder[Coroutine[Any, Any, EventResponse]]):
    """The builder of `AsyncImmutableClient`: await what `track` returns."""


class AsyncImmutableClient:
    """Sends events to an Immutable server and reads them back, from one event loop of asyncio.

    Make one and keep it: it keeps its connections open for the next call. `timeout` is in seconds, for each try.
    """

    def __init__(
        self,
        api_key: str,
        base_url: str,
        timeout: float = 5.0,
        *,
        retry: RetryPolicy | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._destination = Destination(
            base_url.strip().rstrip("/"), api_key.strip(), timeout, retry or RetryPolicy(), ssl_context
        )
        self._transport = self._open_transport()
        self._queues: weakref.WeakSet[EventQueue] = weakref.WeakSet()  # one that is open lives by itself

    def _open_transport(self) -> SendsAsync:
        return AsyncTransport(self._destination)

    def _open_queue_transport(self) -> Attempts:
        return Transport(self._destination)

    def actor(
        self,
        actor_id: str,
        *,
        name: str | None = None,
        type: str | None = None,  # noqa: A002
    ) -> AsyncPendingEvent:
        """Start building events of an actor; keep the result and await `track` for several events."""
        return AsyncPendingEvent(self, {"id": actor_id, "name": name, "type": type})

    track = _call(endpoints.track)
    track_batch = _call(endpoints.track_batch)
    get_events = _call(endpoints.get_events)
    iter_events = _items(endpoints.get_events)
    get_event = _call(endpoints.get_event)
    get_sessions = _call(endpoints.get_sessions)
    iter_sessions = _items(endpoints.get_sessions)
    get_session = _call(endpoints.get_session)
    get_resource_history = _call(endpoints.get_resource_history)
    iter_resource_history = _items(endpoints.get_resource_history)
    verify = _verdict(endpoints.verify)
    create_viewer_token = _call(endpoints.create_viewer_token)
    get_alerts = _call(endpoints.get_alerts)
    iter_alerts = _items(endpoints.get_alerts)
    create_export = _call(endpoints.create_export)
    get_export = _call(endpoints.get_export)
    get_anchors = _call(endpoints.get_anchors)
    get_anchor = _call(endpoints.get_anchor)
    verify_anchor = _call(endpoints.verify_anchor)

    def queue(self, on_unsent: OnUnsent | None = None, *, settings: QueueSettings | None = None) -> EventQueue:
        """Open a background queue, which has a thread of its own. `aclose` of this client closes it too.

        Its `track` is an ordinary call. So as not to hold up the event loop, a full queue refuses at once here.
        """
        queue = EventQueue(self._open_queue_transport(), settings or QueueSettings(block_seconds=0.0), on_unsent)
        self._queues.add(queue)
        return queue

    async def aclose(self) -> None:
        """Send what the queues hold, close them, and close the connections."""
        for queue in list(self._queues):
            await asyncio.to_thread(queue.close)
        await self._transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
