"""What a pruning says about itself in the log: which prefix left it, and by which hash the rest goes on. Pure.

An `immutable.log_pruned` event has three targets in its hashed record: `sequences` (`1-16384`: all that is gone with it, from the
first event on), `event_hash` (of the last event that is gone, which the first one left names as its predecessor) and `sha256`
(of the archive that holds what this pruning took).
"""

from collections.abc import Sequence

import msgspec

from immutable.integrity.erasure import RANGE_TYPE, Range, range_of, range_targets
from immutable.integrity.record import Record, Reference
from immutable.model.event import Target

ACTION = "immutable.log_pruned"


class PrunedPrefix(msgspec.Struct, frozen=True):
    """The events that left the log with a pruning: from the first on to `last_seq`."""

    last_seq: int
    event_hash: str
    """Of the last event that is gone, as hex."""
    archive_sha256: str


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


def _last_of(ranges: Sequence[Range], before: int) -> int | None:
    if len(ranges) != 1 or ranges[0][0] != 1 or ranges[0][1] >= before:
        return None
    return ranges[0][1]


def _ids(targets: Sequence[Reference], kind: str) -> list[str]:
    return [one.id for one in targets if one.type == kind and one.id is not None]
