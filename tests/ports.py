"""Ports for what has to be told one before it listens, or has to get the same one again.

One that is held is for a server of ours. Others may not listen where anybody holds the port: theirs lie below those that the
kernel gives to whoever asks for any, so that nobody takes one in between. Whoever can listen on port 0 needs none of this.
"""

import itertools
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_FIRST = 10_240
_PORTS = 12_000
_APART = 97
"""Processes that start one after the other, as pytest's workers do, begin this far from each other."""

_numbers = itertools.count(os.getpid() * _APART)


@contextmanager
def held_port() -> Iterator[int]:
    """A free port, kept from all who ask the system for any: it is bound, and a server of ours may bind it all the same.

    Nobody listens on it before that server does, nor after, so that what answers there is that server.
    """
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def own_port(*beside: int) -> int:
    """A port that nobody listens on, as are those that lie so far `beside` it (10,000 above at most)."""
    first_given = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    for number in itertools.islice(_numbers, _PORTS):
        ports = [_FIRST + number % _PORTS + more for more in (0, *beside)]
        if max(ports) < first_given and all(map(_is_free, ports)):
            return ports[0]
    raise AssertionError(f"All ports from {_FIRST} on are taken.")


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what was closed a minute ago does not hold it
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
