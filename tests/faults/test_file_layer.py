"""An error, a full disk or a kill at every single write and sync of a commit, by a layer beneath SQLite's files."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from immutable.errors import Overloaded
from immutable.integrity.record import decode_record
from immutable.log.append import append_batch
from immutable.log.verify import verify
from immutable.model.event import EventDraft, Receipt
from immutable.store.open import open_store
from immutable.store.sqlite import connection
from immutable.store.sqlite.store import SqliteLogStore

SILENCE = 1800 * 1_000_000
MAX_OPERATIONS = 400


class Plan:
    """At which operation to do what; counts only while armed."""

    def __init__(self) -> None:
        self.at, self.count, self.after = 0, 0, False
        self.act: Callable[[], None] = lambda: None

    def arm(self, at: int, act: Callable[[], None], *, after: bool) -> None:
        """Do `act` at the `at`-th operation from now, before it takes effect or after."""
        self.at, self.count, self.act, self.after = at, 0, act, after

    def around(self, operation: Callable[[], Any]) -> Any:
        """Do the operation, and what is planned for it."""
        self.count += bool(self.at)
        hit = self.at and self.count == self.at
        if hit and not self.after:
            self.act()
        result = operation()
        if hit:
            self.act()
        return result

    @property
    def fired(self) -> bool:
        """Whether the planned operation came."""
        return 0 < self.at <= self.count


class FaultyFile(apsw.VFSFile):
    """A file whose writes, syncs and truncations go through the plan."""

    def __init__(self, plan: Plan, name: Any, flags: list[int]) -> None:
        super().__init__("unix", name, flags)
        self._plan = plan

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - SQLite's name
        """Write."""
        self._plan.around(lambda: super(FaultyFile, self).xWrite(data, offset))

    def xSync(self, flags: int) -> None:  # noqa: N802
        """Sync."""
        self._plan.around(lambda: super(FaultyFile, self).xSync(flags))

    def xTruncate(self, size: int) -> None:  # noqa: N802
        """Truncate."""
        self._plan.around(lambda: super(FaultyFile, self).xTruncate(size))


class FaultyFiles(apsw.VFS):
    """Opens FaultyFiles; the default layer while it lives."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        super().__init__("faulty", "unix", makedefault=True)

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        """Open."""
        return FaultyFile(self._plan, name, flags)


@pytest.fixture
def plan() -> Iterator[Plan]:
    """A plan under which every database is opened."""
    plan = Plan()
    layer = FaultyFiles(plan)
    yield plan
    plan.at = 0
    layer.unregister()


@pytest.fixture(params=[1, 4000], ids=["checkpoint-in-every-commit", "commit-only"])
def template(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A closed database of ten events; with pages for a checkpoint 1, every commit also folds the log into the file."""
    monkeypatch.setattr(connection, "_CHECKPOINT_PAGES", request.param)
    folder = tmp_path / "template"
    folder.mkdir()
    store = open_store(f"sqlite:///{folder / 'log.db'}")
    store.catalog.create_workspace("w")
    append(store, "before", 10)
    store.close()
    return folder


def fresh(template: Path, name: str) -> SqliteLogStore:
    """A store on a copy of the template."""
    folder = template.parent / name
    shutil.copytree(template, folder)
    return open_store(f"sqlite:///{folder / 'log.db'}")


def append(store: SqliteLogStore, name: str, count: int = 5) -> list[Receipt]:
    """Append `count` events whose idempotency keys begin with `name`."""
    drafts = [
        EventDraft(f"actor {number % 2}", "document.edited", resource_type="document", resource_id=f"d{number}",
                   session_id="s" if number % 2 else None, idempotency_key=f"{name}-{number}")
        for number in range(count)
    ]  # fmt: skip
    workspace = store.catalog.workspace("w")
    assert workspace is not None
    with store.append() as transaction:
        return append_batch(transaction, workspace, drafts, now=1_800_000_000_000_000, silence=SILENCE)


def keys_of(store: SqliteLogStore) -> list[str]:
    """The idempotency keys in the log, in its order; the log must verify, sessions and indexes included."""
    workspace = store.catalog.workspace("w")
    assert workspace is not None
    head = store.head(workspace).seq
    verdict = verify(store, workspace, 1, head, silence=SILENCE)
    assert verdict.valid, verdict.breaks
    return [decode_record(entry.record).idempotency_key or "" for entry in store.entries(workspace, 1, head)]


def names(*batches: str) -> list[str]:
    """The keys of the ten events before and of these batches of five."""
    return [f"before-{n}" for n in range(10)] + [f"{name}-{n}" for name in batches for n in range(5)]


def io_error() -> None:
    """The disk fails."""
    raise apsw.IOError("injected")


def disk_full() -> None:
    """The disk is full."""
    raise apsw.FullError("injected")


@pytest.mark.parametrize("after", [False, True], ids=["before-it", "after-it"])
@pytest.mark.parametrize("fault", [io_error, disk_full], ids=["io-error", "disk-full"])
@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # SQLite goes on after some of the faults
def test_an_error_at_every_operation(template: Path, plan: Plan, fault: Callable[[], None], after: bool) -> None:
    """The append is refused as overloaded or holds; the same process then goes on, and a retry adds nothing twice."""
    refused = 0
    for number in range(1, MAX_OPERATIONS):
        store = fresh(template, f"run-{number}")
        append(store, "first")
        plan.arm(number, fault, after=after)
        try:
            told = append(store, "faulted")
        except Overloaded:
            told, refused = [], refused + 1
        fired = plan.fired
        plan.at = 0
        again = append(store, "faulted")
        if told:
            assert [(one.id, one.seq, one.event_hash) for one in again] == [(o.id, o.seq, o.event_hash) for o in told]
        append(store, "last")
        assert keys_of(store) == names("first", "faulted", "last")
        store.close()
        reopened = open_store(f"sqlite:///{template.parent / f'run-{number}' / 'log.db'}")
        assert keys_of(reopened) == names("first", "faulted", "last")
        reopened.close()
        shutil.rmtree(template.parent / f"run-{number}")
        if not fired:
            break
    assert not fired, "the commit has more operations than were tried"
    assert refused > 2


@pytest.mark.parametrize("after", [False, True], ids=["before-it", "after-it"])
@pytest.mark.filterwarnings(
    "ignore::DeprecationWarning"
)  # a fork beside pytest-xdist's threads; the child only appends
def test_a_kill_at_every_operation(template: Path, plan: Plan, after: bool) -> None:
    """After the restart the batch is there whole or not at all, there if it was acknowledged, and the chain holds."""
    acknowledged = 0
    for number in range(1, MAX_OPERATIONS):
        folder = template.parent / f"run-{number}"
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                store = fresh(template, folder.name)
                append(store, "first")
                plan.arm(number, lambda: os._exit(9), after=after)
                append(store, "faulted")
                os.write(writing, b"acknowledged")
                code = 0
            finally:
                os._exit(code)
        os.close(writing)
        told = os.read(reading, 100)
        os.close(reading)
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) in (0, 9)
        store = open_store(f"sqlite:///{folder / 'log.db'}")
        keys = keys_of(store)
        assert keys in (names("first"), names("first", "faulted"))
        if told:
            acknowledged += 1
            assert keys == names("first", "faulted")
        append(store, "faulted")
        append(store, "last")
        assert keys_of(store) == names("first", "faulted", "last")
        store.close()
        shutil.rmtree(folder)
        if os.waitstatus_to_exitcode(status) == 0:
            break
    assert os.waitstatus_to_exitcode(status) == 0, "the commit has more operations than were tried"
    assert acknowledged == 1
    assert number > 3
