"""A connection leaves nothing behind."""

import asyncio
import gc
import weakref

import uvicorn
from starlette.responses import PlainTextResponse
from uvicorn.server import ServerState

from immutable.http_protocol import BoundedProtocol, bounded


async def _a_connection_ends() -> "weakref.ref[BoundedProtocol]":
    """Serve one connection with two requests, close it, and tell whether its protocol is still there."""
    config = uvicorn.Config(PlainTextResponse("good"), log_config=None, lifespan="off")
    config.load()
    made: list[BoundedProtocol] = []

    def make() -> BoundedProtocol:
        made.append(bounded(30.0, 100)(config, ServerState(), {}))
        return made[-1]

    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    for _ in range(2):
        writer.write(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        assert (await reader.readuntil(b"good")).startswith(b"HTTP/1.1 200")
    writer.close()
    await writer.wait_closed()
    while made[0].connections:  # noqa: ASYNC110 - a closed connection tells nobody
        await asyncio.sleep(0.01)
    server.close()
    await server.wait_closed()
    return weakref.ref(made.pop())


def test_a_closed_connection_is_freed_at_once() -> None:
    """Its memory does not wait for the collector of cycles, which hardly ever looks at what has lived long."""
    gc.collect()
    gc.disable()
    try:
        assert asyncio.run(_a_connection_ends())() is None
    finally:
        gc.enable()
