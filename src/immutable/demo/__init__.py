"""What `immutable demo` loads: ticket #4821, the others at work around it, and where their addresses are. Data only."""

import heapq
from collections.abc import Iterator
from typing import Any

from immutable.demo import background, ticket_4821


def events(others: int = 50_000) -> Iterator[dict[str, Any]]:
    """The ticket's events among `others`, in the order in which they occurred, in the wire form of POST /events."""
    return heapq.merge(background.events(others), ticket_4821.events(), key=lambda event: event["occurred_at"])
