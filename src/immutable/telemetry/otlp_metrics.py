"""Our metrics by OTLP: the very numbers that /metrics shows, read from the same registry when it is time to send them.

So nothing is counted twice, and nothing is done at a request. A counter goes by its name without `_total`, as OpenTelemetry
has it. Each process sends its own, told apart by `service.instance.id`.
"""

import os
import threading
import time
from collections.abc import Iterable, Sequence

import structlog
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Gauge,
    Histogram,
    HistogramDataPoint,
    Metric,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from prometheus_client import Metric as Family
from prometheus_client.registry import REGISTRY
from prometheus_client.samples import Sample

_SINCE_START = AggregationTemporality.CUMULATIVE
_SECONDS = 60.0
_log = structlog.get_logger(__name__)


class MetricSender:
    """Sends all metrics every OTEL_METRIC_EXPORT_INTERVAL milliseconds (a minute), and once more in the end."""

    def __init__(self, endpoint: str | None, resource: Resource) -> None:
        self._exporter = OTLPMetricExporter(endpoint)
        self._resource = resource
        self._began = time.time_ns()
        self._seconds = float(os.environ.get("OTEL_METRIC_EXPORT_INTERVAL") or _SECONDS * 1000) / 1000
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._send_always, name="otlp-metrics", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Send what is left, and stop."""
        self._stopping.set()
        self._thread.join(3)
        self._exporter.shutdown()

    def _send_always(self) -> None:
        is_last = False
        while not is_last:
            is_last = self._stopping.wait(self._seconds)
            try:
                self._exporter.export(self._metrics(), 2_000)
            except Exception:  # noqa: BLE001 - whatever it is, the server goes on, and the next time is soon
                _log.warning("metrics_not_sent", exc_info=True)

    def _metrics(self) -> MetricsData:
        found = metrics_of(REGISTRY.collect(), self._began, time.time_ns())
        scope = ScopeMetrics(InstrumentationScope("immutable"), found, "")
        return MetricsData([ResourceMetrics(self._resource, [scope], "")])


def metrics_of(families: Iterable[Family], began: int, now: int) -> list[Metric]:
    """Prometheus' metrics as OpenTelemetry's; times are in nanoseconds. What has no counterpart is left out."""
    found = []
    for family in families:
        data: Sum | Gauge | Histogram
        if family.type == "counter":
            samples = [one for one in family.samples if one.name.endswith("_total")]
            data = Sum(_numbers(samples, began, now), _SINCE_START, is_monotonic=True)
        elif family.type in ("gauge", "unknown"):
            data = Gauge(_numbers(family.samples, began, now))
        elif family.type == "histogram":
            data = Histogram(_histograms(family.samples, began, now), _SINCE_START)
        else:
            continue
        unit = "s" if family.name.endswith("_seconds") else "By" if family.name.endswith("_bytes") else ""
        found.append(Metric(family.name, family.documentation, unit, data))
    return found


def _numbers(samples: Sequence[Sample], began: int, now: int) -> list[NumberDataPoint]:
    return [NumberDataPoint(dict(one.labels), began, now, one.value) for one in samples]


def _histograms(samples: Sequence[Sample], began: int, now: int) -> list[HistogramDataPoint]:
    """One point for each set of labels; Prometheus' buckets hold all below them, OpenTelemetry's do not."""
    sums: dict[tuple[tuple[str, str], ...], float] = {}
    buckets: dict[tuple[tuple[str, str], ...], list[tuple[float, int]]] = {}
    for one in samples:
        labels = tuple(sorted((name, value) for name, value in one.labels.items() if name != "le"))
        if one.name.endswith("_bucket"):
            buckets.setdefault(labels, []).append((float(one.labels["le"]), int(one.value)))
        elif one.name.endswith("_sum"):
            sums[labels] = one.value
    points = []
    for labels, some in buckets.items():
        some.sort()
        totals = [total for _, total in some]
        counts = [total - before for total, before in zip(totals, [0, *totals], strict=False)]
        bounds = [bound for bound, _ in some[:-1]]
        points.append(
            HistogramDataPoint(
                dict(labels), began, now, totals[-1], sums.get(labels, 0.0), counts, bounds,
                min=None, max=None,  # type: ignore[arg-type]  # optional in the protocol, and not known here
            )
        )  # fmt: skip
    return points
