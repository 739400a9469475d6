"""Waiting for what has to happen: as long as a busy machine may take, which costs nothing where it happens at once."""

import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE = 120.0
"""Seconds. Whoever waits for an answer or for a condition in a test waits so long, and no less."""

Found = TypeVar("Found")


def until(condition: Callable[[], Found], told: object = "It did not happen.") -> Found:
    """What the condition gives once that is true; fails with what is `told` where it never is."""
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, told
        time.sleep(0.05)
    return found
