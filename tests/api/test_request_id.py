"""X-Request-Id: the caller's own or a new one, in every answer of the API and in what the server logs."""

import json

import pytest

from immutable.api import problems


def test_the_callers_id_comes_back(api):
    """In good answers and in errors."""
    headers = {"x-request-id": "req-4821/a.b:c=+_"}
    for path in ("/events", "/events/none", "/nothing"):
        assert api.http.get(path, headers=headers).headers["x-request-id"] == headers["x-request-id"]


def test_without_one_each_request_has_its_own(api):
    """Sixteen hexadecimal digits, never the same."""
    found = {api.http.get("/events").headers["x-request-id"] for _ in range(20)}
    assert len(found) == 20
    assert all(len(one) == 16 and int(one, 16) >= 0 for one in found)


@pytest.mark.parametrize("hostile", ["a b", "x" * 129, "<script>", '"', "é".encode("latin-1"), ""])
def test_a_hostile_one_is_replaced(api, hostile):
    """It would be written into logs and other people's pages."""
    answer = api.http.get(
        "/events", headers=[(b"x-request-id", hostile if isinstance(hostile, bytes) else hostile.encode())]
    )
    assert answer.status_code == 200
    assert len(answer.headers["x-request-id"]) == 16


def test_a_failure_tells_where_to_look(monkeypatch):
    """The client gets the id under which the log has the details, and nothing else of them."""
    logged = []

    class Log:
        def error(self, event, **fields):
            logged.append((event, fields))

    monkeypatch.setattr(problems, "_log", Log())
    error = RuntimeError("a secret")
    answer = problems.answer_to(error, "4821")
    assert answer.status == 500
    assert "request 4821" in json.loads(answer.body)["message"]
    assert b"secret" not in answer.body
    assert logged == [("request_failed", {"request_id": "4821", "exc_info": error})]


def test_debug_logs_each_request(serve):
    """With its id, route, status and time; never with the key."""
    server = serve(log_level="debug")
    client = server.client()
    client.http.get("/events", headers={"x-request-id": "find-me"})
    (line,) = [json.loads(line) for line in server.logged().splitlines() if "find-me" in line]
    assert (line["method"], line["route"], line["status"]) == ("GET", "/api/v1/events", 200)
    assert line["milliseconds"] > 0
    assert client.key not in server.logged()
