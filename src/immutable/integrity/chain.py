"""The hash chain: numbers, times, ids and hashes for new events, each hash covering the one before.

`event_hash` = SHA-256("immutable:event:v1\\n" ‖ previous event hash, 32 bytes ‖ record).
"""

import hashlib
import os
from collections.abc import Sequence
from functools import lru_cache

import msgspec

from immutable.integrity import record as record_format
from immutable.integrity.record import Record
from immutable.model.event import EventDraft, Head, LogEntry

PREFIX = b"immutable:event:v1\n"
SALT_BYTES = 16
# RFC 9562 section 4.1: the two top bits of this hex digit are 1 and 0
_VARIANT = dict(zip("0123456789abcdef", "89ab89ab89ab89ab", strict=True))
_THREE_DIGITS = [f"{number:03x}" for number in range(1000)]


class Placed(msgspec.Struct, frozen=True, gc=False):
    """A draft that has got its place: the entry to store, and what is made from it at once. Times in microseconds."""

    seq: int
    id: str
    occurred_at: int
    draft: EventDraft
    record: Record
    entry: LogEntry


def event_hash(previous_hash: bytes, record: bytes) -> bytes:
    """The 32-byte hash of an event, given its predecessor's (32 zero bytes for the first)."""
    return hashlib.sha256(PREFIX + previous_hash + record).digest()


def event_id(created_at: int, entropy: str) -> str:
    """A UUIDv7 (RFC 9562 section 5.7) that carries all of `created_at`: milliseconds, then microseconds in `rand_a`.

    So ids sort as the log does, and an id alone finds its event. `entropy`: 16 random hex digits.
    """
    milliseconds, microseconds = divmod(created_at, 1000)
    variant = _VARIANT[entropy[0]]
    return f"{_id_prefix(milliseconds)}{_THREE_DIGITS[microseconds]}-{variant}{entropy[1:4]}-{entropy[4:]}"


@lru_cache(maxsize=64)
def _id_prefix(milliseconds: int) -> str:
    time = f"{milliseconds:012x}"
    return f"{time[:8]}-{time[8:]}-7"


def created_at_of(identifier: str) -> int | None:
    """The `created_at` inside an id made by `event_id`, in microseconds; None where the text is no such id."""
    digits = identifier.replace("-", "")
    if len(identifier) != 36 or len(digits) != 32 or digits[12] != "7" or not identifier.isascii():
        return None
    try:
        return int(digits[:12], 16) * 1000 + int(digits[13:16], 16)
    except ValueError:
        return None


def extend(head: Head, workspace_id: str, drafts: Sequence[EventDraft], now: int) -> tuple[list[Placed], Head]:
    """Number, date, encode and hash `drafts` after `head`, in their order.

    `created_at` is `now` (microseconds) or, where the clock has not moved on or stepped back, one more than before.
    """
    salts = os.urandom(SALT_BYTES * len(drafts))
    entropy = os.urandom(8 * len(drafts)).hex()
    seq, previous_hash, created_at = head.seq, head.event_hash, head.created_at
    placed: list[Placed] = []
    for index, draft in enumerate(drafts):
        seq += 1
        created_at = max(now, created_at + 1)
        identifier = event_id(created_at, entropy[index * 16 : index * 16 + 16])
        salt = salts[index * SALT_BYTES : (index + 1) * SALT_BYTES]
        details = record_format.encode_details(draft)
        record = record_format.make_record(
            draft,
            workspace_id=workspace_id,
            seq=seq,
            event_id=identifier,
            created_at=created_at,
            digest=record_format.details_digest(salt, details),
        )
        encoded = record_format.encode_record(record)
        this_hash = event_hash(previous_hash, encoded)
        entry = LogEntry(seq, encoded, details, salt, previous_hash, this_hash)
        occurred_at = created_at if draft.occurred_at is None else draft.occurred_at
        placed.append(Placed(seq, identifier, occurred_at, draft, record, entry))
        previous_hash = this_hash
    return placed, Head(seq, previous_hash, created_at)
