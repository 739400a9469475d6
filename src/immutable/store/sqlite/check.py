"""Holds the log against itself and against everything that finds events in it: the SQLite half of verification.

The pure rules are in `integrity/verify.py`. Added here, as `index_mismatch`: the head row, rows outside the log, the
idempotency table, the sealed epochs of the lookup index, and the session summaries (`check_sessions.py`).
"""

import apsw
import msgspec
from pyroaring import BitMap

from immutable.integrity.record import decode_record
from immutable.integrity.verify import Break, Walk
from immutable.model.event import EMPTY_HEAD, Head
from immutable.model.workspace import Workspace
from immutable.store.sqlite.codec import Codec
from immutable.store.sqlite.connection import Database, one
from immutable.store.sqlite.entries import created_at, find_entry, read_head, read_range, row_id
from immutable.store.sqlite.lookup import EPOCH, EPOCH_BITS
from immutable.store.sqlite.terms import terms_of

_MAX_BREAKS = 100


class Checked(msgspec.Struct):
    """What came of checking a stretch of the log."""

    events: int = 0
    keyed_events: int = 0
    breaks: list[Break] = []
    end: Head = EMPTY_HEAD


class Checker:
    """Checks stretches of one database's logs. Only reads."""

    def __init__(self, database: Database, codec: Codec) -> None:
        self._database = database
        self._codec = codec

    def check_stretch(self, workspace: Workspace, first: int, last: int, *, indexes: bool = True) -> Checked:
        """Check the events `first` to `last`, which lie in one epoch: hashes, chain, details, and their indexes."""
        reader = self._database.reader()
        walk = Walk(workspace_id=workspace.id, previous=self._before(reader, workspace, first), breaks=[])
        checked = Checked(breaks=walk.breaks)
        expected: dict[str, list[int]] = {}
        keys: dict[int, str] = {}
        for entry in read_range(reader, self._codec, workspace, first, last):
            record = walk.step(entry)
            if record is None or not indexes:
                continue
            place = entry.seq - 1 & EPOCH - 1
            for term in terms_of(record):
                places = expected.get(term)
                if places is None:
                    expected[term] = [place]
                else:
                    places.append(place)
            if record.idempotency_key is not None:
                keys[entry.seq] = record.idempotency_key
        checked.events, checked.end, checked.keyed_events = walk.checked, walk.previous, len(keys)
        if walk.previous.seq < last:
            walk.finish(Head(last, b"", 0))
        if indexes:
            self._check_keys(reader, workspace, keys, checked)
            if first - 1 >> EPOCH_BITS < sealed_epochs(reader, workspace):
                self._check_epoch(reader, workspace, (first, last), expected, checked)
        del checked.breaks[_MAX_BREAKS:]
        return checked

    def check_end(self, workspace: Workspace, end: Head, keyed_events: int | None) -> list[Break]:
        """Check that the log ends at its head, that nothing lies outside it, and that no idempotency key is made up."""
        reader = self._database.reader()
        head = read_head(reader, workspace)
        walk = Walk(workspace_id=workspace.id, previous=end, breaks=[])
        walk.finish(head)
        breaks = walk.breaks
        stray = reader.execute(
            "SELECT id FROM entries WHERE (id >= ? AND id <= ?) OR (id > ? AND id < ?) LIMIT 10",
            (row_id(workspace, 0), row_id(workspace, 0), row_id(workspace, head.seq), row_id(workspace, 1 << 40)),
        )
        for (identifier,) in stray:
            seq = identifier - row_id(workspace, 0)
            found = find_entry(reader, self._codec, workspace, seq)
            breaks.append(
                Break(
                    event_id=_id_of(found.record) if found else None,
                    sequence=seq,
                    type="chain_break",
                    message="The event lies outside the log: it was inserted.",
                )
            )
        created = created_at(reader, self._codec, workspace, head.seq)
        if head.seq and created is not None and created != head.created_at:
            breaks.append(_mismatch(None, head.seq, "The head's time is not that of the last event."))
        if keyed_events is not None:
            stored = one(reader, "SELECT count(*) FROM idempotency WHERE workspace_number=?", (workspace.number,))
            if stored != keyed_events:
                breaks.append(
                    _mismatch(None, 0, f"There are {stored} idempotency keys for {keyed_events} events that carry one.")
                )
        return breaks

    def _before(self, reader: apsw.Connection, workspace: Workspace, first: int) -> Head:
        if first == 1:
            return EMPTY_HEAD
        before = find_entry(reader, self._codec, workspace, first - 1)
        if before is None:
            return Head(0, bytes(32), 0)
        try:
            created = created_at(reader, self._codec, workspace, first - 1) or 0
        except (msgspec.MsgspecError, UnicodeDecodeError):  # reported where that event itself is checked
            created = 0
        return Head(before.seq, before.event_hash, created)

    def _check_keys(
        self, reader: apsw.Connection, workspace: Workspace, keys: dict[int, str], checked: Checked
    ) -> None:
        for seq, key in keys.items():
            sql = "SELECT seq FROM idempotency WHERE workspace_number=? AND key=?"
            found = one(reader, sql, (workspace.number, key))
            if found != seq:
                text = (
                    "Its idempotency key is not stored." if found is None else f"Its idempotency key leads to {found}."
                )
                checked.breaks.append(self._mismatch(reader, workspace, seq, text))

    def _check_epoch(
        self,
        reader: apsw.Connection,
        workspace: Workspace,
        span: tuple[int, int],
        expected: dict[str, list[int]],
        checked: Checked,
    ) -> None:
        """Hold the sealed epoch that `span` lies in against the terms that its events have."""
        epoch = span[0] - 1 >> EPOCH_BITS
        start = epoch << EPOCH_BITS
        within = BitMap(range(span[0] - 1 - start, span[1] - start))
        rows = reader.execute(
            "SELECT term, places FROM idx.postings WHERE workspace_number=? AND epoch=?", (workspace.number, epoch)
        )
        for term, stored in rows:
            right = BitMap(expected.pop(term, ()))
            if stored == right.serialize():
                continue
            for place in ((_bitmap(stored) & within) ^ right)[:_MAX_BREAKS]:
                text = f"The lookup index is wrong about it under {shown(term)}."
                checked.breaks.append(self._mismatch(reader, workspace, start + place + 1, text))
        for term, places in expected.items():
            text = f"The lookup index does not find it under {shown(term)}."
            checked.breaks += [
                self._mismatch(reader, workspace, start + place + 1, text) for place in places[:_MAX_BREAKS]
            ]

    def _mismatch(self, reader: apsw.Connection, workspace: Workspace, seq: int, message: str) -> Break:
        entry = find_entry(reader, self._codec, workspace, seq)
        return _mismatch(_id_of(entry.record) if entry else None, seq, message)


def sealed_epochs(reader: apsw.Connection, workspace: Workspace) -> int:
    """How many epochs the lookup index holds."""
    sql = "SELECT sealed_epochs FROM idx.progress WHERE workspace_number=?"
    return one(reader, sql, (workspace.number,)) or 0


def shown(term: str) -> str:
    """A term as a person reads it."""
    field = {
        "a": "actor", "n": "action", "s": "session", "-": "no session", "e": "tenant", "t": "resource type",
        "r": "resource id", "h": "resource", "x": "target type", "y": "target id", "p": "target",
    }.get(term[:1], "?")  # fmt: skip
    return f"{field} {term[1:]!r}"


def _bitmap(stored: bytes) -> BitMap:
    try:
        return BitMap.deserialize(stored)
    except ValueError:
        return BitMap()


def _id_of(record: bytes) -> str | None:
    try:
        return decode_record(record).id
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _mismatch(event_id: str | None, sequence: int, message: str) -> Break:
    return Break(event_id=event_id, sequence=sequence, type="index_mismatch", message=message)
