"""What this package raises: ImmutableError, and its two kinds that come from the background queue."""

from typing import Any


class ImmutableError(Exception):
    """A request failed. `str(error)` is the server's error code, or its message, or what went wrong on the way.

    `status_code` is 0 where no answer came. `response_data` is the JSON of the answer, `{}` where it had none.
    `retry_after` is the number of seconds that the server asked to wait, if it did.
    """

    def __init__(
        self,
        message: str,
        status_code: int = 0,
        response_data: dict[str, Any] | None = None,
        *,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status_code = status_code
        self.response_data: dict[str, Any] = response_data or {}
        self.retry_after = retry_after
        if self.message != message:
            self.add_note(self.message)

    @property
    def message(self) -> str:
        """The server's sentence about what to do; without one, the same as `str(error)`."""
        sentence = self.response_data.get("message")
        return sentence if isinstance(sentence, str) else str(self)

    @property
    def errors(self) -> dict[str, list[str]]:
        """What is wrong with which field, where the server refused an event; otherwise empty."""
        errors = self.response_data.get("errors")
        return errors if isinstance(errors, dict) else {}


class QueueFullError(ImmutableError):
    """The background queue had no room within its time. The event was not taken: it is the caller's to keep."""


class QueueClosedError(ImmutableError):
    """The background queue was closed. The event was not taken, or not sent before the time to close was over."""
