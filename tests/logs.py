"""Logs for tests: a workspace in a store, a clock that stands where it is put, and events to append."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from hypothesis import strategies as st

from immutable import clock
from immutable.log import verify as log_verify
from immutable.log.append import append_batch
from immutable.log.verify import Verdict
from immutable.model.event import EventDraft, LogEntry, Named, Receipt, Target
from immutable.model.filters import EventFilter, EventPage, SessionFilter
from immutable.model.session import SessionSummary
from immutable.store import check, check_index, count_over_time, find, find_anything, lookup
from immutable.store.log_store import LogStore
from immutable.store.postgres import text as postgres_text
from immutable.store.sqlite import store as sqlite_store
from immutable.store.sqlite.store import SqliteLogStore

MINUTE = 60_000_000
SILENCE = 30 * MINUTE
START = clock.from_text("2026-03-27T09:00:00Z")


def event(**fields: Any) -> EventDraft:
    """A draft; actor and action are filled in."""
    return EventDraft(**{"actor_id": "usr_1", "action": "document.viewed", **fields})


class Log:
    """One workspace's log. Its clock moves on by a second with every append, unless `now` is set."""

    def __init__(self, store: LogStore, name: str = "test") -> None:
        self.store = store
        self.workspace = store.catalog.workspace(name) or store.catalog.create_workspace(name)
        self.now = START

    def append(self, *drafts: EventDraft) -> list[Receipt]:
        """Append all drafts in one transaction."""
        with self.store.append() as transaction:
            receipts = append_batch(transaction, self.workspace, drafts, now=self.now, silence=SILENCE)
        self.now += 1_000_000
        return receipts

    def entries(self) -> list[LogEntry]:
        """All entries in order."""
        return list(self.store.entries(self.workspace, 1, self.store.head(self.workspace).seq))

    def find(
        self, *, ascending: bool = True, after_seq: int | None = None, limit: int = 1_000, **wanted: Any
    ) -> EventPage:
        """A page of the events that meet these conditions."""
        return self.store.find(
            self.workspace, EventFilter(**wanted), ascending=ascending, after_seq=after_seq, limit=limit
        )

    def found(self, **wanted: Any) -> list[int]:
        """The places of the events that meet these conditions."""
        return [entry.seq for entry in self.find(**wanted).entries]

    def sessions(self, **wanted: Any) -> list[SessionSummary]:
        """The sessions that meet these conditions, newest first."""
        return self.store.find_sessions(self.workspace, SessionFilter(**wanted), after=None, limit=1_000).sessions

    def verify(self, **options: Any) -> Verdict:
        """Verify the whole log."""
        return log_verify.verify(self.store, self.workspace, 1, 1 << 40, silence=SILENCE, **options)

    def settle(self) -> None:
        """Let everything be built that is built behind the log."""
        while self.store.follow():
            pass


@contextmanager
def open_log(path: Path, name: str = "test") -> Iterator[Log]:
    """A log in the database at `path`, closed at the end."""
    store = SqliteLogStore(path)
    try:
        yield Log(store, name)
    finally:
        store.database.reader().close()  # the last one folds the write-ahead logs back into the files
        store.close()


@contextmanager
def small_epochs(bits: int = 3) -> Iterator[int]:
    """Epochs of the lookup index of 2**bits events, so that a short log crosses many; in this process only.

    What PostgreSQL looks at for a text is as small.
    """
    sizes = {"EPOCH_BITS": bits, "EPOCH": 1 << bits, "_EPOCH_MASK": (1 << bits) - 1}
    modules = (lookup, sqlite_store, find, find_anything, count_over_time, check, check_index, log_verify)
    patches = [
        mock.patch.object(module, name, size)
        for module in modules
        for name, size in sizes.items()
        if hasattr(module, name)
    ]
    looks = {"_FIRST_LOOK": 2, "_LONGEST_LOOK": 4, "_PIECE": 3, "_NEXT_PIECE": 5}
    patches += [mock.patch.object(postgres_text, name, size) for name, size in looks.items()]
    for patch in patches:
        patch.start()
    try:
        yield 1 << bits
    finally:
        for patch in patches:
            patch.stop()


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)
"""Any text that the API lets in."""

times = st.integers(clock.from_text("0001-01-01T00:00:00Z"), clock.from_text("9999-12-31T23:59:59.999999Z"))

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
free_forms = st.dictionaries(texts, json_values, max_size=3)
targets = st.builds(Target, type=texts, id=st.none() | texts, name=st.none() | texts, metadata=st.none() | free_forms)

_optional_texts = st.none() | texts
drafts = st.builds(
    EventDraft,
    actor_id=texts,
    action=texts,
    actor_name=_optional_texts,
    actor_type=_optional_texts,
    action_category=_optional_texts,
    resource_type=_optional_texts,
    resource_id=_optional_texts,
    resource_name=_optional_texts,
    targets=st.lists(targets, max_size=3).map(tuple),
    metadata=st.none() | free_forms,
    tenant_id=_optional_texts,
    session_id=_optional_texts,
    occurred_at=st.none() | times,
    ip_address=_optional_texts,
    ip_country=_optional_texts,
    ip_city=_optional_texts,
    user_agent=_optional_texts,
    version=st.none() | st.integers(1, 2**31 - 1),
    changes=st.none() | free_forms,
    on_behalf_of=st.none() | st.builds(Named, type=_optional_texts, id=_optional_texts, name=_optional_texts),
    trace_id=_optional_texts,
    request_id=_optional_texts,
)
"""Any event that the API lets in, without an idempotency key."""
