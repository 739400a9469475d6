"""What reaches the server before it is a request: garbage, endless heads, huge and slow bodies. Over bare sockets."""

import contextlib
import json
import re
import select
import socket
import time
from pathlib import Path

import pytest
from tests.waiting import PATIENCE, until

MIB = 1_048_576


def talk(server, *parts, pause=0.0):
    """Send the parts and read until the server closes, or has answered once."""
    with connect(server) as connection:
        for part in parts:
            try:
                connection.sendall(part)
            except (BrokenPipeError, ConnectionResetError):
                break
            time.sleep(pause)
        return answer_of(connection)


def connect(server):
    """A connection to it."""
    return socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE)


def answer_of(connection):
    """Status, headers and body of one answer; a status of 0 where the server closed without any."""
    received = b""
    while b"\r\n\r\n" not in received:
        more = connection.recv(65_536)
        if not more:
            return 0, {}, received
        received += more
    head, _, body = received.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:])
    while len(body) < int(headers["content-length"]):
        body += connection.recv(65_536)
    return int(lines[0].split()[1]), headers, body


def resident_bytes(server):
    """The memory that the server has taken at most."""
    status = Path(f"/proc/{server.process.pid}/status").read_text("ascii")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) * 1024


@pytest.fixture(scope="module")
def hasty(serve_module):
    """A server that gives a client one second for its headers, and for its body."""
    return serve_module(body_timeout_seconds=1)


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET /\xc3\xa9 HTTP/1.1\r\nhost: a\r\n\r\n",
        b"hello\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/9.9\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /api/v1/events HTTP/1.1\r\nhost\r\n\r\n",
        b"GET /api/v1/events HTTP/1.1\r\nx: a\x00b\r\n\r\n",
        b"POST /api/v1/events HTTP/1.1\r\ncontent-length: x\r\n\r\n",
        b"POST /api/v1/events HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
        b"POST /api/v1/events HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /api/v1/events HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"CONNECT example.org:443 HTTP/1.1\r\nhost: example.org\r\n\r\n",
        b"GET http:// HTTP/1.1\r\n\r\n",
        b"\r\n\r\n\r\nGET\r\n\r\n",
    ],
)
def test_garbage_gets_json(server, garbage):
    """What is not HTTP, or not enough of it, is answered with our JSON, and the connection ends."""
    status, headers, body = talk(server, garbage)
    assert status in (400, 401, 404, 405), body
    assert headers["content-type"] == "application/json"
    assert json.loads(body).keys() == {"error", "message"}


@pytest.mark.parametrize(
    "target", [b"*", b"http://other.example/api/v1/events", b"//api/v1/events", b"/api/v1/events?%"]
)
def test_strange_targets(server, target):
    """Request targets of the rarer forms get an answer in JSON."""
    status, headers, body = talk(server, b"OPTIONS " + target + b" HTTP/1.1\r\nhost: a\r\n\r\n")
    assert status in (400, 404, 405)
    assert headers["content-type"] == "application/json"
    assert json.loads(body)["error"]


def test_websocket_is_not_spoken(server):
    """An upgrade is not taken; the request is answered as any other."""
    upgrade = b"connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: eA==\r\nsec-websocket-version: 13"
    status, headers, _ = talk(server, b"GET /api/v1/events HTTP/1.1\r\nhost: a\r\n" + upgrade + b"\r\n\r\n")
    assert status == 401
    assert headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "head",
    [
        b"x: " + b"a" * 300_000,
        b"\r\n".join(b"x-%d: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" % n for n in range(5_000)),
        b"\r\n".join(b"x: a" for n in range(50_000)),
    ],
)
@pytest.mark.parametrize("end", [b"\r\n\r\n", b""])
def test_endless_headers(server, head, end):
    """Headers of more than 64 KiB are refused, also before they have come to an end."""
    status, headers, body = talk(server, b"GET /api/v1/events HTTP/1.1\r\n" + head + end)
    assert status == 431
    assert headers["connection"] == "close"
    assert json.loads(body)["error"] == "headers_too_large"


def test_endless_url(server):
    """So is a URL."""
    status, _, body = talk(server, b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nhost: a\r\n\r\n")
    assert (status, json.loads(body)["error"]) == (431, "headers_too_large")


def test_headers_in_pieces(server):
    """Headers may come in pieces, and be large."""
    status, _, _ = talk(server, b"GET /healthz HT", b"TP/1.1\r\nx: ", b"a" * 60_000, b"\r\n\r", b"\n", pause=0.05)
    assert status == 200


def test_slow_headers(hasty):
    """A client that does not finish its headers within the time that is set is told so, and let go."""
    status, _, body = talk(hasty, b"GET /healthz HTTP/1.1\r\nx:")
    assert (status, json.loads(body)["error"]) == (408, "request_timeout")
    assert "within 1 seconds" in json.loads(body)["message"]


def test_slow_body(hasty):
    """A body that does not arrive in time is given up, however steadily it drips, and nothing is stored."""
    api = hasty.client()
    head = f"POST /api/v1/events HTTP/1.1\r\nauthorization: Bearer {api.key}\r\ncontent-length: 100000\r\n\r\n"
    with connect(hasty) as connection:
        connection.sendall(head.encode() + b'{"actor_id":"a","action":"b"')
        until(lambda: _has_answer(connection) or _drip(connection, b" "))
        status, _, body = answer_of(connection)
    assert (status, json.loads(body)["error"]) == (408, "request_timeout")
    assert "within 1 seconds" in json.loads(body)["message"]
    assert api.length() == 0


def test_rest_of_a_refused_body_is_not_read_for_ever(hasty):
    """Who goes on sending after the refusal is cut off."""
    head = b"POST /api/v1/events HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n"
    with connect(hasty) as connection:
        connection.sendall(head)
        assert answer_of(connection)[0] == 401
        until(lambda: _drip(connection, b"1\r\na\r\n"), "The server still reads.")


def _drip(connection, piece):
    """Send a piece more; whether the connection has ended."""
    try:
        connection.sendall(piece)
    except ConnectionError:
        return True
    return False


@pytest.mark.parametrize("path", ["/events", "/events/batch"])
@pytest.mark.parametrize("framing", ["content-length", "chunked"])
def test_300_mb_body(serve, path, framing):
    """A body of 300 MB is refused before it has been read, and the server's memory hardly grows."""
    server = serve(body_timeout_seconds=300)  # so long it reads on after the refusal, however slow the machine
    api = server.client()
    api.send()
    before = resident_bytes(server)
    length = "content-length: 300000000" if framing == "content-length" else "transfer-encoding: chunked"
    head = f"POST /api/v1{path} HTTP/1.1\r\nauthorization: Bearer {api.key}\r\n{length}\r\n\r\n".encode()
    piece = b" " * MIB if framing == "content-length" else b"%x\r\n" % MIB + b" " * MIB + b"\r\n"
    with connect(server) as connection:
        connection.sendall(head)
        sent = 0
        while not _has_answer(connection) and sent < 300:
            connection.sendall(piece)
            sent += 1
            time.sleep(0.002)
        status, _, body = answer_of(connection)
        assert (status, json.loads(body)["error"]) == (413, "payload_too_large")
        assert sent < 100
        for _ in range(100):  # and the client may go on for a while
            connection.sendall(piece)
    assert resident_bytes(server) - before < 64 * MIB
    assert api.length() == 1


def _has_answer(connection):
    """Whether there is something to read, or the end."""
    ready = select.poll()
    ready.register(connection, select.POLLIN)
    return bool(ready.poll(0))


@pytest.mark.parametrize(("setting", "path"), [("event_max_bytes", "/events"), ("batch_max_bytes", "/events/batch")])
def test_body_limit_is_exact(serve, setting, path):
    """A body as large as the limit is taken, one byte more is not."""
    api = serve(**{setting: 2_000}).client()
    event = b'{"actor_id":"a","action":"b"}'
    body = event if path == "/events" else b'{"events":[' + event + b"]}"
    assert api.post(path, body.ljust(2_000)).status_code == 202
    answer = api.post(path, body.ljust(2_001))
    assert (answer.status_code, answer.json()["error"]) == (413, "payload_too_large")
    assert api.length() == 1


def test_client_that_goes_away(api):
    """A body that breaks off stores nothing."""
    head = f"POST /api/v1/events HTTP/1.1\r\nauthorization: Bearer {api.key}\r\ncontent-length: 29\r\n\r\n".encode()
    with connect(api.server) as connection:
        connection.sendall(head + b'{"actor_id":"a"')
    assert api.length() == 0


def test_requests_in_a_row_on_one_connection(api):
    """Pipelined requests are answered in their order."""
    head = f"authorization: Bearer {api.key}\r\n"
    body = '{"actor_id":"a","action":"b"}'
    post = f"POST /api/v1/events HTTP/1.1\r\n{head}content-length: {len(body)}\r\n\r\n{body}"
    get = f"GET /api/v1/events?limit=1 HTTP/1.1\r\n{head}\r\n"
    with connect(api.server) as connection:
        connection.sendall((post + post + get).encode())
        received = b""
        while received.count(b"HTTP/1.1 ") < 3 or not received.endswith(b"}"):
            received += connection.recv(65_536)
    assert re.findall(rb"HTTP/1.1 (\d+)", received) == [b"202", b"202", b"200"]
    assert b'"total":2' in received


def test_trailers_are_bounded(server):
    """Endless trailers behind a chunked body are refused before they fill memory."""
    with connect(server) as connection:
        connection.sendall(b"POST /api/v1/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")
        with contextlib.suppress(ConnectionError, TimeoutError):
            for _ in range(2_000):
                connection.sendall(b"h: " + b"v" * 1_000 + b"\r\n")
        with contextlib.suppress(ConnectionError):
            status, _, _ = answer_of(connection)
            assert status in {401, 431}
        with contextlib.suppress(ConnectionError):
            assert connection.recv(1) == b""


def test_trailers_say_nothing(serve):
    """What a trailer calls X-Forwarded-For is not the address, though the peer is a trusted proxy."""
    server = serve(trusted_proxies="127.0.0.1")
    client = server.client()
    body = b'{"actor_id": "a", "action": "b"}'
    with connect(server) as connection:
        connection.sendall(
            b"POST /api/v1/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
            + f"Authorization: Bearer {client.key}\r\nX-Forwarded-For: 198.51.100.7\r\n\r\n".encode()
            + f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\nX-Forwarded-For: 8.8.8.8\r\n\r\n"
        )  # fmt: skip
        assert answer_of(connection)[0] == 202
    (event,) = client.get("/events").json()["data"]
    assert event["ip_address"] == "198.51.100.7"


def test_what_came_before_garbage_is_answered_first(server, api):
    """An event and garbage in one piece: the receipt, then the refusal, and the end."""
    body = b'{"actor_id": "pipelined", "action": "b"}'
    with connect(server) as connection:
        connection.sendall(
            f"POST /api/v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
            f"Authorization: Bearer {api.key}\r\n\r\n".encode()
            + body
            + b"\x00garbage\r\n\r\n"
        )
        received = b""
        while more := connection.recv(65_536):
            received += more
    assert received.startswith(b"HTTP/1.1 202 ")
    assert received.count(b"HTTP/1.1 400 ") == 1


def test_requests_that_wait_on_a_connection_are_bounded(hasty):
    """Thousands of requests sent ahead by a client that reads nothing: the connection ends."""
    with connect(hasty) as connection, contextlib.suppress(ConnectionError):
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 5_000)
        received = b""
        while more := connection.recv(65_536):
            received += more
        assert received.count(b"HTTP/1.1 200 ") < 5_000


def test_more_connections_than_allowed(serve):
    """They are told 503 and closed, while the others go on and probes are answered; with room again, all is well."""
    server = serve(max_connections=5)
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(connect(server)) for _ in range(5)]
        for connection in held:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n")
            assert answer_of(connection)[0] == 200
        status, headers, body = talk(server, b"GET /api/v1/events HTTP/1.1\r\nhost: a\r\n\r\n")
        assert (status, headers["retry-after"], headers["connection"]) == (503, "1", "close")
        assert json.loads(body)["error"] == "overloaded"
        for probe in (b"/healthz", b"/readyz", b"/metrics"):
            surplus = stack.enter_context(connect(server))
            surplus.sendall(b"GET " + probe + b" HTTP/1.1\r\nhost: a\r\n\r\n")
            status, _, body = answer_of(surplus)
            assert status == 200
            assert surplus.recv(1) == b""  # and closed
        assert b"immutable_connections_refused_total 1.0" in body
        _is_served(held[0], server.client().key)
        for connection in held:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n")
            assert answer_of(connection)[0] == 200
    until(lambda: talk(server, b"GET /api/v1/openapi.json HTTP/1.1\r\nhost: a\r\n\r\n")[0] == 200)


def test_a_flood_of_connections(serve):
    """Hundreds above the limit that say nothing are cut off at once or within seconds; those within it are served."""
    server = serve(max_connections=5)
    key = server.client().key
    with contextlib.ExitStack() as stack:
        inside = stack.enter_context(connect(server))
        _is_served(inside, key)
        flood = [stack.enter_context(connect(server)) for _ in range(400)]
        # From the last: they are refused at once. Of the others those within the limit say nothing for long.
        assert sum(_is_told(connection) for connection in reversed(flood[100:])) >= 200
        _is_served(inside, key)
        for connection in flood[10:]:  # also those that were heard out
            with contextlib.suppress(ConnectionResetError):
                while connection.recv(65_536):
                    pass


def _is_told(connection):
    try:
        return connection.recv(65_536).startswith(b"HTTP/1.1 503")
    except ConnectionResetError:
        return False


def _is_served(connection, key):
    """An event goes in over this very connection; a client with a pool would make another one after a while."""
    head = f"POST /api/v1/events HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {key}\r\ncontent-length: 29\r\n\r\n"
    connection.sendall(head.encode() + b'{"actor_id":"a","action":"b"}')
    assert answer_of(connection)[0] == 202
