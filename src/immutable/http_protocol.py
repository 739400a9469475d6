"""uvicorn's HTTP protocol, made fit for hostile clients: bounded heads, and our JSON where a request is not even HTTP.

Bodies are bounded in `api/body.py`. What is bounded here never reaches the application:

- more connections than the server takes (503); probes still get through, and are answered;
- a request line with headers of more than 64 KiB (431);
- one that does not arrive whole within the body's time (408), and a connection that says nothing at all;
- what is not HTTP, or names no path (400); what came before it on the connection is answered first;
- trailers, which are read and thrown away, and more than 64 KiB of them (431);
- more than 64 requests that wait behind one that is being answered (400), and a client that does not read its answers;
- the rest of a body that was refused: it is read and thrown away, so that the client gets to see the refusal, but not
  for longer than the body's time.
"""

import asyncio
import http

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from immutable.api.problems import answer_to
from immutable.errors import BadRequest, HeadTooLarge, ImmutableError, Overloaded, RequestTimeout
from immutable.joined_writes import joined
from immutable.telemetry import metrics

MAX_HEAD_BYTES = 65_536
MAX_PIPELINED = 64
MAX_SURPLUS = 64
"""Connections above the limit that are heard out, so that a probe is answered and a client reads why it is refused."""
_SURPLUS_SECONDS = 5.0
_PROBES = frozenset({b"/healthz", b"/readyz", b"/metrics"})


class _Trailers(list[tuple[bytes, bytes]]):
    """Takes what comes after a body in place of the headers, which were acted upon already, and keeps none of it."""

    def __init__(self, protocol: "BoundedProtocol") -> None:
        self.size = 0
        self._protocol = protocol

    def append(self, field: tuple[bytes, bytes]) -> None:
        """Count it. Raises HeadTooLarge."""
        self.size += len(field[0]) + len(field[1])
        if self.size > MAX_HEAD_BYTES:
            raise self._protocol.refusal_of(_head_too_large())


class BoundedProtocol(HttpToolsProtocol):
    """One connection. What it may take is set by `bounded`."""

    patience_seconds = 30.0
    max_connections = 10_000

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin; the client has a while to say something."""
        super().connection_made(joined(transport, self.loop))
        metrics.CONNECTIONS.set(len(self.connections))
        self._is_surplus = len(self.connections) > self.max_connections
        self._surplus_timer: asyncio.TimerHandle | None = None
        self._in_head = False
        self._head_bytes = self._piece_bytes = 0
        self._refusal: ImmutableError | None = None  # what a callback of the parser found
        self._refused: ImmutableError | None = None  # what was, or will be, answered last of all
        self._head_timer: asyncio.TimerHandle | None = None
        self._rest_timer: asyncio.TimerHandle | None = None
        self._unread_timer: asyncio.TimerHandle | None = None
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)
        if len(self.connections) > self.max_connections + MAX_SURPLUS:
            self._refuse(self._too_many())
        elif self._is_surplus:
            self._surplus_timer = self.loop.call_later(_SURPLUS_SECONDS, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """End, with all timers."""
        for timer in (self._head_timer, self._rest_timer, self._unread_timer, self._surplus_timer):
            if timer is not None:
                timer.cancel()
        self._unset_keepalive_if_required()
        super().connection_lost(exc)
        self.headers = []  # `_Trailers` point back here, and the collector comes too rarely for what lived long
        metrics.CONNECTIONS.set(len(self.connections))

    def data_received(self, data: bytes) -> None:
        """Parse; a head that comes in pieces is watched for its size and time."""
        if self._refused is not None:
            return
        self._piece_bytes = len(data)
        super().data_received(data)
        if self._in_head and not self.transport.is_closing():
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self._refuse(_head_too_large())
            elif self._head_timer is None:
                self._head_timer = self.loop.call_later(self.patience_seconds, self._head_is_late)

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._in_head = True
        self._head_bytes = 0

    def on_headers_complete(self) -> None:
        """The head is whole; raises where it is too large, and uvicorn then sends the refusal."""
        self._in_head = False
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
        if self._is_surplus and self.url.partition(b"?")[0] not in _PROBES:
            raise self.refusal_of(self._too_many())
        # Nearly every head comes in one small piece, and need not be measured.
        if self._head_bytes + self._piece_bytes > MAX_HEAD_BYTES and self._head_size() > MAX_HEAD_BYTES:
            raise self.refusal_of(_head_too_large())
        if len(self.pipeline) >= MAX_PIPELINED:
            raise self.refusal_of(
                BadRequest(f"More than {MAX_PIPELINED} requests wait on this connection; read the answers.")
            )
        super().on_headers_complete()
        self.headers = _Trailers(self)  # the request has the headers; whatever the parser still finds are trailers

    def on_message_complete(self) -> None:
        """The body is whole."""
        if self._rest_timer is not None:
            self._rest_timer.cancel()
            self._rest_timer = None
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """The answer is sent, perhaps before the body was read."""
        if self.cycle.more_body and self._rest_timer is None and not self.transport.is_closing():
            self._rest_timer = self.loop.call_later(self.patience_seconds, self.transport.close)
        if self._refused is not None and not self.pipeline:
            self._write_refusal(self._refused)
        if self._is_surplus:
            self.transport.close()
        super().on_response_complete()

    def pause_writing(self) -> None:
        """The client does not read; it has a while to begin."""
        super().pause_writing()
        self._unread_timer = self.loop.call_later(self.patience_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """It reads again."""
        super().resume_writing()
        if self._unread_timer is not None:
            self._unread_timer.cancel()
            self._unread_timer = None

    def send_400_response(self, msg: str) -> None:
        """Uvicorn's answer to what is not HTTP, as our JSON."""
        self._refuse(self._refusal or BadRequest(f"{msg} Send a request line, headers and body as HTTP/1.1 has them."))

    def refusal_of(self, error: ImmutableError) -> ImmutableError:
        """Keep what a callback found; the parser passes on only that there was something."""
        self._refusal = error
        return error

    def _too_many(self) -> Overloaded:
        metrics.CONNECTIONS_REFUSED.inc()
        return Overloaded(f"More than {self.max_connections} connections are open. Try again in a second.", 1)

    def _head_size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    def _head_is_late(self) -> None:
        self._refuse(RequestTimeout(f"The headers did not arrive within {self.patience_seconds:g} seconds."))

    def _refuse(self, error: ImmutableError) -> None:
        """Answer without the application, after all that came before it on this connection, and close."""
        if self.transport.is_closing() or self._refused is not None:
            return
        self._in_head = False
        self._refused = error
        # What is wrong within a request's own body is told at once; otherwise the requests before it get their answers.
        if self.cycle is None or self.cycle.response_complete or self.cycle.more_body:
            self._write_refusal(error)

    def _write_refusal(self, error: ImmutableError) -> None:
        answer = answer_to(error)
        lines = [f"HTTP/1.1 {answer.status} {http.HTTPStatus(answer.status).phrase}".encode()]
        for name, value in (
            (b"content-type", answer.content_type),
            (b"content-length", str(len(answer.body)).encode()),
            (b"connection", b"close"),
            *answer.headers,
        ):
            lines.append(name + b": " + value)
        self.transport.write(b"\r\n".join(lines) + b"\r\n\r\n" + answer.body)
        self.transport.close()


def bounded(patience_seconds: float, max_connections: int) -> type[BoundedProtocol]:
    """The protocol with that much time for a head and for the rest of a refused body, and so many connections at once."""
    bounds = {"patience_seconds": patience_seconds, "max_connections": max_connections}
    return type("OurProtocol", (BoundedProtocol,), bounds)


def _head_too_large() -> HeadTooLarge:
    return HeadTooLarge(
        f"The request's line and headers take more than {MAX_HEAD_BYTES} bytes; send fewer or shorter ones."
    )
