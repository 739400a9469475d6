"""Walk entries and say what is wrong with them: hashes, chain, details. Pure; parallelism and indexes are elsewhere.

Rules, in the order they are checked for each entry:

1. the record names the place it lies in: its `seq` and `workspace_id` (else `chain_break`: moved or inserted);
2. the stored hash is the hash of the stored bytes (else `hash_mismatch`: edited);
3. its previous hash is its predecessor's hash, and no number is missing between them (else `chain_break`);
4. `created_at` is later than the predecessor's (else `chain_break`: reordered);
5. the details hash to the record's digest (else `details_mismatch`: edited);
6. details that are missing are named by an erasure later in the log, and not those of an event of the server's own (else
   `details_mismatch`: lost). A walk only gathers what is missing and what was erased, because the erasure may lie far behind;
   `lost` says what comes of it.
"""

from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

from immutable import clock
from immutable.integrity import chain, erasure
from immutable.integrity import record as record_format
from immutable.integrity.erasure import Range
from immutable.integrity.record import Record
from immutable.model.event import Head, LogEntry

BreakType = Literal["hash_mismatch", "chain_break", "details_mismatch", "index_mismatch", "checkpoint_mismatch"]
Kind = Literal[
    "edited", "deleted", "inserted", "reordered", "cut_off", "rewritten", "forked", "rolled_back",
    "details_lost", "forged_checkpoint", "forged_origin", "tree_damaged", "index", "unreadable",
]  # fmt: skip
"""What was done to the log, as far as its state tells. `edited`: a record or details are others. `rewritten`: everything from
an event on is another, hashed anew. `forked`: two histories were signed. `rolled_back`: it is an old copy. `cut_off`: the
end is gone. `forged_origin`: a key signs under a name to which nothing in the log leads. `index`: the log itself is right, what
finds events in it is not. `docs/security/tampering.md` explains each."""


class Break(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong. `event_id` is None where the event itself is gone or unreadable."""

    event_id: str | None
    sequence: int
    type: BreakType
    kind: Kind
    expected_hash: str | None = None
    actual_hash: str | None = None
    message: str = ""


class Walk(msgspec.Struct):
    """Where a walk over entries has come to, and what it found."""

    workspace_id: str
    previous: Head
    """The entry before the next one; its `created_at` is 0 where it is not known."""
    checked: int = 0
    breaks: list[Break] = []
    created_at: str = ""
    missing: list[int] = []
    """The places whose details are not there."""
    erased: list[Range] = []
    """The places whose details an erasure on the way says that it erased."""

    def __post_init__(self) -> None:
        """Begin after `previous`."""
        if self.previous.created_at:
            self.created_at = clock.to_text(self.previous.created_at)

    def step(self, entry: LogEntry) -> Record | None:
        """Check one entry against the one before; its decoded record, or None where it cannot be read."""
        self.checked += 1
        record = readable(entry.record)
        before = self.previous
        if not (
            record is not None
            and record.seq == entry.seq == before.seq + 1
            and record.workspace_id == self.workspace_id
            and entry.previous_hash == before.event_hash
            and chain.event_hash(entry.previous_hash, entry.record) == entry.event_hash
            and record.created_at > self.created_at
            and entry.details is not None
            and entry.salt is not None
            and record_format.details_digest(entry.salt, entry.details) == record.details_digest
        ):
            if entry.details is None and entry.salt is None:
                if record is not None and record.action.startswith(erasure.OWN):
                    self.breaks.append(lost(entry.seq, record))
                else:
                    self.missing.append(entry.seq)
            self.breaks += self._what_is_wrong(entry, record)
        if record is not None and record.action == erasure.ACTION:
            self.erased += erasure.erased_by(record)
        self.previous = Head(entry.seq, entry.event_hash, 0)
        self.created_at = "" if record is None else record.created_at
        return record

    def _what_is_wrong(self, entry: LogEntry, record: Record | None) -> Iterator[Break]:
        """The rules again, one by one, to name each that is broken."""
        before = self.previous

        def broken(
            type_: BreakType, kind: Kind, message: str, expected: str | None = None, found: str | None = None
        ) -> Break:
            return Break(
                event_id=None if record is None else record.id,
                sequence=entry.seq,
                type=type_,
                kind=kind,
                expected_hash=expected,
                actual_hash=found,
                message=message,
            )

        actual = chain.event_hash(entry.previous_hash, entry.record)
        if actual != entry.event_hash:
            text = "The stored bytes do not hash to the stored hash."
            yield broken("hash_mismatch", "edited", text, entry.event_hash.hex(), actual.hex())
        elif record is None:
            yield broken("hash_mismatch", "edited", "The stored record cannot be read.")
        if entry.seq != before.seq + 1:
            kind: Kind = "deleted" if entry.seq > before.seq else "inserted"
            yield broken("chain_break", kind, missing(before.seq + 1, entry.seq - 1), before.event_hash.hex())
        elif entry.previous_hash != before.event_hash:
            text = "Its previous hash is not its predecessor's hash."
            yield broken("chain_break", "edited", text, before.event_hash.hex(), entry.previous_hash.hex())
        if record is None:
            return
        if record.seq != entry.seq or record.workspace_id != self.workspace_id:
            text = f"The event lies at place {entry.seq} but was recorded as {record.seq} of {record.workspace_id}."
            kind = "reordered" if record.workspace_id == self.workspace_id else "inserted"
            yield broken("chain_break", kind, text)
        elif record.created_at <= self.created_at:
            yield broken("chain_break", "reordered", "It was created before its predecessor.")
        if entry.details is None and entry.salt is None:
            return
        if entry.details is None or entry.salt is None:
            yield broken("details_mismatch", "edited", "Half of the event's details is missing.", record.details_digest)
        elif (digest := record_format.details_digest(entry.salt, entry.details)) != record.details_digest:
            text = "The details do not hash to their digest."
            yield broken("details_mismatch", "edited", text, record.details_digest, digest)

    def finish(self, head: Head) -> None:
        """Check that the walk ended where the log says it ends; what was cut off is a `chain_break`."""
        if self.previous.seq == head.seq and self.previous.event_hash == head.event_hash:
            return
        cut = self.previous.seq < head.seq
        self.breaks.append(
            Break(
                event_id=None,
                sequence=head.seq if cut else self.previous.seq,
                type="chain_break",
                kind="deleted" if cut else "inserted",
                expected_hash=head.event_hash.hex(),
                actual_hash=self.previous.event_hash.hex(),
                message=missing(self.previous.seq + 1, head.seq)
                if cut
                else "The log does not end where its head says.",
            )
        )


def lost(seq: int, record: Record | None) -> Break:
    """The break of an event whose details are missing although no erasure covers it."""
    return Break(
        event_id=None if record is None else record.id,
        sequence=seq,
        type="details_mismatch",
        kind="details_lost",
        expected_hash=None if record is None else record.details_digest,
        message="The event's details are missing, and no erasure on the record covers that.",
    )


def readable(record: bytes) -> Record | None:
    """The decoded record, or None where the bytes are none."""
    try:
        return record_format.decode_record(record)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def walk(workspace_id: str, previous: Head, entries: Iterable[LogEntry]) -> Walk:
    """Check `entries`, which follow `previous` and which no others follow."""
    state = Walk(workspace_id=workspace_id, previous=previous, breaks=[], missing=[], erased=[])
    records = {entry.seq: record for entry in entries if (record := state.step(entry)) or entry.details is None}
    covered = {seq for first, last in state.erased for seq in state.missing if first <= seq <= last}
    state.breaks += [lost(seq, records.get(seq)) for seq in state.missing if seq not in covered]
    return state


def missing(first: int, last: int) -> str:
    """Say which places are empty."""
    if last < first:
        return f"Place {first} is taken twice or out of order."
    return f"Event {first} is missing." if first == last else f"Events {first} to {last} are missing."
