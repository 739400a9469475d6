"""Load: many keep-alive connections to one HTTP server, driven from one thread by epoll (Linux).

Each connection sends its next request when the answer to its last has come (a closed loop), so the latencies are those
at the rate reached, not at a fixed rate. Call it from a process other than the server's. What is sent is in feed.py.

    python -m benchmarks.load singles http://127.0.0.1:8000 --key imk_... --seconds 10
"""

import select
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Annotated
from urllib.parse import urlsplit

import typer

from benchmarks import feed
from benchmarks.connection import Connection

SILENCE_SECONDS = 30
"""How long no connection at all may answer before the run is given up."""


@dataclass
class LoadResult:
    """What one run saw. Only answers of the expected status count as requests and events."""

    seconds: float = 0.0
    requests: int = 0
    events: int = 0
    """Events acknowledged as new: those rejected or called duplicates are left out."""
    latencies: list[float] = field(default_factory=list, repr=False)
    """Seconds from sending to the whole answer, of every answer, sorted."""
    others: Counter[str] = field(default_factory=Counter)
    """Answers of another status, by status; connections that the server closed, as `closed`."""
    first_other: str | None = None
    cpu_seconds: float = 0.0
    """Processor time of the generator itself."""

    @property
    def events_per_second(self) -> float:
        """Events acknowledged per second."""
        return self.events / self.seconds

    @property
    def requests_per_second(self) -> float:
        """Requests answered as expected per second."""
        return self.requests / self.seconds

    @property
    def p50_ms(self) -> float:
        """Median latency in milliseconds."""
        return self.percentile_ms(50)

    @property
    def p99_ms(self) -> float:
        """Latency in milliseconds that 99 in 100 answers kept to."""
        return self.percentile_ms(99)

    def percentile_ms(self, percent: float) -> float:
        """Latency in milliseconds that `percent` of the answers kept to (nearest rank).

        Raises:
            ValueError: nothing was answered.
        """
        if not self.latencies:
            raise ValueError(f"nothing was answered; others: {dict(self.others)}, first: {self.first_other}")
        return 1_000 * self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * percent / 100))]

    def note_other(self, kind: str, answer: bytes) -> None:
        """Count an answer that was not the expected one, and keep the first as text."""
        self.others[kind] += 1
        if self.first_other is None:
            self.first_other = answer[:2_000].decode(errors="replace")


class _Run:
    """The connections of one run and what they saw."""

    def __init__(self, address: tuple[str, int], requests: Iterator[bytes], expected_status: int, events: int) -> None:
        self.address = address
        self.requests = requests
        self.expected = str(expected_status).encode()
        self.events_per_request = events
        self.result = LoadResult()
        self.epoll = select.epoll()
        self.by_fd: dict[int, Connection] = {}
        self.deadline = 0.0

    def drive(self, connections: int, seconds: float) -> LoadResult:
        """Keep every connection busy for `seconds`, then wait for the answers still under way."""
        opened = [self._open() for _ in range(connections)]
        result, by_fd = self.result, self.by_fd
        cpu_before, began = time.thread_time(), time.perf_counter()
        self.deadline = began + seconds
        for connection in opened:
            self._next(connection, began)
        while by_fd:
            ready = self.epoll.poll(SILENCE_SECONDS)
            if not ready:
                raise TimeoutError(f"no answer for {SILENCE_SECONDS} s after {result.requests} requests")
            for fd, mask in ready:
                connection = by_fd[fd]
                try:
                    self._serve(connection, mask)
                except ConnectionError as error:
                    result.note_other("closed", repr(error).encode())
                    self._close(connection)
                    self._next(self._open(), time.perf_counter())
        result.seconds = time.perf_counter() - began
        result.cpu_seconds = time.thread_time() - cpu_before
        result.latencies.sort()
        return result

    def close(self) -> None:
        for connection in list(self.by_fd.values()):
            self._close(connection)
        self.epoll.close()

    def _open(self) -> Connection:
        connection = Connection(self.address, self.epoll)
        self.by_fd[connection.socket.fileno()] = connection
        return connection

    def _close(self, connection: Connection) -> None:
        del self.by_fd[connection.socket.fileno()]
        connection.close()

    def _next(self, connection: Connection, now: float) -> None:
        request = next(self.requests, None) if now < self.deadline else None
        if request is None:
            self._close(connection)
        else:
            connection.start(request)

    def _serve(self, connection: Connection, mask: int) -> None:
        if mask & select.EPOLLOUT:
            connection.send_rest()
        if not mask & ~select.EPOLLOUT:
            return
        answer = connection.receive()
        if answer is None:
            return
        now = time.perf_counter()
        result = self.result
        result.latencies.append(now - connection.sent_at)
        if answer[9:12] == self.expected:
            result.requests += 1
            result.events += self.events_per_request - answer.count(b'"rejected"') - answer.count(b'"duplicate"')
        else:
            result.note_other(answer[9:12].decode(errors="replace"), answer)
        self._next(connection, now)


def drive(
    base_url: str,
    requests: Iterator[bytes],
    *,
    connections: int,
    seconds: float,
    expected_status: int = 202,
    events_per_request: int = 1,
) -> LoadResult:
    """Send `requests` until `seconds` have passed or they run out, and wait for the last answers.

    Raises:
        TimeoutError: no answer at all for `SILENCE_SECONDS`.
        ConnectionError: the server cannot be reached (any more).
        ValueError: an answer that does not say its length.
    """
    parts = urlsplit(base_url)
    run = _Run((parts.hostname or "127.0.0.1", parts.port or 80), requests, expected_status, events_per_request)
    try:
        return run.drive(connections, seconds)
    finally:
        run.close()


def run_singles(
    base_url: str, key: str, *, connections: int = 64, seconds: float = 10.0, idempotent: bool = False
) -> LoadResult:
    """Post one event per request; `idempotent` gives every event a key of its own. Raises as `drive` does."""
    requests = feed.singles(base_url, key, idempotent=idempotent)
    return drive(base_url, requests, connections=connections, seconds=seconds)


def run_batches(
    base_url: str,
    key: str,
    *,
    connections: int = 8,
    seconds: float = 10.0,
    size: int = 100,
    idempotent: bool = False,
) -> LoadResult:
    """Post `size` events per request. Raises as `drive` does."""
    requests = feed.batches(base_url, key, size=size, idempotent=idempotent)
    return drive(base_url, requests, connections=connections, seconds=seconds, events_per_request=size)


def run_gets(
    urls: Sequence[str], key: str, *, connections: int = 1, seconds: float = 10.0, count: int | None = None
) -> LoadResult:
    """Get the absolute `urls` in turn, `count` requests at most. Raises as `drive` does."""
    requests = islice(feed.gets(urls, key), count)
    return drive(urls[0], requests, connections=connections, seconds=seconds, expected_status=200, events_per_request=0)


def describe(result: LoadResult) -> str:
    """The figures of one run, for a terminal."""
    text = (
        f"{result.requests:,} requests, {result.events:,} events in {result.seconds:.2f} s\n"
        f"{result.requests_per_second:,.0f} requests/s, {result.events_per_second:,.0f} events/s, "
        f"p50 {result.p50_ms:.2f} ms, p99 {result.p99_ms:.2f} ms, generator's CPU {result.cpu_seconds:.2f} s"
    )
    return f"{text}\nOTHER ANSWERS {dict(result.others)}, the first:\n{result.first_other}" if result.others else text


app = typer.Typer(help="Drive a server with keep-alive connections and print rate and latencies.", add_completion=False)
Key = Annotated[str, typer.Option(help="The API key.", envvar="IMMUTABLE_KEY")]
Seconds = Annotated[float, typer.Option(help="How long.")]
Connections = Annotated[int, typer.Option(help="How many requests at a time.")]
Idempotent = Annotated[bool, typer.Option(help="Give every event an idempotency key.")]


@app.command()
def singles(
    base_url: str, key: Key, seconds: Seconds = 10.0, connections: Connections = 64, idempotent: Idempotent = False
) -> None:
    """Post one event per request."""
    print(describe(run_singles(base_url, key, connections=connections, seconds=seconds, idempotent=idempotent)))


@app.command()
def batches(
    base_url: str,
    key: Key,
    seconds: Seconds = 10.0,
    connections: Connections = 8,
    size: Annotated[int, typer.Option(help="Events per request.")] = 100,
    idempotent: Idempotent = False,
) -> None:
    """Post many events per request."""
    result = run_batches(base_url, key, connections=connections, seconds=seconds, size=size, idempotent=idempotent)
    print(describe(result))


@app.command()
def gets(urls: list[str], key: Key, seconds: Seconds = 10.0, connections: Connections = 1) -> None:
    """Get the URLs in turn."""
    print(describe(run_gets(urls, key, connections=connections, seconds=seconds)))


if __name__ == "__main__":
    app()
