"""What a log's own events say of erasures and archives, read through its API."""

from collections.abc import Iterator

from immutable.cli.source import Source, open_source
from immutable.integrity.erasure import ACTION, Range, erased_by
from immutable.integrity.pruning import ToldArchive, archive_told
from immutable.integrity.record import Record, Reference


def recorded(source: Source, action: str) -> Iterator[tuple[Record, ToldArchive | None]]:
    """The events of this action, oldest first, as far as they tell; with the archive that each tells of."""
    for page in source.pages("/events", {"action": action, "order": "asc"}):
        for event in page["data"]:
            targets = tuple(Reference(one["id"], one["type"]) for one in event["targets"])
            record = Record(action=event["action"], seq=event["sequence"], targets=targets)
            yield record, archive_told(record.action, targets, event["metadata"])


def erased_in(log: str, key: str | None, workspace: str) -> tuple[Range, ...]:
    """All places whose details a log says it erased; `log`: a server's address, or a database's URL. Raises ImmutableError."""
    is_server = log.startswith(("http://", "https://"))
    where = (log, key, None) if is_server else (None, None, workspace)
    with open_source(*where, database_url=None if is_server else log) as source:
        return tuple(one for record, _ in recorded(source, ACTION) for one in erased_by(record))
