"""The errors a user can meet, each with the HTTP status and code of the contract.

    ImmutableError
    ├── BadRequest          400  malformed JSON, parameter or cursor
    ├── Unauthenticated     401
    ├── Forbidden           403  scope not held, or address not allowed
    ├── NotFound            404
    ├── MethodNotAllowed    405
    ├── RequestTimeout      408  the body did not arrive in time
    ├── Conflict            409
    ├── Expired             410  it was there, and is over
    ├── TooLarge            413
    ├── InvalidEvent        422  carries the field errors
    ├── RateLimited         429  carries the seconds to wait
    ├── HeadTooLarge        431  the request's line and headers are too long
    ├── Overloaded          503  carries the seconds to wait
    └── StartError          -    the process refuses to start; for the console

HTTP answers are made from them in `api/problems.py` and nowhere else.
"""

from collections.abc import Mapping, Sequence


class ImmutableError(Exception):
    """Something went wrong that the caller can act on; `message` says how."""

    status = 500
    code = "internal_error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class BadRequest(ImmutableError):
    """The request cannot be read: malformed JSON, parameter or cursor."""

    status = 400
    code = "bad_request"


class Unauthenticated(ImmutableError):
    """No key, an unknown key, or a revoked one."""

    status = 401
    code = "unauthenticated"


class Forbidden(ImmutableError):
    """The key is good but may not do this."""

    status = 403
    code = "forbidden"


class NotFound(ImmutableError):
    """There is no such thing in this workspace."""

    status = 404
    code = "not_found"


class MethodNotAllowed(ImmutableError):
    """The path exists; the verb does not."""

    status = 405
    code = "method_not_allowed"


class RequestTimeout(ImmutableError):
    """The client sent its body too slowly."""

    status = 408
    code = "request_timeout"


class Conflict(ImmutableError):
    """The thing is in a state that does not allow this."""

    status = 409
    code = "conflict"


class Expired(ImmutableError):
    """It was there, and is over: expired or revoked."""

    status = 410
    code = "expired"


class TooLarge(ImmutableError):
    """The body is larger than the limit."""

    status = 413
    code = "payload_too_large"


class InvalidEvent(ImmutableError):
    """Validation failed; `errors` maps a field path to what is wrong with it."""

    status = 422
    code = "validation_failed"

    def __init__(self, message: str, errors: Mapping[str, Sequence[str]]) -> None:
        super().__init__(message)
        self.errors = {path: list(texts) for path, texts in errors.items()}


class RateLimited(ImmutableError):
    """More came than the operator allows; nothing was stored; try again after `retry_after` seconds."""

    status = 429
    code = "rate_limited"

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class HeadTooLarge(ImmutableError):
    """The request's line and headers are larger than the limit."""

    status = 431
    code = "headers_too_large"


class Overloaded(ImmutableError):
    """Nothing was stored; try again after `retry_after` seconds."""

    status = 503
    code = "overloaded"

    def __init__(self, message: str, retry_after: int = 1) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class StartError(ImmutableError):
    """The process refuses to start; the message says what to do."""

    code = "cannot_start"
