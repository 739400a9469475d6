"""Pruning: what goes is archived, verified and on the record; what stays verifies; on every engine."""

import gzip
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.logs import MINUTE, SILENCE, Log, event, open_log
from tests.store.contract.conftest import NewLog

from immutable import clock
from immutable.errors import Conflict
from immutable.integrity import pruning
from immutable.integrity.record import decode_record
from immutable.log.copy import copy_catalog, copy_events
from immutable.log.system_events import SERVER
from immutable.model.event import LogEntry
from immutable.model.filters import EventFilter
from immutable.model.hold import HeldEvents
from immutable.model.workspace import Workspace
from immutable.retention import prune as prune_module
from immutable.retention.archive import ArchiveBroken, details_name, read_archive, read_header
from immutable.retention.archive_folder import ArchiveFolder
from immutable.retention.erasure import erase, erase_as_told
from immutable.retention.holds import place_hold, release_hold
from immutable.retention.prune import Pruned, prunable, prune_as_told, prune_epoch
from immutable.store import lookup
from immutable.store.pruning import PruningStore

FOREVER = 1 << 60


def prune(log: Log, folder: Path, before: int = FOREVER) -> list[Pruned]:
    """Prune all that may be pruned."""
    log.settle()
    pruned = []
    archives = ArchiveFolder(str(folder))
    while prunable(log.store, log.workspace, before, None):
        pruned.append(prune_epoch(log.store, log.workspace, archives, by=SERVER, silence=SILENCE))
        if len(pruned) == 3:
            break  # each pruning appends an event, so that there would always be more
        log.settle()
    return pruned


def archived(folder: Path, name: str) -> tuple[bytes, bytes]:
    """The bytes of an archive's two files."""
    archives = ArchiveFolder(str(folder))
    with archives.open(name) as records, archives.open(details_name(name)) as details:
        return records.read(), details.read()


def entries_of(files: tuple[bytes, bytes]) -> list[LogEntry]:
    """What is in an archive."""
    return list(read_archive(*map(io.BytesIO, files)))


def fill(log: Log, count: int) -> None:
    """Events of three actors, in sessions of ten and without, with keys, a minute apart."""
    for number in range(count):
        session = f"s{number // 10}" if number % 3 else None
        draft = event(
            actor_id=f"u{number % 3}", actor_name="Ann", session_id=session, idempotency_key=f"k{number}",
            metadata={"word": f"w{number}"}, resource_type="doc", resource_id=f"d{number % 4}",
        )  # fmt: skip
        log.append(draft)
        log.now += MINUTE


def test_what_is_pruned_is_in_the_archive_and_the_rest_verifies(log: Log, tmp_path: Path) -> None:
    """The exact bytes are in archives, in order; the log begins behind them, and verification says through where."""
    fill(log, 30)
    before = log.entries()
    first, second, _ = prune(log, tmp_path)
    assert (first.first, first.last, second.first, second.last) == (1, 8, 9, 16)
    entries = [entry for one in (first, second) for entry in entries_of(archived(tmp_path, one.archive))]
    assert entries == before[:16]
    assert log.entries()[0].seq == 25
    verdict = log.verify()
    assert (verdict.breaks, verdict.pruned_through, verdict.first_sequence) == ([], 24, 25)


def test_a_copy_lets_go_of_what_its_source_has(store: PruningStore, tmp_path: Path) -> None:
    """What is pruned and erased between two runs of a copy goes from the copy too, sessions as well, and it verifies."""
    with open_log(tmp_path / "source.db", "copied") as source:

        def copy() -> Workspace:
            """A run of it."""
            (found,) = copy_catalog(source.store.catalog, store.catalog, [source.workspace])
            copy_events(source.store, store, source.workspace, found, silence_us=SILENCE, progress=lambda _: None)
            while store.follow():
                pass
            return found

        fill(source, 30)
        theirs = copy()
        prune(source, tmp_path / "archive")
        erase(source.store, source.workspace, EventFilter(actor_id="u1"), by=SERVER, reason="asked", silence=SILENCE)
        assert copy() == theirs
        copied = Log(store, "copied")
        assert len(copied.entries()) > len(source.entries())
        through = source.store.reader().pruned(source.workspace)
        prune_as_told(store, theirs, through.seq, SILENCE)
        erase_as_told(store, theirs, SILENCE)
        assert (through.seq, store.reader().pruned(theirs)) == (24, through)
        assert copied.entries() == source.entries()
        assert None in {entry.details for entry in copied.entries()}
        assert copied.sessions() == source.sessions()
        assert copied.found(actor_id="u1") == source.found(actor_id="u1")
        verdict = copied.verify()
        assert (verdict.breaks, verdict.pruned_through) == ([], 24)


def test_the_pruning_is_told_by_the_log(log: Log, tmp_path: Path) -> None:
    """An event names the last hash that is gone, and the archive by its hash."""
    fill(log, 20)
    hashes = [entry.event_hash.hex() for entry in log.entries()]
    pruned = prune(log, tmp_path)
    told = [
        pruning.pruned_by(decode_record(entry.record))
        for entry in log.find(action=pruning.ACTION, ascending=True).entries
    ]
    assert [one for one in told if one is not None and one.last_seq == 8] == [
        pruning.PrunedPrefix(8, hashes[7], pruned[0].records.sha256)
    ]


def test_what_is_left_is_found_and_what_is_gone_is_not(log: Log, tmp_path: Path) -> None:
    """By every filter, by text, by id, by time, and in pages."""
    fill(log, 40)
    ids = [decode_record(entry.record).id for entry in log.entries()]
    times = [decode_record(entry.record).created_at for entry in log.entries()]
    prune(log, tmp_path)
    left = [seq for seq in log.found() if seq <= 40]
    assert left == list(range(25, 41))
    assert log.found(actor_id="u1") == [seq for seq in left if (seq - 1) % 3 == 1]
    assert log.found(search="w39") == [40]
    assert log.found(search="w3") == [seq for seq in left if str(seq - 1).startswith("3")]
    assert log.store.entry(log.workspace, ids[3]) is None
    found = log.store.entry(log.workspace, ids[30])
    assert found is not None
    assert found.seq == 31
    at = clock.from_text(times[30])
    assert log.found(created_from=at)[0] == 31
    assert log.found(created_to=at)[-1] == 31
    assert log.found(created_to=clock.from_text(times[3])) == []
    page = log.find(limit=5)
    assert (page.entries[0].seq, page.has_more, page.total) == (25, True, len(log.found()))


def test_sessions_keep_what_is_left_of_them(log: Log, tmp_path: Path) -> None:
    """A session that is gone is gone; of one that goes on behind the pruning, the rest is a session."""
    fill(log, 40)
    prune(log, tmp_path)
    by_id = {one.session_id: one for one in log.sessions() if not one.inferred}
    assert set(by_id) == {"s2", "s3"}
    assert (by_id["s2"].first_seq, by_id["s2"].events_count) == (26, len([n for n in range(24, 30) if n % 3]))
    log.append(event(actor_id="u1", session_id="s2"), event(actor_id="u0"))
    assert log.verify().breaks == []


def test_a_key_that_was_pruned_may_be_used_again(log: Log, tmp_path: Path) -> None:
    """Idempotency reaches as far back as the log."""
    fill(log, 20)
    prune(log, tmp_path)
    receipts = log.append(event(idempotency_key="k1"), event(idempotency_key="k30"))
    assert [one.is_duplicate for one in receipts] == [False, False]
    assert log.verify().breaks == []


def test_only_what_is_old_enough_goes(log: Log, tmp_path: Path) -> None:
    """Whole epochs, all of whose events were created before the time."""
    fill(log, 40)
    times = [decode_record(entry.record).created_at for entry in log.entries()]
    log.settle()
    assert prunable(log.store, log.workspace, clock.from_text(times[20]), None) == 16
    assert prunable(log.store, log.workspace, clock.from_text(times[0]), None) == 0
    assert prunable(log.store, log.workspace, FOREVER, 23) == 16
    assert prunable(log.store, log.workspace, FOREVER, 7) == 0


def test_a_hold_stops_pruning(log: Log, tmp_path: Path) -> None:
    """Nothing goes from the first event under a hold on, until it is released."""
    fill(log, 40)
    held = HeldEvents(session_id="s1")
    hold = place_hold(log.store, log.workspace, held, by=SERVER, reason="case", silence=SILENCE)
    assert [one.last for one in prune(log, tmp_path)] == [8]
    assert log.verify().breaks == []
    release_hold(log.store, log.workspace, hold.id, by=SERVER, reason="settled", silence=SILENCE)
    assert [one.last for one in prune(log, tmp_path)] == [16, 24, 32]


def test_a_hold_that_comes_while_events_are_archived_keeps_them(
    log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is looked for again in the transaction that lets them go."""
    fill(log, 20)
    log.settle()
    whole = prune_module._archive

    def archive(*given: Any) -> Pruned:
        place_hold(log.store, log.workspace, HeldEvents(actor_id="u1"), by=SERVER, reason="case", silence=SILENCE)
        return whole(*given)

    monkeypatch.setattr(prune_module, "_archive", archive)
    with pytest.raises(Conflict, match="hold"):
        prune_epoch(log.store, log.workspace, ArchiveFolder(str(tmp_path)), by=SERVER, silence=SILENCE)
    assert log.entries()[0].seq == 1
    assert log.verify().breaks == []


def test_erased_details_are_archived_as_erased(log: Log, tmp_path: Path) -> None:
    """What was forgotten is in no archive, and neither archive nor log is broken by it."""
    fill(log, 40)
    erase(log.store, log.workspace, EventFilter(actor_id="u1"), by=SERVER, reason="asked", silence=SILENCE)
    first, *_ = prune(log, tmp_path)
    entries = entries_of(archived(tmp_path, first.archive))
    assert [entry.details is None for entry in entries] == [(seq - 1) % 3 == 1 for seq in range(1, 9)]
    assert log.verify().breaks == []


def test_a_broken_log_is_not_pruned(log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything goes, it is checked: what is broken stays where it can be looked at."""
    fill(log, 20)
    log.settle()
    reader = type(log.store.reader())
    whole = reader.range
    broken = lambda self, *args, **options: (entry for entry in whole(self, *args, **options) if entry.seq != 5)  # noqa: E731
    monkeypatch.setattr(reader, "range", broken)
    with pytest.raises(ArchiveBroken, match="Event 5 is missing"):
        prune_epoch(log.store, log.workspace, ArchiveFolder(str(tmp_path)), by=SERVER, silence=SILENCE)
    monkeypatch.undo()
    assert [entry.seq for entry in log.entries()] == list(range(1, 21))


def test_a_crash_before_the_sweep_leaves_rows_that_nobody_reads(
    log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log begins later from the commit on; the next sweep takes what is left."""
    fill(log, 20)
    log.settle()
    monkeypatch.setattr(log.store, "sweep", lambda *_: 0)
    prune_epoch(log.store, log.workspace, ArchiveFolder(str(tmp_path)), by=SERVER, silence=SILENCE)
    assert log.found()[0] == 9
    assert log.verify().breaks == []
    monkeypatch.undo()
    while log.store.sweep(log.workspace, 3):
        assert log.verify().breaks == []
    assert log.entries()[0].seq == 9
    assert log.verify().breaks == []


def test_the_engine_deletes_nothing_that_is_not_pruned(log: Log, tmp_path: Path) -> None:
    """A sweep without a pruning does nothing."""
    fill(log, 20)
    assert log.store.sweep(log.workspace, 100) == 0
    assert len(log.entries()) == 20


def _archive(log: Log, folder: Path) -> tuple[bytes, bytes]:
    fill(log, 10)
    (first,) = prune(log, folder)
    return archived(folder, first.archive)


def test_an_archive_says_what_it_holds(log: Log, tmp_path: Path) -> None:
    """Its first line: which workspace, which events, between which hashes."""
    header = read_header(io.BytesIO(_archive(log, tmp_path)[0]))
    assert (header.workspace_id, header.first, header.last, header.previous_hash) == (
        log.workspace.id, 1, 8, "00" * 32
    )  # fmt: skip


@settings(max_examples=100)
@given(st.data())
def test_an_archive_with_any_byte_changed_is_refused(
    new_log: NewLog, tmp_path_factory: Any, data: st.DataObject
) -> None:
    """Whatever byte of either file it is: the packing, the chain or the digests tell."""
    whole = _whole(new_log, tmp_path_factory)
    which = data.draw(st.integers(0, 1))
    text = gzip.decompress(whole[which])
    files = list(whole)
    files[which] = gzip.compress(altered := _with_a_byte_changed(text, data))
    try:
        entries_of((files[0], files[1]))
    except ArchiveBroken:
        return
    # What is not hashed into the chain: names and notes of the records' header, for people. The file's hash on the record tells.
    assert which == 0
    header, altered_header = (read_header(io.BytesIO(gzip.compress(one))) for one in (text, altered))
    assert text.partition(b"\n")[2] == altered.partition(b"\n")[2]
    assert (header.workspace, header.previous_created_at) != (
        altered_header.workspace, altered_header.previous_created_at
    )  # fmt: skip


@settings(max_examples=100)
@given(st.data())
def test_a_file_with_any_byte_changed_never_says_anything_else(
    new_log: NewLog, tmp_path_factory: Any, data: st.DataObject
) -> None:
    """Packed as it lies there: it is refused, or the byte was one of the packing that says nothing."""
    whole = _whole(new_log, tmp_path_factory)
    which = data.draw(st.integers(0, 1))
    files = list(whole)
    files[which] = _with_a_byte_changed(whole[which], data)
    try:
        assert entries_of((files[0], files[1])) == entries_of(whole)
    except ArchiveBroken:
        return


_made: list[tuple[bytes, bytes]] = []


def _whole(new_log: NewLog, folders: Any) -> tuple[bytes, bytes]:
    """One archive, which serves all examples."""
    if not _made:
        _made.append(_archive(new_log(), folders.mktemp("archives")))
    return _made[0]


def _with_a_byte_changed(content: bytes, data: st.DataObject) -> bytes:
    at = data.draw(st.integers(0, len(content) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda one: one != content[at]))
    return content[:at] + bytes([other]) + content[at + 1 :]


def test_the_same_bytes_in_other_letters_are_refused(new_log: NewLog, tmp_path: Path) -> None:
    """Hex in capitals, and a text with another escape: it would decode to the same, and was not written by us."""
    records, details = _archive(new_log(), tmp_path)
    header, first, rest = gzip.decompress(records).split(b"\n", 2)
    hashed = first.rindex(b":") + 2
    for altered in (
        header + b"\n" + first[:hashed] + first[hashed:].upper() + b"\n" + rest,
        header + b"\n" + first.replace(b'"seq":', b'"s\\u0065q":') + b"\n" + rest,
    ):
        with pytest.raises(ArchiveBroken):
            entries_of((gzip.compress(altered), details))


def test_details_stand_in_their_place_or_are_refused(new_log: NewLog, tmp_path: Path) -> None:
    """Exchanged, moved to another event, doubled, or in another order; those of one event may be missing."""
    records, details = _archive(new_log(), tmp_path)
    header, *lines = gzip.decompress(details).splitlines(keepends=True)
    one, other = lines[0], lines[1]
    renumbered = one.replace(b'"seq":1,', b'"seq":2,')
    for wrong in (
        [one.replace(b'"seq":1,', b'"seq":9,'), *lines[1:]], [renumbered, *lines[2:]], [other, one, *lines[2:]],
        [one, *lines], [other.replace(b'"seq":2,', b'"seq":1,'), renumbered, *lines[2:]],
    ):  # fmt: skip
        with pytest.raises(ArchiveBroken):
            entries_of((records, gzip.compress(header + b"".join(wrong))))
    left = entries_of((records, gzip.compress(header + b"".join(lines[1:]))))
    assert [entry.details is None for entry in left] == [True] + [False] * 7


@given(st.binary(max_size=200))
def test_what_is_no_archive_is_told(new_log: NewLog, tmp_path_factory: Any, content: bytes) -> None:
    """Any bytes at all, as either file."""
    with pytest.raises(ArchiveBroken):
        list(read_archive(io.BytesIO(content)))
    with pytest.raises(ArchiveBroken):
        entries_of((_whole(new_log, tmp_path_factory)[0], content))


@settings(max_examples=20)
@given(
    drafts=st.lists(
        st.tuples(st.sampled_from(["a", "b"]), st.sampled_from([None, "s1", "s2"]), st.integers(-40, 100)),
        min_size=16, max_size=40,
    )
)  # fmt: skip
def test_any_log_is_whole_after_pruning(new_log: NewLog, tmp_path_factory: Any, drafts: Any) -> None:
    """Whatever came, in whatever order of the clients' clocks, what is left verifies, sessions included, and goes on."""
    log = new_log()
    for actor, session, minutes in drafts:
        log.append(event(actor_id=actor, session_id=session, occurred_at=log.now + minutes * MINUTE))
    prune(log, tmp_path_factory.mktemp("archives"))
    log.append(event(actor_id="a"), event(actor_id="b", session_id="s1"))
    log.settle()
    assert log.verify().breaks == []
    assert lookup.EPOCH == 8
