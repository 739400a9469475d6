"""What a pruning says about itself in the log: which prefix left it, by which hash the rest goes on, into which archive. Pure.

An `immutable.log_pruned` event has three targets in its hashed record: `sequences` (`1-16384`: all that is gone with it, from the
first event on), `event_hash` (of the last event that is gone, which the first one left names as its predecessor) and `sha256`
(of the records file of the archive that holds what this pruning took). Its metadata says where that archive lies, and, because
the event itself will be pruned one day, where all earlier ones do. An `immutable.archive_converted` event says that an archive
of format 1 was written anew in format 2: the same targets, `sequences` being those of the archive.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from immutable.integrity.erasure import RANGE_TYPE, Range, range_of, range_targets
from immutable.integrity.record import Record, Reference
from immutable.model.event import Target

ACTION = "immutable.log_pruned"
CONVERTED = "immutable.archive_converted"


class PrunedPrefix(msgspec.Struct, frozen=True):
    """The events that left the log with a pruning: from the first on to `last_seq`."""

    last_seq: int
    event_hash: str
    """Of the last event that is gone, as hex."""
    archive_sha256: str


class ArchivePlace(msgspec.Struct, frozen=True):
    """Where the archives of the events `first` to `last` lie."""

    first: int
    last: int
    at: str


class ToldArchive(msgspec.Struct, frozen=True):
    """An archive as an event of the log tells of it."""

    archive: str
    at: str
    first: int
    last: int
    earlier: tuple[ArchivePlace, ...] = ()
    """Where those of the events before it lie."""
    sha256: str = ""
    """Of the file that never changes, as hex."""
    event_hash: str = ""
    """Of its last event, as hex."""


def pruning_targets(prefix: PrunedPrefix) -> tuple[Target, ...]:
    """The targets of the event that tells of it."""
    return (
        *range_targets([(1, prefix.last_seq)]),
        Target("event_hash", prefix.event_hash),
        Target("sha256", prefix.archive_sha256),
    )


def pruned_by(record: Record) -> PrunedPrefix | None:
    """What this event says was pruned, which lies before it; None where it is no pruning."""
    if record.action != ACTION:
        return None
    ranges = [found for one in record.targets if one.type == RANGE_TYPE and (found := range_of(one)) is not None]
    last = _last_of(ranges, record.seq)
    hashes = _ids(record.targets, "event_hash")
    archives = _ids(record.targets, "sha256")
    if last is None or len(hashes) != 1 or len(archives) != 1:
        return None
    return PrunedPrefix(last, hashes[0], archives[0])


def conversion_targets(first: int, last: int, event_hash: str, sha256: str) -> tuple[Target, ...]:
    """The targets of the event that tells of an archive that was written anew."""
    return (*range_targets([(first, last)]), Target("event_hash", event_hash), Target("sha256", sha256))


def archive_told(action: str, targets: Sequence[Reference], metadata: Mapping[str, Any] | None) -> ToldArchive | None:
    """The archive that an event tells of; None where it tells of none."""
    hashes, digests = _ids(targets, "event_hash"), _ids(targets, "sha256")
    ranges = [found for one in targets if one.type == RANGE_TYPE and (found := range_of(one)) is not None]
    if action not in {ACTION, CONVERTED} or not len(ranges) == len(hashes) == len(digests) == 1:
        return None
    try:
        told = msgspec.convert(metadata or {}, ToldArchive)
    except msgspec.ValidationError:
        return None
    first = 1 if action == ACTION else told.first
    if ranges[0] != (first, told.last) or not 1 <= told.first <= told.last:
        return None
    return msgspec.structs.replace(told, sha256=digests[0], event_hash=hashes[0])


def _last_of(ranges: Sequence[Range], before: int) -> int | None:
    if len(ranges) != 1 or ranges[0][0] != 1 or ranges[0][1] >= before:
        return None
    return ranges[0][1]


def _ids(targets: Sequence[Reference], kind: str) -> list[str]:
    return [one.id for one in targets if one.type == kind and one.id is not None]
