"""The trace that OpenTelemetry has active here. Nothing is imported for it: whoever has a span has imported it."""

import sys


def active_trace() -> str | None:
    """The active span's trace id as W3C writes it, 32 hex digits; None without one."""
    api = sys.modules.get("opentelemetry.trace")
    if api is None:
        return None
    span = api.get_current_span().get_span_context()
    return f"{span.trace_id:032x}" if span.is_valid else None
