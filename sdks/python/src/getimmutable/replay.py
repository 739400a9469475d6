"""Sends what lies in the spool: what an earlier process left there at once, what is written later as soon as it can be."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from getimmutable.delivery import deliver, is_lasting
from getimmutable.errors import ImmutableError
from getimmutable.ledger import Ledger
from getimmutable.retry import RetryPolicy
from getimmutable.spool import Spool
from getimmutable.transport import Attempts
from getimmutable.types import EventPayload

OnGiveUp = Callable[[list[EventPayload], ImmutableError], None]
"""Is told which events were given up, and why."""

_BATCH = 100
_PAUSE_SECONDS = 2.0
_ONCE = RetryPolicy(retries=0)
_log = logging.getLogger("getimmutable")


class Replay:
    """A thread that empties the spool. A file goes only after the fate of all its events is known.

    Two processes on one spool may send a file both: its events' keys let the server store them once.
    """

    def __init__(self, spool: Spool, transport: Attempts, ledger: Ledger, on_give_up: OnGiveUp) -> None:
        self._spool, self._transport, self._ledger, self._on_give_up = spool, transport, ledger, on_give_up
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="getimmutable-spool", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End it; what is not sent stays in the spool."""
        self._closing.set()
        self._transport.close()

    def _work(self) -> None:
        while True:
            try:
                for file in self._spool.files():
                    if self._closing.is_set() or not self._send(file):
                        break
            except Exception:  # noqa: BLE001 - the disk's trouble, or the hook's; the files are still there
                _log.exception("the spool could not be replayed; it is tried again")
            if self._closing.wait(_PAUSE_SECONDS):
                return

    def _send(self, file: Path) -> bool:
        """Whether the file was settled; if not, the server is away, and the file stays."""
        events, unreadable = self._spool.read(file)
        sent, refused = 0, list[tuple[list[EventPayload], ImmutableError]]()
        for start in range(0, len(events), _BATCH):
            for fate, error in deliver(
                events[start : start + _BATCH], self._transport, _ONCE, lambda _delay, _failure: False
            ):
                if error is None:
                    sent += len(fate)
                elif is_lasting(error):
                    refused.append((fate, error))
                else:
                    return False
        self._spool.remove(file)
        self._ledger.count("queued", len(events))
        self._ledger.count("sent", sent)
        if unreadable:
            _log.error("%d lines of the spool's file %s were no events", unreadable, file.name)
        for fate, error in refused:
            self._ledger.count("given_up", len(fate))
            self._on_give_up(fate, error)
        return True
