"""A log to tamper with: two workspaces, all kinds of events and sessions, sealed epochs and an indexed text."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest
from tests.logs import MINUTE, START, Log, event, open_log, small_epochs

from immutable.integrity.verify import Break
from immutable.log.verify import Verdict
from immutable.model.event import Target
from immutable.store.sqlite.store import SqliteLogStore

EVENTS = 27
"""Three sealed epochs of eight, and three events that are in none; texts are indexed as far as event 26."""

BASE = 1 << 40
"""What a place of the first workspace is counted from in the file; the other workspace's is twice that."""


class Victim:
    """A copy of the log, open as a server has it, and someone who can write to its files."""

    def __init__(self, log: Log, ids: list[str]) -> None:
        self.log = log
        self.ids = ids
        self._intruder = apsw.Connection(str(log.store.database.path))
        self._intruder.execute("ATTACH ? AS idx", (str(log.store.database.index_path),))
        self._intruder.execute("PRAGMA foreign_keys=OFF")

    def edit(self, sql: str, *values: Any) -> list[Any]:
        """Run statements as an intruder does, without the triggers that guard against our own mistakes."""
        triggers: list[Any] = self._intruder.execute(
            "SELECT name, sql FROM sqlite_schema WHERE type='trigger'"
        ).fetchall()
        for name, _ in triggers:
            self._intruder.execute(f"DROP TRIGGER {name}")
        rows = self._intruder.execute(sql, values).fetchall()
        for _, statement in triggers:
            self._intruder.execute(statement)
        return rows

    def close(self) -> None:
        """Close the intruder's connection."""
        self._intruder.close()

    def restart(self) -> None:
        """Open the edited files again, as a server does that is started on them."""
        path = self.log.store.database.path
        self.log.store.database.reader().close()
        self.log.store.close()
        self.log = Log(SqliteLogStore(path))

    def verify(self) -> Verdict:
        """Verify as a server does whose files were edited under it."""
        return self.log.verify()

    def breaks(self) -> list[Break]:
        """What verification finds; it must find something."""
        verdict = self.verify()
        assert not verdict.valid
        assert verdict.breaks
        assert all(one.message for one in verdict.breaks)
        return verdict.breaks

    def broken_places(self) -> set[int]:
        """The places that verification names."""
        return {one.sequence for one in self.breaks()}


def fill(log: Log) -> list[str]:
    """Named and inferred sessions of several actors, with keys, resources and targets; the events' ids."""
    ids = []
    for number in range(1, EVENTS + 1):
        happened = event(
            actor_id=f"u{number % 3}",
            actor_name=f"Name {number % 3}",
            action="doc.deleted" if number % 5 == 0 else "doc.viewed",
            session_id=None if number % 2 else f"s{number % 6}",
            occurred_at=START + number * (40 if number % 9 == 0 else 1) * MINUTE,
            idempotency_key=f"k{number}" if number % 4 == 0 else None,
            tenant_id="acme" if number % 6 else None,
            resource_type="doc",
            resource_id=f"d{number % 4}",
            targets=(Target("folder", "f1"),) if number % 7 == 0 else (),
            ip_country="DE",
            user_agent="curl/8",
        )
        ids += [receipt.id for receipt in log.append(happened)]
        if number == EVENTS - 1:
            log.settle()
    return ids


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, list[str]]]:
    """The untouched files and the ids of the events; epochs are small while a module's tests run."""
    path = tmp_path_factory.mktemp("original") / "log.db"
    with small_epochs():
        with open_log(path) as log:
            fill(Log(log.store, "other"))
            ids = fill(log)
        yield path, ids


@pytest.fixture
def victim(original: tuple[Path, list[str]], tmp_path: Path) -> Iterator[Victim]:
    """A copy of the log to tamper with."""
    path, ids = original
    shutil.copy(path, tmp_path / "log.db")
    shutil.copy(f"{path}.index", tmp_path / "log.db.index")
    with open_log(tmp_path / "log.db") as log:
        victim = Victim(log, ids)
        yield victim
        victim.close()
        victim.log.store.close()
