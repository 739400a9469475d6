"""/healthz, /readyz and /metrics: what an operator asks, without a key."""

import re

import pytest


@pytest.mark.parametrize(("path", "status"), [("/healthz", "ok"), ("/readyz", "ready")])
def test_health(server, path, status):
    """Both answer without a key."""
    answer = server.with_key("").http.get(server.url + path)
    assert (answer.status_code, answer.json()) == (200, {"status": status})


def value_of(text, sample):
    """A sample's value, 0 where there is none yet."""
    found = re.search(re.escape(sample) + r" ([0-9.e+]+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def test_metrics(serve):
    """Metrics count events by what became of them, and requests by route and status."""
    server = serve()
    api = server.client()
    api.send(idempotency_key="k")
    api.send(idempotency_key="k")
    api.post("/events/batch", {"events": [{"actor_id": "a", "action": "b"}, {}]})
    api.get("/events/none")
    answer = api.http.get(server.url + "/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    for sample, value in {
        'immutable_events_total{status="queued"}': 2,
        'immutable_events_total{status="duplicate"}': 1,
        'immutable_events_total{status="rejected"}': 1,
        'immutable_http_requests_total{method="POST",route="/api/v1/events",status="202"}': 2,
        'immutable_http_requests_total{method="GET",route="/api/v1/events/{id}",status="404"}': 1,
        'immutable_http_request_seconds_count{route="/api/v1/events"}': 2,
        "immutable_pushback_total": 0,
    }.items():
        assert value_of(answer.text, sample) == value, sample
    assert value_of(answer.text, "immutable_commit_seconds_count") >= 2


def test_clients_make_no_labels(api):
    """No path, method or id that a client makes up becomes a label."""
    for path in ("/made/up", "/events/made-up-id", "/sessions/made-up-session"):
        api.http.request("MADEUP", path)
        api.get(path)
    text = api.http.get(api.server.url + "/metrics").text
    assert "made" not in text
    assert "MADEUP" not in text


def test_metrics_tell_nothing_of_events(api):
    """No metric names an actor, an action or a key."""
    api.send(actor_id="secret-actor", action="secret.action", metadata={"k": "secret-value"})
    text = api.http.get(api.server.url + "/metrics").text
    assert "secret" not in text
    assert api.key not in text
    assert api.key[-8:] not in text


def test_nothing_secret_is_logged(serve):
    """Neither keys nor what events hold get into the log, not even when they are refused."""
    server = serve(log_level="debug")
    api = server.client()
    api.send(actor_name="secret-name", metadata={"k": "secret-value"})
    api.post("/events", b'{"actor_id":"secret-id"')
    api.send(version="secret-version")
    api.http.get("/events", params={"search": "secret-search"})
    server.with_key("imk_secret-key").get("/events")
    logged = server.logged()
    assert "secret" not in logged
    assert api.key not in logged
