"""Errors are JSON that says what to do, whatever the cause."""

import pytest

EVERY_PATH = ["/events", "/events/batch", "/events/x", "/sessions", "/sessions/x", "/verify", "/resources/a/b/history"]


@pytest.mark.parametrize("path", EVERY_PATH)
@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer imk_wrong", "Bearer wrong", "Basic aW1rOg==", "imk_wrong", "Bearer é",
     "Bearer imk_" + "x" * 10_000, "Bearer imk_a\tb"],
)  # fmt: skip
def test_no_key_or_a_wrong_one(server, path, header):
    """Without a key, or with a wrong one, every endpoint answers 401 and asks for a bearer key."""
    stranger = server.with_key("")
    headers = {} if header is None else {"authorization": header.encode()}
    verb = "POST" if path == "/events/batch" else "GET"
    answer = stranger.http.request(verb, path, headers=headers)
    assert answer.status_code == 401
    assert answer.json()["error"] == "unauthenticated"
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "imk_wrong" not in answer.text


def test_key_of_any_case_of_bearer(api):
    """The scheme's case does not matter, nor do spaces before the key."""
    for header in (f"bearer {api.key}", f"BEARER {api.key}", f"Bearer   {api.key}"):
        assert api.http.get("/events", headers={"authorization": header}).status_code == 200


@pytest.mark.parametrize(
    "path", ["/", "/api", "/api/v1", "/api/v1/", "/api/v1/nothing", "/api/v2/events", "/api/v1/events/", "//", "/%00",
             "/api/v1/events/a/b", "/api/v1/resources/a/history", "/static/none", "/é", "/" + "a" * 20_000]
)  # fmt: skip
def test_unknown_path(api, path):
    """A path that is not there is told in JSON, with a key or without."""
    url = api.server.url + path
    answer = api.http.get(url)
    if path == "/":
        assert answer.status_code == 307
        return
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/json"
    assert answer.json().keys() == {"error", "message"}
    assert answer.json()["error"] == "not_found"


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/events", "GET, HEAD, POST"),
        ("/events/batch", "POST"),
        ("/events/x", "GET, HEAD"),
        ("/sessions", "GET, HEAD"),
        ("/sessions/x", "GET, HEAD"),
        ("/resources/a/b/history", "GET, HEAD"),
        ("/verify", "GET, HEAD"),
        ("/openapi.json", "GET, HEAD"),
    ],
)
@pytest.mark.parametrize("verb", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
def test_no_other_verb(api, path, allowed, verb):
    """No verb changes or deletes an event, in any role; the answer says which verbs there are."""
    admin = api.server.client("admin", workspace=api.workspace)
    for one in (api, admin):
        answer = one.http.request(verb, path)
        assert answer.status_code == 405
        assert answer.headers["allow"] == allowed
        assert answer.json()["error"] == "method_not_allowed"


def test_head_is_get_without_a_body(api):
    """HEAD answers what GET does, less the body."""
    api.send()
    for path in ("/events", "/sessions", "/producers", "/openapi.json", "/events/none"):
        head, get = api.http.head(path), api.http.get(path)
        assert head.status_code == get.status_code
        assert head.content == b""
        assert head.headers["content-length"] == get.headers["content-length"]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"nothing", b"{'actor_id': 'a'}", b'{"actor_id":"a","action":"b"} x', b'{"actor_id":"a","action":"b",}',
        b'\xef\xbb\xbf{"actor_id":"a","action":"b"}', b'{"actor_id":"a\x00","action":"b"}', b'{"actor_id":"a\n","action":"b"}',
        b'{"actor_id":"\xff","action":"b"}', b'{"actor_id":"a","action":"b","metadata":{"k":"\xed\xa0\x80"}}',
        rb'{"actor_id":"\ud800","action":"b"}', rb'{"actor_id":"a","action":"b","metadata":{"\udc00":1}}',
        rb'{"actor_id":"a","action":"b","metadata":{"k":"\ud800\u0041"}}',
        b'{"actor_id":"a","action":"b","metadata":{"k":NaN}}', b'{"actor_id":"a","action":"b","metadata":{"k":-Infinity}}',
        b'{"actor_id":"a","action":"b","version":0x1}', b'{"actor_id":"a","action":"b","version":01}',
        b'{"actor_id":"a","action":"b","metadata":{"k":' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
        b'{"actor_id":"a","action":"b","metadata":' + b'{"a":' * 5_000 + b"1" + b"}" * 5_000 + b"}",
        b"[" * 200_000, b'{"a":' * 100_000, b'"' * 3, b"\x1f\x8b\x08\x00", b"a=1&b=2", b'{"actor_id":"a","action":"b"',
    ],
)  # fmt: skip
def test_malformed_json(api, refused, body):
    """What is not JSON in UTF-8 is refused as such, single or in a batch, and nothing is stored."""
    assert refused(api.post("/events", body), 400)["error"] == "bad_request"
    refused(api.post("/events/batch", b'{"events":[{"actor_id":"a","action":"b"},' + body + b"]}"), 400)
    refused(api.post("/events/batch", body), 400)


@pytest.mark.parametrize(
    "metadata", [b"1e400", b"-1e400", b"9" * 5000, rb'"\u0000"', rb'{"a\u0000":1}', rb'["\\\u0000"]']
)
def test_values_that_nothing_can_keep(api, refused, metadata):
    """Numbers beyond any double, or of thousands of digits, and NUL are refused with the field's name."""
    event = b'{"actor_id":"a","action":"b","metadata":{"k":' + metadata + b"}}"
    assert refused(api.post("/events", event), 422)["errors"].keys() == {"metadata"}
    answer = api.post("/events/batch", b'{"events":[' + event + b',{"actor_id":"a","action":"b"}]}')
    assert [one["status"] for one in answer.json()["events"]] == ["rejected", "queued"]


@pytest.mark.parametrize(
    "metadata",
    [
        {"n": 2**63}, {"n": 2**64}, {"n": -(2**63) - 1}, {"n": 10**400}, {"f": 5e-324}, {"f": 1.7976931348623157e308},
        {"f": 0.1}, {"f": -0.0}, {"f": 1e15}, {"f": 123456789012345680.0}, {"t": "\\u0000"}, {"t": "\u2028\u202e\ufeff\x7f\x01"},
        {"t": "\U0010ffff\ufffe"}, {"": {"": [[], {}, None, False]}}, {"deep": [[[[[[[[[[1]]]]]]]]]]},
    ],
)  # fmt: skip
def test_values_at_the_edge_come_back(api, metadata):
    """Large integers, tiny fractions and strange but valid texts come back as they were sent."""
    kept = api.add(metadata=metadata)["metadata"]
    assert kept == metadata
    assert repr(kept) == repr(metadata)  # tells 1 from 1.0 and 0.0 from -0.0


def test_key_given_twice_in_an_object(api):
    """Of a key that is given twice in one object the last one counts, for the fields of the event too."""
    answer = api.post("/events", b'{"actor_id":"a","action":"b","metadata":{"k":1,"k":2},"actor_id":"z"}')
    event = api.get("/events/" + answer.json()["id"]).json()["data"]
    assert (event["actor_id"], event["metadata"]) == ("z", {"k": 2})


def test_compressed_body(api, refused):
    """A compressed body is refused in words, not as broken JSON."""
    answer = api.http.post("/events", content=b"\x1f\x8b", headers={"content-encoding": "gzip"})
    assert "Compressed" in refused(answer, 400)["message"]


def test_answers_are_not_cached(api):
    """No cache on the way may keep an answer, and no browser may take it for anything but JSON, or show it in a frame."""
    for path in ("/events", "/nothing"):
        headers = api.http.get(path).headers
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
