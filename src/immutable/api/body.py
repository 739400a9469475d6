"""Reading a request's body within its bounds: bytes, counted as they come, and time.

Time is watched by one sweep a second over the bodies under way; a timer for each request costs more than reading it.
"""

import asyncio
import time

from starlette.types import Receive, Scope

from immutable.errors import BadRequest, RequestTimeout, TooLarge

_SWEEP_SECONDS = 1.0


class BodyReader:
    """Reads bodies, and gives up on those that come too slowly."""

    def __init__(self, timeout_seconds: float) -> None:
        self._timeout_seconds = timeout_seconds
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
            return await _whole(receive, limit)
        except asyncio.CancelledError:
            if task not in self._given_up:
                raise
            self._given_up.discard(task)
            task.uncancel()
            raise RequestTimeout(f"The body did not arrive within {self._timeout_seconds:g} seconds.") from None
        finally:
            self._under_way.pop(task, None)

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


async def _whole(receive: Receive, limit: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BadRequest("The connection closed before the whole body had arrived.")
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        if not message.get("more_body", False):
            return b"".join((*chunks, chunk)) if chunks else chunk
        chunks.append(chunk)


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The body is larger than {limit} bytes; send less at once.")
