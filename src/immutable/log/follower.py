"""A thread that does work behind the log, step by step, and rests when there is none."""

import threading
import time
from collections.abc import Callable

import structlog

from immutable.errors import Overloaded

_log = structlog.get_logger(__name__)

_IDLE_SECONDS = 0.2
_TROUBLE_SECONDS = 5.0
_REST = 1
_REST_WHEN_BUSY = 15
"""Seconds of rest for each second of work: requests come before what is built behind the log."""


class Follower:
    """Calls `step` until it says that nothing is left, then waits a little and asks again.

    While `is_busy` says that the log takes all the machine has, it works only a little. A step that raises is logged
    and tried again later: a follower must neither end nor stop the log.
    """

    def __init__(self, name: str, step: Callable[[], bool], is_busy: Callable[[], bool]) -> None:
        self._name = name
        self._step = step
        self._is_busy = is_busy
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"follower-{name}", daemon=True)

    def start(self) -> None:
        """Start following."""
        self._thread.start()

    def close(self) -> None:
        """Finish the step under way, then stop."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        pause = 0.0
        while not self._stopping.wait(pause):
            started = time.monotonic()
            try:
                more = self._step()
            except Overloaded as error:  # the database is away, and says why
                _log.warning("follower_waits", follower=self._name, error=error.message)
                pause = _TROUBLE_SECONDS
                continue
            except Exception:  # noqa: BLE001 - see the class
                _log.exception("follower_failed", follower=self._name)
                pause = _TROUBLE_SECONDS
                continue
            rest = _REST_WHEN_BUSY if self._is_busy() else _REST
            pause = (time.monotonic() - started) * rest if more else _IDLE_SECONDS
