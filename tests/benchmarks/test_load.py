"""The load generator against a trivial HTTP server: what it counts is what the server saw."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

import pytest

from benchmarks import feed, load, table


class TrivialServer:
    """Answers every request with the next of `answers` (status, body), and remembers what it was sent.

    Every answer comes in two pieces; after one of status 503 the connection is closed.
    """

    def __init__(self) -> None:
        self.answers = [(202, b'{"status":"queued"}')]
        self.seen: list[tuple[str, bytes]] = []
        self.connections = 0
        self.loop = asyncio.new_event_loop()
        self.listening = self.loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.base_url = f"http://127.0.0.1:{self.listening.sockets[0].getsockname()[1]}"
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while await self._answer(reader, writer) != 503:
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client has what it wanted
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lengths = [int(line.split(":")[1]) for line in head.splitlines() if line.startswith("Content-Length:")]
        body = await reader.readexactly(lengths[0]) if lengths else b""
        status, answer = self.answers[len(self.seen) % len(self.answers)]
        self.seen.append((head.splitlines()[0], body))
        writer.write(b"HTTP/1.1 %d X\r\ncontent-length: %d\r\n\r\n%b" % (status, len(answer), answer[:5]))
        await writer.drain()
        await asyncio.sleep(0)
        writer.write(answer[5:])
        await writer.drain()
        return status

    async def _stop(self) -> None:
        self.listening.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def close(self) -> None:
        """Stop serving, and wait until everything has ended."""
        asyncio.run_coroutine_threadsafe(self._stop(), self.loop).result(60)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


@pytest.fixture
def server() -> Iterator[TrivialServer]:
    """A server on a loopback port, in a thread."""
    server = TrivialServer()
    yield server
    server.close()


def _some(server: TrivialServer, count: int) -> Iterator[bytes]:
    """So many requests, whatever the time that they take."""
    return islice(feed.singles(server.base_url, "imk_test"), count)


def test_counts_the_requests_that_the_server_answered(server: TrivialServer) -> None:
    """A second of singles: every answer is counted once, and the figures fit together."""
    result = load.run_singles(server.base_url, "imk_test", connections=5, seconds=1)

    assert result.requests == result.events == len(result.latencies) == len(server.seen) >= 5
    assert server.connections == 5
    assert not result.others
    assert result.seconds >= 1
    assert 0 < result.p50_ms <= result.p99_ms <= result.percentile_ms(100)
    assert {line for line, _ in server.seen} == {"POST /api/v1/events HTTP/1.1"}


def test_no_two_bodies_are_equal(server: TrivialServer) -> None:
    """Every body is valid JSON of its own, with a key of its own when asked for."""
    load.run_singles(server.base_url, "imk_test", connections=2, seconds=0.2, idempotent=True)
    load.run_singles(server.base_url, "imk_test", connections=2, seconds=0.2, idempotent=True)

    bodies = [json.loads(body) for _, body in server.seen]
    assert len({body["idempotency_key"] for body in bodies}) == len(bodies)
    assert all(body["actor_id"] and body["action"] and 3 <= len(body["metadata"]) <= 6 for body in bodies)


def test_counts_only_new_events_of_a_batch(server: TrivialServer) -> None:
    """Events that the answer calls rejected or duplicate are not counted as kept."""
    server.answers = [(202, b'{"events":[{"status":"queued"},{"status":"duplicate"},{"status":"rejected"}]}')]
    result = load.run_batches(server.base_url, "imk_test", connections=3, seconds=0.3, size=100)

    assert result.events == 98 * result.requests > 0
    assert all(len(json.loads(body)["events"]) == 100 for _, body in server.seen)


def test_other_answers_are_shown_and_not_counted(server: TrivialServer) -> None:
    """A refusal is neither a request nor an event of the rate; the first is kept to be shown, also in the table."""
    server.answers = [(202, b'{"status":"queued"}'), (422, b'{"error":"validation_failed"}')]
    result = load.drive(server.base_url, _some(server, 10), connections=1, seconds=120)

    assert len(server.seen) == 10
    assert result.requests + result.others["422"] == len(server.seen)
    assert result.requests == result.others["422"]
    assert "validation_failed" in str(result.first_other)
    assert "422" in table.Row.of("refusing", result).note


def test_goes_on_when_the_server_closes_connections(server: TrivialServer) -> None:
    """A connection closed by the server is opened again, and counted."""
    server.answers = [(202, b'{"status":"queued"}')] * 3 + [(503, b'{"error":"overloaded"}')]
    result = load.drive(server.base_url, _some(server, 40), connections=2, seconds=120)

    assert result.requests > 10
    assert result.others["503"] > 1
    assert server.connections > 3


def test_gets_a_list_of_urls_in_turn(server: TrivialServer) -> None:
    """`count` bounds a run of GETs, and the URLs take turns."""
    server.answers = [(200, b'{"data":[]}')]
    urls = [f"{server.base_url}/api/v1/events?limit={limit}" for limit in (1, 2, 3)]
    result = load.run_gets(urls, "imk_test", seconds=120, count=7)

    assert result.requests == 7
    assert [line for line, _ in server.seen[:4]] == [
        f"GET /api/v1/events?limit={limit} HTTP/1.1" for limit in (1, 2, 3, 1)
    ]
