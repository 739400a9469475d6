"""A session read as a story: its events in the order in which they occurred, with the time between them. Pure."""

from collections.abc import Sequence

import msgspec

from immutable import clock
from immutable.integrity.record import decode_details, decode_record
from immutable.model.event import LogEntry
from immutable.sessions.destructive import DestructiveRule
from immutable.sessions.devices import device_of


class Step(msgspec.Struct, frozen=True):
    """One event of a story. `gap_ms` is the time since the step before, 0 for the first."""

    entry: LogEntry
    occurred_at: int
    elapsed_ms: int
    gap_ms: int
    is_destructive: bool
    device: str | None


def timeline(
    entries: Sequence[LogEntry], *, started_at: int, previous_at: int | None, rule: DestructiveRule
) -> list[Step]:
    """The steps of `entries`, by occurrence, then by place in the log.

    `started_at`: when the session began; `previous_at`: when the step before these occurred, None for the first page.
    """
    dated = []
    for entry in entries:
        record = decode_record(entry.record)
        dated.append((clock.from_text(record.occurred_at), entry.seq, record, entry))
    dated.sort(key=lambda one: one[:2])
    steps: list[Step] = []
    for occurred_at, _, record, entry in dated:
        user_agent = None if entry.details is None else decode_details(entry.details).user_agent
        before = occurred_at if previous_at is None else previous_at
        steps.append(
            Step(
                entry=entry,
                occurred_at=occurred_at,
                elapsed_ms=(occurred_at - started_at) // 1000,
                gap_ms=(occurred_at - before) // 1000,
                is_destructive=rule.covers(record.action),
                device=None if user_agent is None else device_of(user_agent),
            )
        )
        previous_at = occurred_at
    return steps
