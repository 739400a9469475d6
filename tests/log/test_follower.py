"""What follows the log: goes on through trouble, rests when there is nothing to do, and stops in order."""

import threading

import pytest
from tests.waiting import PATIENCE

from immutable.log import follower as follower_module
from immutable.log.follower import Follower


def test_it_goes_on_after_trouble_and_stops_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that raises is tried again; closing waits for the step under way, and no other begins."""
    monkeypatch.setattr(follower_module, "_TROUBLE_SECONDS", 0.001)
    monkeypatch.setattr(follower_module, "_IDLE_SECONDS", 0.001)
    enough = threading.Event()
    steps: list[int] = []

    def step() -> bool:
        steps.append(len(steps))
        if len(steps) == 2:
            raise RuntimeError("out of order")
        if len(steps) >= 6:
            enough.set()
        return len(steps) % 2 == 0

    follower = Follower("test", step, lambda: False)
    follower.start()
    assert enough.wait(PATIENCE)
    follower.close()
    done = len(steps)
    assert done >= 6
    threading.Event().wait(0.02)
    assert len(steps) == done


def test_one_that_was_never_started_can_be_closed() -> None:
    """Closing is no error then."""
    Follower("test", lambda: False, lambda: False).close()
