"""The Python SDK for Immutable, the tamper-evident audit log.

`ImmutableClient` and `AsyncImmutableClient` speak to a server; `client.queue()` sends in the background;
`getimmutable.testing` has a client in memory for the tests of an application.
"""

from getimmutable.async_client import AsyncImmutableClient, AsyncPendingEvent
from getimmutable.client import ImmutableClient
from getimmutable.errors import ImmutableError, QueueClosedError, QueueFullError
from getimmutable.event_queue import EventQueue, QueueCounts, QueueSettings
from getimmutable.ledger import Stats
from getimmutable.pending_event import PendingEvent
from getimmutable.retry import RetryPolicy
from getimmutable.sessions import session_hash
from getimmutable.version import __version__

__all__ = [
    "AsyncImmutableClient",
    "AsyncPendingEvent",
    "EventQueue",
    "ImmutableClient",
    "ImmutableError",
    "PendingEvent",
    "QueueClosedError",
    "QueueCounts",
    "QueueFullError",
    "QueueSettings",
    "RetryPolicy",
    "Stats",
    "__version__",
    "session_hash",
]
