"""A log in a file of its own, and something that keeps it from being written."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import apsw
import pytest
from tests.logs import Log, open_log
from tests.waiting import PATIENCE


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    """An empty log."""
    with open_log(tmp_path / "log.db") as opened:
        yield opened


Blocked = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def blocked(log: Log) -> Blocked:
    """Within this no commit can begin: another connection holds the lock."""

    @contextmanager
    def block() -> Iterator[None]:
        connection = apsw.Connection(str(log.store.database.path))
        connection.set_busy_timeout(int(PATIENCE * 1_000))
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")
        connection.close()

    return block
