"""Events as the record format defines them: hashes, order, details, erasures. Raises Refused."""

import hashlib
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from immutable_verify import strict
from immutable_verify.findings import Refused

ERASED, WITHHELD = "erased", "withheld"
_RANGE = re.compile("([0-9]{1,12})-([0-9]{1,12})", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)


@dataclass(frozen=True)
class Event:
    """An event whose hashes were found right. `absent`: None, ERASED or WITHHELD."""

    seq: int
    record: dict[str, Any]
    previous_hash: bytes
    event_hash: bytes
    absent: str | None


def read(lines: Iterable[dict[str, Any]], workspace_id: str | None = None) -> Iterator[Event]:
    """Check each line by itself and against the one before: places and times ascend, neighbours are chained."""
    before: Event | None = None
    for line in lines:
        event = _event(line)
        what = f"Event {event.seq}"
        workspace_id = workspace_id or strict.text(event.record, "workspace_id", what)
        if event.record.get("workspace_id") != workspace_id:
            raise Refused(f"{what} was recorded in another workspace.")
        if before is not None:
            if event.seq <= before.seq or event.record["created_at"] <= before.record["created_at"]:
                raise Refused(f"{what} is out of order: places and times must ascend.")
            if event.seq == before.seq + 1 and event.previous_hash != before.event_hash:
                raise Refused(f"{what} does not continue the event before it.")
        yield event
        before = event


def check_erased(events: list[Event], erasures: list[Event]) -> list[int]:
    """The places whose details were erased; each must be covered by an erasure later in the log."""
    spans = sorted(span for event in erasures for span in erased_by(event))
    starts = [first for first, _ in spans]
    reach = [
        0,
        *accumulate((last for _, last in spans), max),
    ]  # of all that begin so far: many spans cost no more than few
    erased = [event for event in events if event.absent == ERASED]
    for event in erased:
        is_own = str(event.record.get("action")).startswith("immutable.")  # the log's own word is never erased
        if reach[bisect_right(starts, event.seq)] < event.seq or is_own:
            raise Refused(
                f"Event {event.seq}: its details are said to be erased, but no erasure on the record covers it."
            )
    return [event.seq for event in erased]


def erased_by(event: Event) -> list[tuple[int, int]]:
    """The ranges that an erasure names, all before its own place; none for any other event."""
    targets = event.record.get("targets")
    if event.record.get("action") != "immutable.details_erased" or not isinstance(targets, list):
        return []
    found = []
    for target in targets:
        if isinstance(target, dict) and target.get("type") == "sequences" and isinstance(target.get("id"), str):
            match = _RANGE.fullmatch(target["id"])
            if match is not None and 1 <= int(match[1]) <= int(match[2]) < event.seq:
                found.append((int(match[1]), int(match[2])))
    return found


def pruned_by(event: Event) -> tuple[int, bytes] | None:
    """The last place, and its hash, of the beginning that a pruning says was removed; None for any other event."""
    targets = event.record.get("targets")
    if event.record.get("action") != "immutable.log_pruned" or not isinstance(targets, list):
        return None
    told = {one.get("type"): one.get("id") for one in targets if isinstance(one, dict)}
    span = _RANGE.fullmatch(str(told.get("sequences")))
    if span is None or int(span[1]) != 1 or not int(span[1]) <= int(span[2]) < event.seq:
        return None
    return int(span[2]), strict.unhex(told.get("event_hash"), f"What event {event.seq} says was pruned")


def _event(line: dict[str, Any]) -> Event:
    seq = strict.number(line, "seq", "A line")
    what = f"Event {seq}"
    text = strict.text(line, "record", what)
    record = strict.parse(text.encode(), f"The record of event {seq}")
    previous, claimed = strict.hexed(line, "previous_hash", what), strict.hexed(line, "event_hash", what)
    if hashlib.sha256(b"immutable:event:v1\n" + previous + text.encode()).digest() != claimed:
        raise Refused(f"{what} was edited: its bytes do not have its hash.")
    if strict.number(record, "seq", what) != seq or seq < 1 or strict.number(record, "v", what) != 1:
        raise Refused(f"{what} was recorded at another place, or in a format that is not known here.")
    if seq == 1 and previous != bytes(32):
        raise Refused("Event 1 does not begin a log.")
    if _TIME.fullmatch(strict.text(record, "created_at", what)) is None:
        raise Refused(f"{what} has no proper time.")
    absent = line.get("absent")
    if absent not in (None, ERASED, WITHHELD) or (absent is None) != (line.get("details") is not None):
        raise Refused(f"{what}: its details are missing without a reason.")
    if absent is None:
        details, salt = strict.text(line, "details", what), strict.hexed(line, "salt", what, 16)
        if hashlib.sha256(salt + details.encode()).digest() != strict.hexed(record, "details_digest", what):
            raise Refused(f"{what}: its details were edited.")
    elif line.get("salt") is not None:
        raise Refused(f"{what}: half of its details is missing.")
    return Event(seq, record, previous, claimed, absent)
