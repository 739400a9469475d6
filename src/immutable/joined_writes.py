"""A transport that sends an answer's head and body with one system call.

uvicorn writes them one after the other, and uvloop sends each write at once: a quarter of the time of a small request went
there, and the client was woken for a head that said nothing yet.
"""

import asyncio
from typing import Any, cast


class _Joined:
    """Holds a write until the next one, or the end of the event loop's turn, and sends both as one.

    One write at most is held, so that whoever writes much is still told when to pause. The rest is the transport's own.
    """

    __slots__ = ("_held", "_loop", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held = b""

    def write(self, data: bytes) -> None:
        """Send soon, in order."""
        if self._held:
            data, self._held = self._held + data, b""
            self._transport.write(data)
        else:
            self._held = data
            self._loop.call_soon(self._flush)

    def close(self) -> None:
        """Close once all is sent."""
        self._flush()
        self._transport.close()

    def is_closing(self) -> bool:
        """Whether it was closed, by either side."""
        return self._transport.is_closing()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def _flush(self) -> None:
        if self._held:
            data, self._held = self._held, b""
            self._transport.write(data)


def joined(transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> asyncio.Transport:
    """This transport, with writes joined."""
    return cast("asyncio.Transport", _Joined(transport, loop))
