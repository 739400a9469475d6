"""The blocking client. Which calls there are, with their parameters and answers, is in `endpoints.py`."""

import os
import ssl
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Concatenate, ParamSpec, Self, TypeVar

from getimmutable import endpoints
from getimmutable.event_queue import EventQueue, OnUnsent, QueueSettings
from getimmutable.ledger import Stats
from getimmutable.method import as_method
from getimmutable.pagination import first_page, joined, next_page, next_part
from getimmutable.pending_event import PendingEvent
from getimmutable.request import Request
from getimmutable.retry import RetryPolicy
from getimmutable.transport import Destination, Sends, Transport
from getimmutable.types import Page, VerifyResult
from getimmutable.wiring import Wiring

P = ParamSpec("P")
T = TypeVar("T")


def _call(endpoint: Callable[P, Request[T]]) -> "Callable[Concatenate[ImmutableClient, P], T]":
    """The method that makes one call."""

    def method(self: "ImmutableClient", /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._transport.send(endpoint(*args, **kwargs))

    return as_method(method, endpoint)


def _ingest(endpoint: Callable[P, Request[T]]) -> "Callable[Concatenate[ImmutableClient, P], T]":
    """The method that sends events: they are numbered and counted."""

    def method(self: "ImmutableClient", /, *args: P.args, **kwargs: P.kwargs) -> T:
        request = self._wiring.ledger.begin(endpoint(*args, **kwargs))
        with self._wiring.ledger.watched(request) as answers:
            answer = self._transport.send(request)
            answers.append(answer)
        return answer

    return as_method(method, endpoint)


def _items(endpoint: Callable[P, Request[Page[T]]]) -> "Callable[Concatenate[ImmutableClient, P], Iterator[T]]":
    """The method that goes through all pages of a list."""

    def method(self: "ImmutableClient", /, *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
        request: Request[Page[T]] | None = first_page(endpoint(*args, **kwargs))
        while request is not None:
            page = self._transport.send(request)
            yield from page["data"]
            request = next_page(request, page)

    return as_method(method, endpoint)


def _verdict(endpoint: Callable[P, Request[VerifyResult]]) -> "Callable[Concatenate[ImmutableClient, P], VerifyResult]":
    """The method that has every part of the log checked."""

    def method(self: "ImmutableClient", /, *args: P.args, **kwargs: P.kwargs) -> VerifyResult:
        request = endpoint(*args, **kwargs)
        whole = self._transport.send(request)
        while rest := next_part(request, whole):
            request, whole = rest, joined(whole, self._transport.send(rest))
        return whole

    return as_method(method, endpoint)


class ImmutableClient:
    """Sends events to an Immutable server and reads them back. Safe to share between threads.

    Make one and keep it: it keeps its connections open for the next call. `timeout` is in seconds, for each try.

    `producer` ("web-3") numbers every event, so that the server sees when one is missing. `spool_dir`: what a queue
    cannot deliver is kept there and sent later, also by the next process, up to `spool_max_bytes` (64 MiB); what is
    refused or does not fit goes to `on_give_up(events, error)`. `session_secret` is the key of `session_hash`; without it,
    the environment's IMMUTABLE_SESSION_SECRET, or else the API key.
    """

    def __init__(  # noqa: PLR0913 - a client's options
        self,
        api_key: str,
        base_url: str,
        timeout: float = 5.0,
        *,
        retry: RetryPolicy | None = None,
        ssl_context: ssl.SSLContext | None = None,
        producer: str | None = None,
        session_secret: str | None = None,
        spool_dir: str | os.PathLike[str] | None = None,
        spool_max_bytes: int | None = None,
        on_give_up: OnUnsent | None = None,
    ) -> None:
        destination = Destination(
            base_url.strip().rstrip("/"), api_key.strip(), timeout, retry or RetryPolicy(), ssl_context
        )
        self._wiring = Wiring(destination).with_options(
            producer=producer,
            session_secret=session_secret,
            spool_dir=spool_dir,
            spool_max_bytes=spool_max_bytes,
            on_give_up=on_give_up,
        )
        self._transport = self._open_transport()
        self._wiring.start(self._open_transport)

    def _open_transport(self) -> Sends:
        return Transport(self._wiring.destination, self._wiring.ledger.count_retry)

    def actor(self, actor_id: str, *, name: str | None = None, type: str | None = None) -> PendingEvent:  # noqa: A002
        """Start building events of an actor; keep the result and `track` several events with it."""
        return PendingEvent(self, {"id": actor_id, "name": name, "type": type})

    @property
    def stats(self) -> Stats:
        """What became of the events so far: `queued`, `sent`, `retried`, `given_up`, `spooled`."""
        return self._wiring.stats

    def session_hash(self, session_id: str) -> str:
        """What stands in the log for a session id that is a secret, as out of a cookie: its hash with `session_secret`."""
        return self._wiring.session_hash(session_id)

    track = _ingest(endpoints.track)
    track_batch = _ingest(endpoints.track_batch)
    get_events = _call(endpoints.get_events)
    iter_events = _items(endpoints.get_events)
    get_event = _call(endpoints.get_event)
    get_sessions = _call(endpoints.get_sessions)
    iter_sessions = _items(endpoints.get_sessions)
    get_session = _call(endpoints.get_session)
    get_resource_history = _call(endpoints.get_resource_history)
    iter_resource_history = _items(endpoints.get_resource_history)
    verify = _verdict(endpoints.verify)
    get_checkpoints = _call(endpoints.get_checkpoints)
    iter_checkpoints = _items(endpoints.get_checkpoints)
    get_checkpoint = _call(endpoints.get_checkpoint)
    get_inclusion_proof = _call(endpoints.get_inclusion_proof)
    get_consistency_proof = _call(endpoints.get_consistency_proof)
    get_signing_keys = _call(endpoints.get_signing_keys)
    get_session_evidence = _call(endpoints.get_session_evidence)
    get_resource_evidence = _call(endpoints.get_resource_evidence)
    get_evidence = _call(endpoints.get_evidence)
    create_share_link = _call(endpoints.create_share_link)
    get_share_links = _call(endpoints.get_share_links)
    iter_share_links = _items(endpoints.get_share_links)
    revoke_share_link = _call(endpoints.revoke_share_link)
    create_viewer_token = _call(endpoints.create_viewer_token)
    get_alerts = _call(endpoints.get_alerts)
    iter_alerts = _items(endpoints.get_alerts)
    create_export = _call(endpoints.create_export)
    get_export = _call(endpoints.get_export)
    get_anchors = _call(endpoints.get_anchors)
    get_anchor = _call(endpoints.get_anchor)
    verify_anchor = _call(endpoints.verify_anchor)

    def queue(self, on_unsent: OnUnsent | None = None, *, settings: QueueSettings | None = None) -> EventQueue:
        """Open a background queue over connections of its own. `close` of this client closes it too.

        `on_unsent` is called with events that could not be sent and the error; without it they are logged as a count.
        """
        return self._wiring.open_queue(self._open_transport(), settings, on_unsent)

    def close(self) -> None:
        """Send what the queues hold, close them, and close the connections."""
        self._wiring.close()
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
