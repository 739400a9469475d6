"""Counts and times of HTTP requests, kept in plain numbers and given to Prometheus when it asks.

prometheus_client's own counters take a lock each; at tens of thousands of requests a second that was a tenth of the
time of a request. Only the event loop's thread counts here, so no lock is needed.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import REGISTRY, Collector

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class _RouteTimes:
    """How long the answers of one route took."""

    __slots__ = ("counts", "seconds")

    def __init__(self) -> None:
        self.counts = [0] * (len(BUCKETS) + 1)
        self.seconds = 0.0

    def cumulative(self) -> Iterator[tuple[str, float]]:
        """Prometheus buckets: each with all below it."""
        total = 0
        for bound, count in zip((*map(str, BUCKETS), "+Inf"), self.counts, strict=True):
            total += count
            yield bound, total


class RequestMetrics(Collector):
    """immutable_http_requests_total and immutable_http_request_seconds."""

    def __init__(self) -> None:
        self._answers: dict[tuple[str, str, int], int] = {}
        self._times: dict[str, _RouteTimes] = {}

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer. Methods that nobody serves count as one, so that a client cannot make labels up."""
        answer = (method if method in _METHODS else "other", route, status)
        self._answers[answer] = self._answers.get(answer, 0) + 1
        times = self._times.get(route)
        if times is None:
            times = self._times[route] = _RouteTimes()
        times.counts[bisect_left(BUCKETS, seconds)] += 1
        times.seconds += seconds

    def collect(self) -> Iterable[Metric]:
        """What Prometheus reads."""
        requests = CounterMetricFamily(
            "immutable_http_requests",
            "HTTP answers, by method, route and status.",
            labels=["method", "route", "status"],
        )
        for (method, route, status), count in list(self._answers.items()):
            requests.add_metric([method, route, str(status)], count)
        yield requests
        seconds = HistogramMetricFamily(
            "immutable_http_request_seconds", "Time to answer a request, by route.", labels=["route"]
        )
        for route, times in list(self._times.items()):
            seconds.add_metric([route], buckets=list(times.cumulative()), sum_value=times.seconds)
        yield seconds


REQUESTS = RequestMetrics()
REGISTRY.register(REQUESTS)
