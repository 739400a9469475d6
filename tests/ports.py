"""A port for a server that has to be told which one, and that is stopped and started on it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def held_port() -> Iterator[int]:
    """A free port, kept from all who ask the system for any: it is bound, and a server of ours may bind it all the same.

    Nobody listens on it before that server does, nor after, so that what answers there is that server.
    """
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]
