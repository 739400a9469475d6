"""Our server as the benchmarks run it: on a fresh database, or on one that is filled first; and with an empty store."""

import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks import serving, workload
from immutable import clock
from immutable.geo.locate import Locator
from immutable.log.append import append_batch
from immutable.model.event import EventDraft
from immutable.store.open import open_store
from immutable.store.sqlite.store import SqliteLogStore

WORKSPACE = "bench"
SILENCE = 1800 * 1_000_000
_COMMIT_EVENTS = 1_000


@dataclass(frozen=True)
class Running:
    """The server, listening: where, as which process, with which key."""

    base_url: str
    pid: int
    key: str


def url_of(directory: Path) -> str:
    """The database URL of a log in `directory`."""
    return f"sqlite:///{directory.resolve() / 'bench.db'}"


@contextmanager
def running(directory: Path) -> Iterator[Running]:
    """`immutable serve` on the log in `directory`, with all settings at their defaults."""
    env = {"IMMUTABLE_DATABASE_URL": url_of(directory)}
    command = [sys.executable, "-m", "immutable"]
    key = subprocess.run(
        [*command, "keys", "create", "--workspace", WORKSPACE],
        env={**os.environ, **env},
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    port = serving.free_port()
    with serving.process([*command, "serve", "--port", str(port)], port, env) as served:
        yield Running(served.base_url, served.pid, key)


@contextmanager
def with_empty_store() -> Iterator[Running]:
    """The same HTTP stack (keys, decoding, enrichment, answers), whose store forgets every event at once."""
    port = serving.free_port()
    with serving.process([sys.executable, "-m", "benchmarks.empty_store", str(port)], port) as served:
        yield Running(served.base_url, served.pid, "imk_" + secrets.token_urlsafe(32))


def fill(directory: Path, count: int, progress: Callable[[int], None]) -> SqliteLogStore:
    """Append `count` events of the workload and index them; `progress` is told how many were appended."""
    store = open_store(url_of(directory))
    store.lock_for_appending()
    workspace = store.catalog.create_workspace(WORKSPACE)
    locate = Locator().locate
    events = workload.events(count)
    while chunk := list(islice(events, _COMMIT_EVENTS)):
        drafts = [_draft(event, locate) for event in chunk]
        with store.append() as transaction:
            append_batch(transaction, workspace, drafts, now=clock.now(), silence=SILENCE)
        progress(len(chunk))
    while store.follow():
        pass
    return store


def _draft(event: dict[str, Any], locate: Any) -> EventDraft:
    location = locate(event["ip_address"])
    names = {"resource": "resource_type"}
    fields = {names.get(name, name): value for name, value in event.items()}
    fields |= {
        "occurred_at": clock.from_text(event["occurred_at"]),
        "ip_country": location.country,
        "ip_city": location.city,
    }
    return EventDraft(**fields)
