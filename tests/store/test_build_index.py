"""What is built behind the log costs one question a turn where nobody appends, however many workspaces there are."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.logs import Log, event

from immutable.store.build_index import IndexBuilder
from immutable.store.sqlite.store import SqliteLogStore


class Counting:
    """A reader that notes what it is asked."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        self.asked.append(name)
        return getattr(self._reader, name)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteLogStore]:
    """A store of its own."""
    with closing(SqliteLogStore(tmp_path / "log.db")) as opened:
        yield opened


def test_an_idle_turn_is_one_question(store: SqliteLogStore) -> None:
    """And a turn after one workspace was written to asks about that one alone."""
    logs = [Log(store, f"log {number}") for number in range(30)]
    for log in logs[:20]:
        log.append(event())
    builder, reader = IndexBuilder(store.index), Counting(store.reader())
    workspaces = [log.workspace for log in logs]

    def turn() -> list[str]:
        reader.asked.clear()
        assert builder.step(reader, store._index_writer, workspaces) == (False, 0)  # type: ignore[arg-type]
        return reader.asked

    assert len(turn()) > 30
    assert turn() == ["heads"]
    logs[3].append(event())
    assert 1 < len(turn()) < 20
    assert turn() == ["heads"]


def test_a_turn_that_left_something_is_followed_by_another(store: SqliteLogStore) -> None:
    """Until all of it is built."""
    log = Log(store, "log")
    log.append(*[event() for _ in range(2_500)])
    builder = IndexBuilder(store.index)
    lags = [builder.step(store.reader(), store._index_writer, [log.workspace]) for _ in range(4)]
    assert lags == [(True, 1_500), (True, 500), (False, 0), (False, 0)]
