"""OpenTelemetry: spans of requests, reads and commits, and our metrics, sent by OTLP over HTTP. Off unless it is wanted.

This module is imported always; OpenTelemetry itself (the extra `otel`) only where it is switched on, by `otlp_endpoint` or the
standard OTEL_ variables. Whoever may be traced holds a `Tracing | None`, and None costs one comparison.
Spans carry route, status and counts: never an event's content, never a key.
"""

import importlib.util
import logging
import os
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING

import structlog

from immutable.errors import StartError
from immutable.settings import Settings
from immutable.telemetry import logs

if TYPE_CHECKING:
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.trace import Span, SpanContext

_ENDPOINTS = (
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_FLUSH_SECONDS = 3.0
_MOST_LINKS = 128

_log = structlog.get_logger(__name__)


def is_wanted(settings: Settings, environment: Mapping[str, str]) -> bool:
    """Whether traces and metrics are to be sent anywhere."""
    if environment.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return False
    return bool(settings.otlp_endpoint) or any(environment.get(name) for name in _ENDPOINTS)


def begin(settings: Settings) -> "Tracing | None":
    """Start tracing where it is wanted. Raises StartError where OpenTelemetry is not installed."""
    if not is_wanted(settings, os.environ):
        return None
    if importlib.util.find_spec("opentelemetry") is None or importlib.util.find_spec("opentelemetry.sdk") is None:
        raise StartError(
            "Traces and metrics are to be sent by OTLP, but OpenTelemetry is not installed: "
            "pip install 'immutable-server[otel]', or unset IMMUTABLE_OTLP_ENDPOINT and the OTEL_EXPORTER_OTLP_ variables."
        )
    if "http" not in os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"):
        _log.warning("otlp_protocol_ignored", sent="http/protobuf")
    return Tracing(settings.otlp_endpoint.rstrip("/"))


class Tracing:
    """Makes spans, and sends them and the metrics until it is closed."""

    def __init__(self, endpoint: str) -> None:
        """`endpoint`: http://collector:4318; empty where the OTEL_ variables name it."""
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        from immutable.telemetry.otlp_metrics import MetricSender

        self._trace = trace
        self._extract = TraceContextTextMapPropagator().extract
        resource = _resource()
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._exporter = None
        if os.environ.get("OTEL_TRACES_EXPORTER", "otlp") != "none":
            self._exporter = OTLPSpanExporter(f"{endpoint}/v1/traces" if endpoint else None)
            self._provider.add_span_processor(BatchSpanProcessor(self._exporter))
        self._tracer = self._provider.get_tracer("immutable", version("immutable-server"))
        self._metrics = None
        if os.environ.get("OTEL_METRICS_EXPORTER", "otlp") != "none":
            self._metrics = MetricSender(f"{endpoint}/v1/metrics" if endpoint else None, resource)
        logging.getLogger("opentelemetry").setLevel(logging.ERROR)  # not every try at a collector that is away
        logs.note_with(self._ids)

    def close(self) -> None:
        """Send what is left, within a few seconds, and stop."""
        if self._metrics is not None:
            self._metrics.close()
        # The SDK's own time limits do not hold while a collector that is away is tried again.
        flushing = threading.Thread(target=self._provider.force_flush, daemon=True)
        flushing.start()
        flushing.join(_FLUSH_SECONDS)
        if self._exporter is not None:
            self._exporter.shutdown()  # type: ignore[no-untyped-call]
        self._provider.shutdown()

    @contextmanager
    def request(self, method: str, route: str, headers: Sequence[tuple[bytes, bytes]]) -> Iterator["Span"]:
        """The span of one request, in the caller's trace where it sends a W3C `traceparent`."""
        carrier = {
            name.decode(): value.decode("latin-1") for name, value in headers if name in (b"traceparent", b"tracestate")
        }
        method = method if method in _METHODS else "_OTHER"
        with self._tracer.start_as_current_span(
            f"{method} {route}",
            context=self._extract(carrier) if carrier else None,
            kind=self._trace.SpanKind.SERVER,
            attributes={"http.request.method": method, "http.route": route},
        ) as span:
            yield span

    def answered(self, span: "Span", status: int, request_id: str) -> None:
        """Note how a request ended."""
        span.set_attribute("http.response.status_code", status)
        span.set_attribute("immutable.request_id", request_id)
        if status >= 500:
            span.set_status(self._trace.StatusCode.ERROR)

    @contextmanager
    def span(self, name: str) -> Iterator[None]:
        """A span within the current one."""
        with self._tracer.start_as_current_span(name):
            yield

    def current(self) -> "SpanContext | None":
        """What a commit needs to know of the request whose events it takes."""
        context = self._trace.get_current_span().get_span_context()
        return context if context.is_valid else None

    @contextmanager
    def commit(self, requests: Sequence["SpanContext | None"], events: int) -> Iterator["Span"]:
        """The span of one group commit: in the trace of its first request, linked to those of the others."""
        trace = self._trace
        traced = [one for one in requests if one is not None]
        parent = trace.set_span_in_context(trace.NonRecordingSpan(traced[0])) if traced else None
        with self._tracer.start_as_current_span(
            "append commit",
            context=parent,
            kind=trace.SpanKind.INTERNAL,
            attributes={"immutable.events": events, "immutable.requests": len(requests)},
            links=[trace.Link(one) for one in traced[1 : _MOST_LINKS + 1]],
        ) as span:
            yield span

    def failed(self, span: "Span") -> None:
        """Note that it did not work."""
        span.set_status(self._trace.StatusCode.ERROR)

    def _ids(self) -> dict[str, str]:
        """The ids of the span that is active, for a line of the log."""
        context = self._trace.get_current_span().get_span_context()
        if not context.is_valid:
            return {}
        return {"trace_id": f"{context.trace_id:032x}", "span_id": f"{context.span_id:016x}"}


def _resource() -> "Resource":
    from opentelemetry.sdk.resources import Resource

    own = {"service.version": version("immutable-server"), "service.instance.id": str(uuid.uuid4())}
    named = "OTEL_SERVICE_NAME" in os.environ or "service.name=" in os.environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    return Resource.create(own if named else {"service.name": "immutable", **own})
