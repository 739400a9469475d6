"""What the lookup index is given from memory: what was committed, and nothing else."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from unittest import mock

from tests.logs import SILENCE, event
from tests.store.contract.conftest import NewLog

from immutable.log.append import append_batch
from immutable.store.log_store import AppendTransaction, LogStore
from immutable.store.sqlite.store import SqliteLogStore


class Ending:
    """Whatever lets one thread append, and at whose very end something else happens."""

    def __init__(self, appending: AbstractContextManager[object], then: Callable[[], None]) -> None:
        self._appending = appending
        self._then = then

    def __enter__(self) -> object:
        return self._appending.__enter__()

    def __exit__(self, *error: object) -> None:
        self._appending.__exit__(*error)  # type: ignore[arg-type]
        self._then()


def test_another_transaction_may_begin_as_soon_as_one_has_ended(store: LogStore, new_log: NewLog) -> None:
    """Its events are not found before it has committed, nor when it never does; what is appended after it is."""
    one, other = new_log(), new_log()
    other.append(event())
    assert other.found(actor_id="doomed") == []  # from here on the index has the workspace in memory
    begun: list[AbstractContextManager[AppendTransaction]] = []

    def begin() -> None:
        if not begun:
            begun.append(store.append())
            drafts = [event(actor_id="doomed")]
            append_batch(begun[0].__enter__(), other.workspace, drafts, now=other.now, silence=SILENCE)

    with ending(store, begin):
        one.append(event())
        begun[0].__exit__(ZeroDivisionError, ZeroDivisionError(), None)
    other.append(event(actor_id="second"))
    assert [other.found(actor_id=name) for name in ("doomed", "second")] == [[], [2]]


def ending(store: LogStore, then: Callable[[], None]) -> AbstractContextManager[object]:
    """Do something whenever somebody who appended lets others append."""
    if isinstance(store, SqliteLogStore):
        return mock.patch.object(store, "_appending", Ending(store._appending, then))
    appenders = store._appenders  # type: ignore[attr-defined]
    return mock.patch.object(store, "_appenders", mock.Mock(one=lambda: Ending(appenders.one(), then)))
