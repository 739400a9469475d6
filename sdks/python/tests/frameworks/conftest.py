"""What the tests of all frameworks share: our real server, and a log of their own in it."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from getimmutable import ImmutableClient, context


@dataclass
class Trail:
    """A log of one test, and the client that the application is given."""

    client: ImmutableClient

    def events(self, **filters: Any) -> list[dict[str, Any]]:
        """What was tracked, oldest first; waits until it was sent."""
        sink = context._configured
        if sink is not None:
            assert sink.queue.flush(60)
        return [dict(event) for event in self.client.iter_events(order="asc", **filters)]

    def actors(self) -> dict[str, str]:
        """Who did what."""
        return {event["action"]: event["actor_id"] for event in self.events()}


@pytest.fixture
def trail(audit_server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trail]:
    """A log, and nothing configured yet."""
    monkeypatch.setattr(context, "_configured", None)
    client = ImmutableClient(audit_server.key(f"app-{uuid.uuid4().hex[:8]}"), audit_server.url, timeout=60.0)
    yield Trail(client)
    client.close()
