"""Which origin signs a log, by the log's own events: see `integrity/succession.py`."""

from collections.abc import Iterator

from immutable.integrity import chain
from immutable.integrity.note import Verifier
from immutable.integrity.succession import ACTION, Origins, Succession, succession_of
from immutable.integrity.verify import readable
from immutable.model.event import LogEntry
from immutable.model.filters import EventFilter
from immutable.model.workspace import Workspace
from immutable.store.log_store import LogStore

_PAGE = 100


def origins_of(store: LogStore, workspace: Workspace) -> Origins:
    """The origins of a log. Where it has had but one, no event is asked for."""
    keys = [(Verifier(key.name, key.public), key.first_size) for key in store.proofs.signing_keys(workspace)]
    if len({key.name for key, _ in keys}) < 2:
        return Origins(keys, ())
    told = [one for _, one in told_successions(store, workspace)]
    return Origins(keys, told, store.reader().pruned(workspace).seq)


def told_successions(store: LogStore, workspace: Workspace) -> Iterator[tuple[LogEntry, Succession]]:
    """The events that name another origin, oldest first, those whose bytes have their hash."""
    after: int | None = None
    while True:
        page = store.find(workspace, EventFilter(action=ACTION), ascending=True, after_seq=after, limit=_PAGE)
        for entry in page.entries:
            record = readable(entry.record)
            if record is None or chain.event_hash(entry.previous_hash, entry.record) != entry.event_hash:
                continue
            told = succession_of(record)
            if told is not None and record.seq == entry.seq:
                yield entry, told
        if not page.has_more:
            return
        after = page.entries[-1].seq
