"""Our server as the benchmarks run it: on a fresh database, or on one that is filled first; and with an empty store."""

import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import apsw
import psycopg

from benchmarks import serving, workload
from immutable import clock
from immutable.accounts.api_key import create_key
from immutable.geo.locate import Locator
from immutable.log.append import append_batch
from immutable.model.event import EventDraft
from immutable.store.log_store import LogStore
from immutable.store.open import is_postgres, open_catalog, open_store, path_of

WORKSPACE = "bench"
SECRET = "of a benchmark, and of nothing else"
"""One for all that is measured on a log: its signing keys open for nobody else."""
SILENCE = 1800 * 1_000_000
_COMMIT_EVENTS = 1_000
_IMMUTABLE = [sys.executable, "-m", "immutable"]


@dataclass(frozen=True)
class Running:
    """The server, listening: where, as which process, with which key."""

    base_url: str
    pid: int
    key: str


def sqlite_url(directory: Path) -> str:
    """The URL of a SQLite log in `directory`."""
    return f"sqlite:///{directory.resolve() / 'bench.db'}"


@contextmanager
def running(database_url: str, *, workers: int = 1) -> Iterator[Running]:
    """`immutable serve` on this log, with all other settings but the secret at their defaults."""
    key = new_key(database_url, WORKSPACE)
    port = serving.free_port()
    command = [*_IMMUTABLE, "serve", "--port", str(port), "--workers", str(workers)]
    with serving.process(command, port, {"IMMUTABLE_DATABASE_URL": database_url, "IMMUTABLE_SECRET": SECRET}) as served:
        yield Running(served.base_url, served.pid, key)


def new_key(database_url: str, workspace: str) -> str:
    """A key of this workspace, which is made if it is new."""
    with closing(open_catalog(database_url)) as catalog:
        return create_key(catalog, catalog.create_workspace(workspace), "bench", ("ingest", "read"))[0]


@contextmanager
def with_empty_store() -> Iterator[Running]:
    """The same HTTP stack (keys, decoding, enrichment, answers), whose store forgets every event at once."""
    port = serving.free_port()
    with serving.process([sys.executable, "-m", "benchmarks.empty_store", str(port)], port) as served:
        yield Running(served.base_url, served.pid, "imk_" + secrets.token_urlsafe(32))


def fill(database_url: str, count: int, progress: Callable[[int], None], *, texts: bool = True) -> LogStore:
    """Append `count` events of the workload and index them; `progress` is told how many were appended.

    `texts` False leaves the text index out, and has the log believe that it is there: then nothing may be searched.
    """
    store = open_store(database_url)
    store.lock_for_appending()
    workspace = store.catalog.create_workspace(WORKSPACE)
    if not texts:
        _call_texts_indexed(database_url, workspace.number, count)
    locate = Locator().locate
    events = workload.events(count)
    while chunk := list(islice(events, _COMMIT_EVENTS)):
        drafts = [_draft(event, locate) for event in chunk]
        with store.append() as transaction:
            append_batch(transaction, workspace, drafts, now=clock.now(), silence=SILENCE)
        store.follow()  # as soon as may be: what was just appended need not be read back
        progress(len(chunk))
    while store.follow():
        pass
    return store


def _call_texts_indexed(database_url: str, workspace: int, count: int) -> None:
    sql = f"INSERT INTO progress (workspace_number, text_seq) VALUES ({workspace}, {count})"
    if is_postgres(database_url):
        with psycopg.connect(database_url, options="-c search_path=immutable") as server:
            server.execute(sql)
    else:
        file = path_of(database_url)
        with closing(apsw.Connection(str(file.with_name(file.name + ".index")))) as index:
            index.execute(sql)


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
