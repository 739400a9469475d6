"""From an exception to the JSON answer `{"error", "message", "errors"?}`: in one place, whatever the cause."""

import msgspec
import structlog

from immutable.api.answer import Answer
from immutable.errors import ImmutableError, InvalidEvent, Overloaded, RateLimited, Unauthenticated

_log = structlog.get_logger(__name__)


def answer_to(error: Exception, request_id: str = "") -> Answer:
    """The answer for an error. One that is not ours is logged whole and told to the client as nothing but 500."""
    if not isinstance(error, ImmutableError):
        _log.error("request_failed", request_id=request_id, exc_info=error)
        error = ImmutableError(
            f"Something went wrong on the server; its log has the details under request {request_id}."
        )
    content: dict[str, object] = {"error": error.code, "message": error.message}
    headers: list[tuple[bytes, bytes]] = []
    if isinstance(error, InvalidEvent):
        content["errors"] = error.errors
    if isinstance(error, Overloaded | RateLimited):
        headers.append((b"retry-after", str(error.retry_after).encode()))
    if isinstance(error, Unauthenticated):
        headers.append((b"www-authenticate", b"Bearer"))
    return Answer(error.status, msgspec.json.encode(content), headers)
