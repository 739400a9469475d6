"""Reading a request's body within its bounds: its bytes, those of all bodies together, and time.

Time is watched by one sweep a second over the bodies under way; a timer for each request costs more than reading it.
"""

import asyncio
import time

from starlette.types import Receive, Scope

from immutable.errors import BadRequest, Overloaded, RequestTimeout, TooLarge

_SWEEP_SECONDS = 1.0


class BodyReader:
    """Reads bodies, and gives up on those that come too slowly."""

    def __init__(self, timeout_seconds: float, max_bytes: int) -> None:
        """`max_bytes`: what all bodies under way may hold together."""
        self._timeout_seconds = timeout_seconds
        self._max_bytes = max_bytes
        self._held_bytes = 0
        self._under_way: dict[asyncio.Task[object], float] = {}
        self._given_up: set[asyncio.Task[object]] = set()
        self._sweeping = False

    async def read(self, scope: Scope, receive: Receive, limit: int) -> bytes:
        """The whole body. Raises TooLarge as soon as it is known to be, RequestTimeout, or BadRequest."""
        for name, value in scope["headers"]:
            if name == b"content-length" and value.isdigit() and (len(value) > 18 or int(value) > limit):
                raise _too_large(limit)
            if name == b"content-encoding" and value.lower() != b"identity":
                raise BadRequest("Compressed bodies are not supported; send plain JSON.")
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine of a server runs in a task
        self._under_way[task] = time.monotonic()
        if not self._sweeping:
            self._sweeping = True
            asyncio.get_running_loop().call_later(_SWEEP_SECONDS, self._sweep)
        try:
            return await self._whole(receive, limit)
        except asyncio.CancelledError:
            if task not in self._given_up:
                raise
            self._given_up.discard(task)
            task.uncancel()
            raise RequestTimeout(f"The body did not arrive within {self._timeout_seconds:g} seconds.") from None
        finally:
            self._under_way.pop(task, None)

    async def _whole(self, receive: Receive, limit: int) -> bytes:
        chunks: list[bytes] = []
        size = 0
        try:
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise BadRequest("The connection closed before the whole body had arrived.")
                chunk: bytes = message.get("body", b"")
                if size + len(chunk) > limit:
                    raise _too_large(limit)
                if not message.get("more_body", False):
                    return b"".join((*chunks, chunk)) if chunks else chunk
                chunks.append(chunk)
                size += len(chunk)
                self._held_bytes += len(chunk)
                if self._held_bytes > self._max_bytes:
                    raise Overloaded("Too many large requests are under way. Try again in a second.", 1)
        finally:
            self._held_bytes -= size

    def _sweep(self) -> None:
        deadline = time.monotonic() - self._timeout_seconds
        for task, started in list(self._under_way.items()):
            if started < deadline:
                del self._under_way[task]
                self._given_up.add(task)
                task.cancel()
        self._sweeping = bool(self._under_way)
        if self._sweeping:
            asyncio.get_running_loop().call_later(min(_SWEEP_SECONDS, self._timeout_seconds), self._sweep)


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The body is larger than {limit} bytes; send less at once.")
