"""Real servers that are killed, starved and lied to, and the record of what they acknowledged."""

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.waiting import PATIENCE, until

from immutable.accounts.api_key import create_key
from immutable.integrity.record import decode_details, decode_record
from immutable.log.verify import verify
from immutable.store.open import open_catalog, open_store

WORKSPACE = "faults"
SILENCE = 1800 * 1_000_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here is marked `faults`."""
    here = Path(__file__).parent
    for item in items:
        if here in Path(item.path).parents:
            item.add_marker(pytest.mark.faults)


@pytest.fixture(scope="session")
def strace() -> str:
    """The path of strace, which injects errors into system calls."""
    found = shutil.which("strace")
    assert found is not None, "These tests need strace: `make test` installs it, or: apt-get install strace"
    return found


class Ledger:
    """What clients were told, and the check that it was true."""

    def __init__(self, url: str, log: Path) -> None:
        self.url = url
        self.log = log
        with closing(open_catalog(url)) as catalog:
            self.key, _ = create_key(catalog, catalog.create_workspace(WORKSPACE), "faults", ("ingest", "read"))
        self.acknowledged: dict[str, tuple[int, str, str]] = {}
        """Marker of an event: its place, hash and id as acknowledged."""
        self._lock = threading.Lock()

    def note(self, markers: list[str], receipts: list[dict[str, Any]]) -> None:
        """Remember what was acknowledged; a marker acknowledged twice must be told the same."""
        with self._lock:
            for marker, receipt in zip(markers, receipts, strict=True):
                told = (receipt["sequence"], receipt["event_hash"], receipt["id"])
                assert self.acknowledged.setdefault(marker, told) == told

    def check(self) -> int:
        """Every acknowledged event is there, once, as acknowledged; the chain and all indexes hold. How many there are."""
        store = open_store(self.url)
        try:
            workspace = store.catalog.workspace(WORKSPACE)
            assert workspace is not None
            head = store.head(workspace)
            stored: dict[str, tuple[int, str, str]] = {}
            for entry in store.entries(workspace, 1, head.seq):
                record, details = decode_record(entry.record), decode_details(entry.details or b"{}")
                assert details.metadata is not None
                marker = details.metadata["marker"]
                assert marker not in stored, f"{marker} is there twice"
                stored[marker] = (entry.seq, entry.event_hash.hex(), record.id)
            assert len(stored) == head.seq
            assert {marker: stored.get(marker) for marker in self.acknowledged} == self.acknowledged
            verdict = verify(store, workspace, 1, head.seq, silence=SILENCE)
            assert verdict.valid, verdict.breaks
            assert verdict.events_checked == head.seq
            return head.seq
        finally:
            store.close()


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """The record of an empty database."""
    return Ledger(f"sqlite:///{tmp_path}/log.db", tmp_path / "server.log")


@contextmanager
def running(
    ledger: Ledger, *wrapper: str, arguments: Sequence[str] = (), **settings: object
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A server on the ledger's database, started through `wrapper`; its address and process. Killed at the end if still there."""
    environment = {**os.environ, "IMMUTABLE_DATABASE_URL": ledger.url}
    environment |= {f"IMMUTABLE_{name.upper()}": str(value) for name, value in settings.items()}
    command = [*wrapper, sys.executable, "-m", "immutable", "serve", "--port", "0", *arguments]
    with (
        ledger.log.open("a") as log,
        subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True
        ) as process,
    ):
        try:
            assert process.stdout is not None
            said = re.search(r"http://\S+", process.stdout.readline())
            assert said is not None, ledger.log.read_text("utf-8")
            yield said[0], process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


class Writer:
    """One keep-alive connection that sends events."""

    def __init__(self, url: str, ledger: Ledger, name: str) -> None:
        self.move_to(url)
        self._ledger = ledger
        self._name = name
        self._count = 0
        self.unanswered: list[dict[str, Any]] = []

    def move_to(self, url: str) -> None:
        """Go on with this server."""
        parts = urlsplit(url)
        self._http = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE)

    def event(self) -> dict[str, Any]:
        """A new event with a marker of its own, which is its idempotency key too."""
        self._count += 1
        marker = f"{self._name}-{self._count}"
        return {
            "actor_id": self._name,
            "action": "document.edited",
            "resource": {"type": "document", "id": f"doc_{self._count % 7}"},
            "session_id": f"sess_{self._name}" if self._count % 3 else None,
            "metadata": {"marker": marker},
            "idempotency_key": marker,
        }

    def send(self, events: list[dict[str, Any]]) -> int:
        """Send one event or a batch; the status. What was acknowledged is noted; what was not stays in `unanswered`."""
        self.unanswered += events
        single = len(events) == 1
        body = json.dumps(events[0] if single else {"events": events})
        path = "/api/v1/events" if single else "/api/v1/events/batch"
        self._http.request("POST", path, body, {"Authorization": f"Bearer {self._ledger.key}"})
        answer = self._http.getresponse()
        content = json.loads(answer.read())
        if answer.status == 202:
            receipts = [content] if single else content["events"]
            self._ledger.note([event["idempotency_key"] for event in events], receipts)
            del self.unanswered[-len(events) :]
        elif answer.status == 503:
            assert int(answer.headers["Retry-After"]) >= 1
            assert content["error"] == "overloaded"
        return answer.status

    def insist(self, events: list[dict[str, Any]]) -> None:
        """Send until it is acknowledged: a database that others wait for as well may take too long at first."""

        def is_acknowledged() -> bool:
            status = self.send(events)
            if status != 202:
                del self.unanswered[-len(events) :]
            return status == 202

        until(is_acknowledged)

    def close(self) -> None:
        """Hang up."""
        self._http.close()


def each(writers: list[Writer], work: Callable[[Writer], None]) -> list[threading.Thread]:
    """Start `work` for each writer in a thread of its own."""
    threads = [threading.Thread(target=work, args=(writer,), daemon=True) for writer in writers]
    for thread in threads:
        thread.start()
    return threads
