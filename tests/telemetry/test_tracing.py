"""OpenTelemetry at a running server, received by an OTLP endpoint of the test's own that reads the real protocol."""

import gzip
import http.server
import json
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from tests.postgres import new_database
from tests.postgres import server as postgres_server

from immutable.errors import StartError
from immutable.settings import Settings
from immutable.telemetry import tracing

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SECRET = "nobody-else-may-read-this"


class Collector:
    """Takes what is sent by OTLP over HTTP, as any collector does."""

    def __init__(self):
        self.bodies: list[bytes] = []
        self.spans, self.metrics, self.resources = [], {}, []
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                collector.take(self.path, gzip.decompress(body) if self.headers["content-encoding"] == "gzip" else body)
                self.send_response(200)
                self.send_header("content-type", "application/x-protobuf")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def take(self, path: str, body: bytes) -> None:
        """Read one request; what is not OTLP raises, and the sender logs that."""
        self.bodies.append(body)
        if path == "/v1/traces":
            for group in ExportTraceServiceRequest.FromString(body).resource_spans:
                self.resources.append({one.key: one.value.string_value for one in group.resource.attributes})
                self.spans += [span for scope in group.scope_spans for span in scope.spans]
        elif path == "/v1/metrics":
            for group in ExportMetricsServiceRequest.FromString(body).resource_metrics:
                self.metrics |= {one.name: one for scope in group.scope_metrics for one in scope.metrics}

    def close(self) -> None:
        """Stop taking."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def collector(monkeypatch):
    """A collector; batches are sent soon."""
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
    monkeypatch.setenv("OTEL_METRIC_EXPORT_INTERVAL", "200")
    made = Collector()
    yield made
    made.close()


def eventually(condition):
    """Wait for what comes a little later."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def attributes(span):
    """A span's attributes as Python values."""
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in span.attributes}


def test_a_request_is_a_span_of_the_callers_trace(serve, collector):
    """With the commit and the read of the store within it; and no span tells what an event holds, or a key."""
    server = serve(otlp_endpoint=collector.url, log_level="debug")
    api = server.client()
    sent = api.http.post(
        "/events",
        json={"actor_id": SECRET, "action": "a.b", "metadata": {"x": SECRET}},
        headers={"traceparent": f"00-{TRACE}-{PARENT}-01", "x-request-id": "req-1"},
    )
    assert sent.status_code == 202
    assert len(api.events(actor_id=SECRET)) == 1
    wanted = {"append commit", "POST /api/v1/events", "store find", "GET /api/v1/events"}
    eventually(lambda: wanted <= {one.name for one in collector.spans})
    (request,) = [one for one in collector.spans if one.name == "POST /api/v1/events"]
    (commit,) = [one for one in collector.spans if one.name == "append commit"]
    assert (request.trace_id.hex(), request.parent_span_id.hex()) == (TRACE, PARENT)
    assert (commit.trace_id, commit.parent_span_id) == (request.trace_id, request.span_id)
    assert request.kind == 2  # a server's
    assert attributes(request) == {
        "http.request.method": "POST", "http.route": "/api/v1/events", "http.response.status_code": 202,
        "immutable.request_id": "req-1",
    }  # fmt: skip
    assert attributes(commit) == {"immutable.events": 1, "immutable.requests": 1}
    (read,) = [one for one in collector.spans if one.name == "store find"]
    (listed,) = [one for one in collector.spans if one.name == "GET /api/v1/events"]
    assert (read.trace_id, read.parent_span_id) == (listed.trace_id, listed.span_id)
    assert listed.trace_id != request.trace_id
    assert collector.resources[0]["service.name"] == "immutable"
    body = b"".join(collector.bodies)
    assert SECRET.encode() not in body
    assert api.key.encode() not in body
    lines = [json.loads(line) for line in server.logged().splitlines()]
    (line,) = [one for one in lines if one.get("request_id") == "req-1"]
    assert (line["event"], line["status"]) == ("request", 202)


def test_a_failure_is_logged_with_its_request_and_trace(serve, collector):
    """Whoever sees an error in a trace finds the line of the log, and the other way round."""
    url = new_database()
    server = serve(otlp_endpoint=collector.url, database_url=url)
    api = server.client()
    assert api.send().status_code == 202
    name = url.partition("?")[0].rsplit("/", 1)[1]
    with psycopg.connect(postgres_server(of_system=False).dsn, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        connection.execute("SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = %s", (name,))
        answer = api.http.post(
            "/events", json={"actor_id": "a", "action": "b"}, headers={"traceparent": f"00-{TRACE}-{PARENT}-01"}
        )
        assert answer.status_code == 503
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    failed = [json.loads(line) for line in server.logged().splitlines() if "append_failed" in line]
    assert failed
    assert failed[0]["trace_id"] == TRACE
    wanted = {("append commit", 2), ("POST /api/v1/events", 2)}
    eventually(lambda: wanted <= {(one.name, one.status.code) for one in collector.spans})
    (request,) = [one for one in collector.spans if one.name == "POST /api/v1/events" and one.trace_id.hex() == TRACE]
    assert request.status.code == 2
    assert attributes(request)["http.response.status_code"] == 503
    eventually(lambda: api.send().status_code == 202)


def test_requests_that_share_a_commit_are_linked(serve, collector):
    """A group commit is in the trace of its first request, and names those of the others."""
    server = serve(otlp_endpoint=collector.url)
    apis = [server.client(workspace="w") for _ in range(8)]

    def send(api):
        for _ in range(40):
            assert api.send().status_code == 202

    def named(what):
        return [one for one in collector.spans if one.name == what]

    deadline, sent = time.monotonic() + 60, 0
    while not any(one.links for one in named("append commit")):  # a slow sender may have each request committed alone
        assert time.monotonic() < deadline
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(send, apis))
        sent += 320
        eventually(lambda: len(named("POST /api/v1/events")) == sent)  # noqa: B023 - called at once
    commits = named("append commit")
    requests = {one.span_id for one in named("POST /api/v1/events")}
    assert sum(attributes(one)["immutable.events"] for one in commits) == sent
    told = [one.parent_span_id for one in commits] + [link.span_id for one in commits for link in one.links]
    assert sorted(told) == sorted(requests)
    assert len(commits) < sent


def test_metrics_are_those_of_prometheus(serve, collector):
    """By the same names and with the same numbers, sent again and again, and a last time at the end."""
    server = serve(otlp_endpoint=collector.url)
    api = server.client()
    for _ in range(5):
        assert api.send().status_code == 202

    def queued():
        points = (
            collector.metrics["immutable_events"].sum.data_points if "immutable_events" in collector.metrics else []
        )
        return [one.as_double for one in points if one.attributes[0].value.string_value == "queued"]

    def committed():
        told = collector.metrics.get("immutable_commit_events")
        return [one.count for one in told.histogram.data_points] if told else []

    eventually(lambda: (queued(), committed()) == ([5.0], [5]))
    commits = collector.metrics["immutable_commit_events"].histogram.data_points[0]
    assert commits.count == sum(commits.bucket_counts) == 5
    assert commits.sum == 5
    assert list(commits.explicit_bounds) == [1, 4, 16, 64, 256, 1024, 4096]
    assert list(commits.bucket_counts) == [5, 0, 0, 0, 0, 0, 0, 0]
    assert collector.metrics["immutable_http_request_seconds"].unit == "s"


def test_a_collector_that_is_away_changes_nothing(serve, monkeypatch):
    """Requests are answered, and the server stops in order."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
    server = serve()
    api = server.client()
    assert api.send().status_code == 202
    assert len(api.events()) == 1
    server.process.terminate()
    server.process.wait(120)


def test_off_it_is_not_even_imported(tmp_path):
    """Without an endpoint, OpenTelemetry costs neither memory nor time."""
    script = (
        "import sys; from immutable.settings import Settings; from immutable.services import Services; import immutable.server\n"
        "services = Services(Settings(database_url='sqlite:///' + sys.argv[1] + '/log.db')); services.start(); services.stop()\n"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True, env={}
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("endpoint", "environment", "wanted"),
    [
        ("", {}, False),
        ("http://c:4318", {}, True),
        ("", {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, True),
        ("", {"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://c:4318/v1/metrics"}, True),
        ("http://c:4318", {"OTEL_SDK_DISABLED": "true"}, False),
        ("", {"OTEL_SERVICE_NAME": "log"}, False),
    ],
)
def test_when_it_is_on(endpoint, environment, wanted):
    """By our setting or the standard variables, and off by the standard variable."""
    assert tracing.is_wanted(Settings(otlp_endpoint=endpoint), environment) == wanted


def test_without_the_extra_the_start_says_what_to_install(monkeypatch):
    """Not later, and not silently."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(StartError, match=r"immutable-server\[otel\]"):
        tracing.begin(Settings(otlp_endpoint="http://127.0.0.1:4318"))
