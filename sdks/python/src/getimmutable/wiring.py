"""What both clients are made of beside their transport: where to, counters, spool, the secret of session hashes."""

import os
import weakref
from collections.abc import Callable
from typing import Self

from getimmutable.event_queue import EventQueue, OnUnsent, QueueSettings, log_unsent
from getimmutable.ledger import Ledger, Stats
from getimmutable.replay import Replay
from getimmutable.sessions import session_hash
from getimmutable.spool import MAX_BYTES, Spool
from getimmutable.transport import Attempts, Destination

SESSION_SECRET = "IMMUTABLE_SESSION_SECRET"  # noqa: S105 - the name of an environment variable


class Wiring:
    """The parts of a client that do not depend on whether its calls are awaited."""

    def __init__(self, destination: Destination) -> None:
        self.destination = destination
        self.ledger = Ledger(None)
        self.queues: weakref.WeakSet[EventQueue] = weakref.WeakSet()  # one that is open lives by itself
        self._spool: Spool | None = None
        self._replay: Replay | None = None
        self._on_give_up: OnUnsent = log_unsent
        self._session_secret = os.environ.get(SESSION_SECRET) or destination.api_key

    def with_options(
        self,
        *,
        producer: str | None,
        session_secret: str | None,
        spool_dir: "str | os.PathLike[str] | None",
        spool_max_bytes: int | None,
        on_give_up: OnUnsent | None,
    ) -> Self:
        """Take what the user gave. Raises ValueError or OSError for what cannot work."""
        self.ledger = Ledger(producer)
        self._session_secret = session_secret or self._session_secret
        self._on_give_up = on_give_up or log_unsent
        if spool_dir is not None:
            self._spool = Spool(spool_dir, MAX_BYTES if spool_max_bytes is None else spool_max_bytes)
        return self

    def start(self, open_transport: Callable[[], Attempts]) -> None:
        """Begin to replay the spool, over connections of its own."""
        if self._spool is not None:
            self._replay = Replay(self._spool, open_transport(), self.ledger, self._on_give_up)

    def open_queue(self, transport: Attempts, settings: QueueSettings | None, on_unsent: OnUnsent | None) -> EventQueue:
        """A queue whose events are counted with the client's."""
        queue = EventQueue(transport, settings, on_unsent or self._on_give_up, ledger=self.ledger, spool=self._spool)
        self.queues.add(queue)
        return queue

    @property
    def stats(self) -> Stats:
        """The counters as they are now."""
        return self.ledger.stats

    def session_hash(self, session_id: str) -> str:
        """What is sent for a session id that was captured automatically."""
        return session_hash(session_id, self._session_secret)

    def close(self) -> None:
        """Send what the queues hold, and close them and the replay."""
        for queue in list(self.queues):
            queue.close()
        if self._replay is not None:
            self._replay.close()
