"""Sending batches to a server that is busy, slow to come back, or gone."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from immutable.cli.sending import Sender
from immutable.errors import ImmutableError, Unauthenticated

Answer = tuple[int, dict[str, str], Any]
QUEUED: Answer = (202, {}, {"events": [{"id": "1", "status": "queued"}]})


@contextmanager
def answering(*answers: Answer) -> Iterator[tuple[str, list[bytes]]]:
    """A server on the loopback that gives these answers in turn; its address, and the bodies that it got."""
    got: list[bytes] = []
    left = list(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["content-length"])))
            status, headers, content = left.pop(0)
            body = json.dumps(content).encode()
            self.send_response(status)
            for name, value in {
                **headers,
                "content-length": str(len(body)),
                "content-type": "application/json",
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", got
        finally:
            server.shutdown()
            thread.join()


def test_a_busy_server_is_asked_again_when_it_said() -> None:
    """503 and 429 are waited out as long as Retry-After says, and the same batch is sent again."""
    waits: list[float] = []
    busy = {"error": "overloaded", "message": "Busy."}
    with (
        answering((503, {"retry-after": "2"}, busy), (429, {"retry-after": "7"}, busy), (503, {}, busy), QUEUED) as (
            url,
            got,
        ),
        Sender(url, "imk_x", waits.append) as sender,
    ):
        assert sender.send([b'{"a":1}'])[0]["status"] == "queued"
    assert waits[:2] == [2, 7]
    assert 0 < waits[2] <= 5
    assert got == [b'{"events":[{"a":1}]}'] * 4


def test_a_server_that_stays_busy_is_told() -> None:
    """After several attempts the server's own words are the error."""
    busy: Answer = (503, {"retry-after": "100000"}, {"error": "overloaded", "message": "Still busy."})
    waits: list[float] = []
    with (
        answering(*[busy] * 10) as (url, got),
        Sender(url, "imk_x", waits.append) as sender,
        pytest.raises(ImmutableError, match=r"Still busy\."),
    ):
        sender.send([b"{}"])
    assert len(got) == 10
    assert max(waits) <= 30


def test_a_server_that_is_gone_is_told() -> None:
    """A connection that cannot be made is tried again, and then told with the address."""
    waits: list[float] = []
    with socket.socket() as held:  # which nobody listens on, and nobody else can begin to
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
        told = pytest.raises(ImmutableError, match=f"{url} does not answer")
        with Sender(url, "imk_x", waits.append) as sender, told:
            sender.send([b"{}"])
    assert waits == sorted(waits)
    assert len(waits) == 9


def test_a_refusal_is_not_tried_again() -> None:
    """A wrong key stays wrong."""
    refusal: Answer = (401, {}, {"error": "unauthenticated", "message": "The API key is unknown."})
    with answering(refusal) as (url, got), Sender(url, "imk_x") as sender, pytest.raises(Unauthenticated):
        sender.send([b"{}"])
    assert len(got) == 1


def test_a_batch_without_a_valid_event_is_told_event_by_event(api: Any) -> None:
    """The server answers such a batch as a whole; each event still gets its reason."""
    with Sender(api.server.url, api.key) as sender:
        answers = sender.send([b'{"actor_id":"a"}', b'{"action":"x"}', b"7"])
    assert [answer["status"] for answer in answers] == ["rejected"] * 3
    assert answers[0]["message"].startswith("action: ")
    assert answers[1]["message"].startswith("actor_id: ")
    assert answers[2]["message"]
