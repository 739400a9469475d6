"""HTTP requests ready for the socket, each with a body that no other request has.

The bodies are encoded before the clock starts. While it runs, only a running number is put into each of them: no two
events are equal however often the pool goes round (the same sessions then go on), and the generator leaves the
processor to the server.
"""

import time
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import count, cycle, islice
from urllib.parse import urlsplit

import msgspec

from benchmarks import workload

_NUMBER = b'%016x"}'
_NUMBER_BYTES = 18


@lru_cache(maxsize=2)
def _unnumbered(pool: int, seed: int, idempotent: bool) -> list[bytes]:
    """Encoded events, each cut off where its own number goes."""
    last = b',"idempotency_key":"key_' if idempotent else b',"request_id":"req_'
    encode = msgspec.json.Encoder().encode
    return [encode(event)[:-1] + last for event in workload.events(pool, seed=seed)]


def _head(method: str, url: str, key: str) -> bytes:
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return f"{method} {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {key}\r\n".encode()


def singles(
    base_url: str, key: str, *, pool: int = 100_000, seed: int = 1, idempotent: bool = False
) -> Iterator[bytes]:
    """Endless `POST /events`, one event each; `idempotent` gives every event a key of its own."""
    head = _head("POST", f"{base_url}/api/v1/events", key) + b"Content-Type: application/json\r\nContent-Length: "
    requests = [
        b"%b%d\r\n\r\n%b" % (head, len(event) + _NUMBER_BYTES, event) for event in _unnumbered(pool, seed, idempotent)
    ]
    numbers = count(time.time_ns())  # never seen before, by this server or in an earlier run
    return (request + _NUMBER % next(numbers) for request in cycle(requests))


def batches(
    base_url: str, key: str, *, size: int = 100, pool: int = 100_000, seed: int = 1, idempotent: bool = False
) -> Iterator[bytes]:
    """Endless `POST /events/batch`, `size` events each."""
    head = _head("POST", f"{base_url}/api/v1/events/batch", key) + b"Content-Type: application/json\r\n"
    endless = cycle(_unnumbered(pool, seed, idempotent))
    numbers = count(time.time_ns())
    while True:
        events = b",".join([event + _NUMBER % next(numbers) for event in islice(endless, size)])
        yield b'%bContent-Length: %d\r\n\r\n{"events":[%b]}' % (head, len(events) + 13, events)


def gets(urls: Sequence[str], key: str) -> Iterator[bytes]:
    """Endless `GET`s, over the absolute `urls` in turn."""
    return cycle([_head("GET", url, key) + b"\r\n" for url in urls])
