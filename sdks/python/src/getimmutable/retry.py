"""When a failed request is sent again, and after how long. Pure, but for the dice."""

import dataclasses
import random


@dataclasses.dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential backoff with jitter, bounded in number and in time.

    The delays grow from `first_delay_seconds`, doubling up to `longest_delay_seconds`, each cut by up to half at
    random. A `Retry-After` of the server counts instead where it is longer. No retry begins later than
    `total_seconds` after the first try; one that would have to is not waited for. `RetryPolicy(retries=0)` never
    retries.
    """

    retries: int = 3
    first_delay_seconds: float = 0.1
    longest_delay_seconds: float = 5.0
    total_seconds: float = 20.0

    def delay(self, *, retries_done: int, elapsed_seconds: float, retry_after: float | None) -> float | None:
        """Seconds to wait before the next try; None to give up."""
        if retries_done >= self.retries:
            return None
        # The exponent is bounded because 2.0**1024 overflows, and a queue retries for as long as it is told to.
        backoff = min(self.longest_delay_seconds, self.first_delay_seconds * 2.0 ** min(retries_done, 60))
        delay = backoff * random.uniform(0.5, 1.0)  # noqa: S311 - spreads clients out, guards nothing
        if retry_after is not None:
            delay = max(delay, retry_after)
        return delay if elapsed_seconds + delay <= self.total_seconds else None
