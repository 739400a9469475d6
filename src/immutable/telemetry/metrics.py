"""Every metric, named once. Exposed as Prometheus text at /metrics."""

from functools import lru_cache

from prometheus_client import Counter, Gauge, Histogram

EVENTS = Counter("immutable_events_total", "Events answered, by status.", ["status"])
REQUESTS = Counter(
    "immutable_http_requests_total", "HTTP answers, by method, route and status.", ["method", "route", "status"]
)
REQUEST_SECONDS = Histogram(
    "immutable_http_request_seconds",
    "Time to answer a request, by route.",
    ["route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
PUSHBACK = Counter("immutable_pushback_total", "Requests refused with 503 because too many events were waiting.")
COMMIT_SECONDS = Histogram(
    "immutable_commit_seconds",
    "Time of one group commit.",
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1),
)
COMMIT_EVENTS = Histogram(
    "immutable_commit_events", "Events in one group commit.", buckets=(1, 4, 16, 64, 256, 1024, 4096)
)
INDEX_LAG = Gauge("immutable_text_index_lag_events", "Events that the text index does not hold yet.")
VERIFY_BREAKS = Counter("immutable_verify_breaks_total", "Breaks that verifications have found.")


@lru_cache(maxsize=1024)
def _request_metrics(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    return REQUESTS.labels(method, route, str(status)), REQUEST_SECONDS.labels(route)


def observe_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answer. Methods that nobody serves count as one, so that a client cannot make labels up."""
    counted = method if method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} else "other"
    counter, histogram = _request_metrics(counted, route, status)
    counter.inc()
    histogram.observe(seconds)
