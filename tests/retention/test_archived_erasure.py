"""Erasing details that retention has archived: what goes, crashes, holds, archives out of reach, on every engine."""

import json
import shutil
from pathlib import Path
from typing import Any

import obstore
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.logs import SILENCE, Log, event
from tests.retention.archives import (
    BY,
    archive,
    archived,
    erased,
    files_of,
    fill,
    integrate,
    of_format_1,
    repack,
    told_places,
    verdicts,
    with_details,
)
from tests.store.contract.conftest import NewLog

from immutable.integrity import chain
from immutable.integrity.record import decode_details
from immutable.model.hold import HeldEvents
from immutable.model.retention import Retention
from immutable.retention import archived_erasure, archives
from immutable.retention import prune as prune_module
from immutable.retention.archive import ArchiveBroken
from immutable.retention.archive_folder import ArchiveFolder
from immutable.retention.archived_erasure import ArchivedEraser
from immutable.retention.archives import archives_of, open_from_archives
from immutable.retention.holds import place_hold, release_hold
from immutable.retention.prune import Pruned


def test_an_erasure_reaches_the_archives_and_the_log(log: Log, tmp_path: Path) -> None:
    """The details go from both, the records stay as they are, and archives and log are what is on the record."""
    fill(log, 30)
    archive(log, tmp_path, 2)
    kept = files_of(log, tmp_path)[0].read_bytes()
    salts = {entry.seq: entry.salt or b"" for entry in archived(log, tmp_path)}
    done = erased(log, actor_id="u1")
    assert (done.erased, done.erased_in_archives, done.held, done.unreached) == (10, 5, 0, [])
    assert done.is_complete
    entries = archived(log, tmp_path)
    assert with_details(entries) == {"u0": [1, 4, 7, 10, 13, 16], "u2": [3, 6, 9, 12, 15]}
    assert with_details(log.entries()) == {"u0": [19, 22, 25, 28], "u2": [18, 21, 24, 27, 30]}
    assert files_of(log, tmp_path)[0].read_bytes() == kept
    assert {entry.seq: entry.salt for entry in entries if entry.salt} == {
        seq: salt for seq, salt in salts.items() if seq % 3 != 2
    }
    assert told_places(log) == [2, 5, 8, 11, 14, 17, 20, 23, 26, 29]
    assert (log.verify().breaks, log.verify().details_erased) == ([], 5)
    assert [one.erased for one in verdicts(log, tmp_path)] == [[(2, 2), (5, 5), (8, 8)], [(11, 11), (14, 14)]]
    assert all(one.is_as_recorded for one in verdicts(log, tmp_path))


def test_it_goes_on_where_it_was_told(log: Log, tmp_path: Path) -> None:
    """Asked to look at few events, it ends with an archive, and goes on from there, through the archives into the log."""
    fill(log, 30)
    archive(log, tmp_path, 2)
    first = erased(log, actor_id="u1", most=5)
    assert (first.erased, first.last_seq, first.is_complete) == (3, 8, False)
    second = erased(log, actor_id="u1", most=9, after_seq=first.last_seq)
    assert (second.erased, second.last_seq, second.is_complete) == (3, 17, False)
    rest = erased(log, actor_id="u1", after_seq=second.last_seq)
    assert (rest.erased, rest.is_complete) == (4, True)
    assert erased(log, actor_id="u0", after_seq=4).erased_in_archives == 4
    assert with_details(archived(log, tmp_path))["u0"] == [1, 4]
    assert "u1" not in with_details(archived(log, tmp_path) + log.entries())


def test_another_workspace_keeps_its_archives(new_log: NewLog, tmp_path: Path) -> None:
    """In the same folder, with the same actors."""
    one, other = new_log(), new_log()
    for log in (one, other):
        fill(log, 10)
        archive(log, tmp_path)
    before = [file.read_bytes() for file in files_of(other, tmp_path)]
    assert erased(one, actor_id="u1").erased_in_archives == 3
    assert [file.read_bytes() for file in files_of(other, tmp_path)] == before


class _Crash(BaseException):
    """The process ends here."""


_STEPS = ["before it is told", "before it is stored", "before it takes the place", "after all"]


@pytest.mark.parametrize("step", _STEPS)
def test_a_crash_is_made_good_by_the_same_command(
    log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Wherever it ends, the next run leaves nothing, each place is told once, and a verification between says what is left."""
    fill(log, 10)
    archive(log, tmp_path)

    def crash(*_: Any, **__: Any) -> None:
        raise _Crash

    with monkeypatch.context() as patch:
        if step == "before it is told":
            patch.setattr(archived_erasure, "append_batch", crash)
        elif step == "before it is stored":
            patch.setattr(ArchiveFolder, "replace", crash)
        elif step == "before it takes the place":
            patch.setattr(obstore, "rename", crash)
        else:
            patch.setattr(ArchivedEraser, "_replace", lambda *given, of=ArchivedEraser._replace: crash(of(*given)))
        with pytest.raises(_Crash):
            erased(log, actor_id="u1")
    (verdict,) = verdicts(log, tmp_path)
    assert verdict.still_there == ([(2, 2), (5, 5), (8, 8)] if step in _STEPS[1:3] else [])
    assert verdict.is_as_recorded == (step not in _STEPS[1:3])
    done = erased(log, actor_id="u1")
    assert len(done.receipts) == (1 if step == "before it is told" else 0)
    assert with_details(archived(log, tmp_path)) == {"u0": [1, 4, 7], "u2": [3, 6]}
    assert told_places(log) == [2, 5, 8]
    assert verdicts(log, tmp_path)[0].is_as_recorded
    assert list(tmp_path.rglob("*.new")) == []


def test_any_erasure_finishes_what_a_crash_left(log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it was asked for, it removes what the record says is gone."""
    fill(log, 10)
    archive(log, tmp_path)
    old = files_of(log, tmp_path)[1].read_bytes()
    erased(log, actor_id="u1")
    files_of(log, tmp_path)[1].write_bytes(old)  # an old copy was put back
    assert verdicts(log, tmp_path)[0].still_there == [(2, 2), (5, 5), (8, 8)]
    done = erased(log, actor_id="nobody")
    assert (done.erased, done.receipts) == (3, [])
    assert verdicts(log, tmp_path)[0].is_as_recorded


def test_a_hold_keeps_what_is_archived(log: Log, tmp_path: Path) -> None:
    """Until it is released, also where it was placed after the events were archived."""
    fill(log, 30)
    archive(log, tmp_path, 2)
    held = HeldEvents(session_id="s1")
    hold = place_hold(log.store, log.workspace, held, by=BY, reason="case 7", silence=SILENCE)
    done = erased(log, actor_id="u1")
    assert (done.erased, done.held) == (6, 4)
    assert with_details(archived(log, tmp_path))["u1"] == [11, 14]
    release_hold(log.store, log.workspace, hold.id, by=BY, reason="settled", silence=SILENCE)
    assert (erased(log, actor_id="u1").erased, with_details(archived(log, tmp_path)).get("u1")) == (4, None)
    assert len(told_places(log)) == 10


def test_a_hold_that_comes_while_an_archive_is_read_keeps_it(
    log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Holds are looked at again in the transaction that says what is erased."""
    fill(log, 10)
    archive(log, tmp_path)
    whole, held = archived_erasure.write_details, HeldEvents(actor_id="u1")

    def write(*given: Any) -> Any:
        if len(log.store.catalog.holds(log.workspace)) == 0:
            place_hold(log.store, log.workspace, held, by=BY, reason="case 7", silence=SILENCE)
        return whole(*given)

    monkeypatch.setattr(archived_erasure, "write_details", write)
    assert (erased(log, actor_id="u1").held, told_places(log)) == (3, [])
    assert with_details(archived(log, tmp_path))["u1"] == [2, 5, 8]


def test_two_erasures_of_one_archive_undo_nothing(log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that wrote over what the other had written sees it in the log, and writes again."""
    fill(log, 10)
    archive(log, tmp_path)
    whole, others = ArchiveFolder.replace, ["u2"]

    def replace(*given: Any) -> None:
        if others:
            assert erased(log, actor_id=others.pop()).erased_in_archives == 5  # and what this one has told
        whole(*given)

    monkeypatch.setattr(ArchiveFolder, "replace", replace)
    erased(log, actor_id="u1")
    assert with_details(archived(log, tmp_path)) == {"u0": [1, 4, 7]}
    assert told_places(log) == [2, 3, 5, 6, 8, 9]
    assert verdicts(log, tmp_path)[0].is_as_recorded


def test_what_is_pruned_during_an_erasure_is_erased_in_its_archive(
    log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What left the log between the look at the archives and that at the log is not missed."""
    fill(log, 40)
    looked, times = ArchivedEraser.run, iter(range(100))

    def run(*given: Any) -> None:
        looked(*given)
        if next(times) < 2:
            archive(log, tmp_path)

    monkeypatch.setattr(ArchivedEraser, "run", run)
    done = erased(log, actor_id="u1")
    assert (done.erased, done.is_complete) == (13, True)
    assert "u1" not in with_details(archived(log, tmp_path) + log.entries())
    assert len(archived(log, tmp_path)) == 16


def test_what_is_erased_during_a_pruning_is_in_no_archive(
    log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was archived before the erasure is archived anew before it may go."""
    fill(log, 10)
    whole, times = prune_module._archive, iter(range(100))

    def write(*given: Any) -> Pruned:
        pruned = whole(*given)
        if next(times) == 0:
            erased(log, actor_id="u1")
        return pruned

    monkeypatch.setattr(prune_module, "_archive", write)
    archive(log, tmp_path)
    assert with_details(archived(log, tmp_path)) == {"u0": [1, 4, 7], "u2": [3, 6]}
    assert verdicts(log, tmp_path)[0].is_as_recorded


def test_an_archive_out_of_reach_is_told_and_the_rest_goes_on(log: Log, tmp_path: Path) -> None:
    """In what came of it and in the log; once it is back, the same command erases there too."""
    fill(log, 30)
    archive(log, tmp_path, 2)
    details = files_of(log, tmp_path)[1]
    away = details.rename(tmp_path / "away")
    done = erased(log, actor_id="u1")
    (unreached,) = done.unreached
    assert (unreached.first_sequence, unreached.last_sequence, unreached.at) == (1, 8, str(tmp_path))
    assert "There is no archive" in unreached.problem
    assert (done.erased, done.is_complete) == (7, True)
    told = [decode_details(one.details or b"").metadata for one in log.find(action="immutable.details_erased").entries]
    assert [one["unreached_archives"] for one in told if one] == [[unreached.archive]] * 2
    (act,) = [one for one in log.store.catalog.acts.oldest(1_000) if one.workspace_id == log.workspace.id]
    assert act.metadata == {
        "reason": "asked for", "events": 7, "held": 0, "unreached_archives": [unreached.archive]
    }  # fmt: skip
    away.rename(details)
    again = erased(log, actor_id="u1")
    assert (again.erased, again.unreached) == (3, [])
    assert verdicts(log, tmp_path)[0].is_as_recorded


def test_archives_that_the_log_cannot_name_are_told(log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the event of the last pruning cannot be believed, nothing is passed over in silence."""
    fill(log, 10)
    archive(log, tmp_path)
    monkeypatch.setattr(archives, "details_digest", lambda *_: "another")
    (unreached,) = erased(log, actor_id="u1").unreached
    assert (unreached.first_sequence, unreached.last_sequence, unreached.at) == (1, 8, "")
    assert "run `immutable verify`" in unreached.problem


def test_archives_that_moved_are_found_where_they_go_now(log: Log, tmp_path: Path) -> None:
    """Where the log says there is nothing, the place of the workspace's retention is looked at; no folder is made."""
    fill(log, 10)
    archive(log, tmp_path / "old")
    (tmp_path / "old").rename(tmp_path / "new")
    assert len(erased(log, actor_id="u1").unreached) == 1
    log.store.catalog.set_retention(log.workspace, Retention(1, str(tmp_path / "new")))
    done = erased(log, actor_id="u1")
    assert (done.erased, done.unreached) == (3, [])
    assert not (tmp_path / "old").exists()


def test_archives_whose_pruning_was_pruned_are_found(log: Log, tmp_path: Path) -> None:
    """The newest pruning says where all earlier archives lie, and the tree vouches for them."""
    fill(log, 10)
    integrate(log)
    archive(log, tmp_path / "first")
    fill(log, 30)
    integrate(log)
    archive(log, tmp_path / "then", 4)
    assert log.entries()[0].seq == 41
    assert erased(log, actor_id="u1").unreached == []
    assert "u1" not in with_details(log.entries())
    for folder, first in (("first", 1), ("then", 9), ("then", 33)):
        records, details = (file.open("rb") for file in files_of(log, tmp_path / folder, first))
        with records, details:
            assert "u1" not in with_details(list(archived_erasure.read_archive(records, details)))
    repack(files_of(log, tmp_path / "first")[0], _forged)
    (unreached,) = erased(log, actor_id="u2").unreached
    assert "does not end with the event that the log's tree has" in unreached.problem
    shutil.copy(files_of(log, tmp_path / "then", 9)[0], files_of(log, tmp_path / "first")[0])
    (unreached,) = erased(log, actor_id="u2").unreached
    assert "holds other events than the log says" in unreached.problem


def _forged(lines: list[bytes]) -> list[bytes]:
    """Records of a history that never was, hashed anew from the second event on."""
    header, *events = map(json.loads, lines)
    events[1]["record"] = events[1]["record"].replace("document.viewed", "document.edited")
    previous = bytes.fromhex(header["previous_hash"])
    for one in events:
        previous = chain.event_hash(previous, one["record"].encode())
        one["event_hash"] = previous.hex()
    header["last_hash"] = previous.hex()
    return [json.dumps(one, separators=(",", ":")).encode() + b"\n" for one in (header, *events)]


def test_the_account_of_an_erasure_stays_in_the_archive(log: Log, tmp_path: Path) -> None:
    """The server's own events keep their details there too, and an archive that lacks them is broken."""
    fill(log, 6)
    erased(log, actor_id="u0")
    fill(log, 2)
    archive(log, tmp_path)
    assert (erased(log, actor_id="key_1").erased, erased(log, action="immutable.*").erased) == (0, 0)
    assert archived(log, tmp_path)[6].details is not None
    repack(files_of(log, tmp_path)[1], lambda lines: [one for one in lines if b'"seq":7,' not in one])
    with pytest.raises(ArchiveBroken, match="Event 7 is broken: The event's details are missing"):
        archived(log, tmp_path)


def test_a_log_opened_from_archives_erases_in_none(log: Log, tmp_path: Path) -> None:
    """They belong to the log that they came from, though its prunings are told in the opened one."""
    fill(log, 10)
    archive(log, tmp_path)
    fill(log, 6)
    archive(log, tmp_path)
    before = [file.read_bytes() for file in files_of(log, tmp_path)]
    assert len(archives_of(log.store, log.workspace)) == 2
    open_from_archives(log.store, log.workspace)
    assert erased(log, actor_id="u1").erased_in_archives == 0
    assert [file.read_bytes() for file in files_of(log, tmp_path)] == before


def test_what_is_not_the_archive_on_the_record_is_left_alone(log: Log, tmp_path: Path) -> None:
    """Another records file, and details that were changed: told, and nothing is written."""
    fill(log, 10)
    archive(log, tmp_path)
    records, details = files_of(log, tmp_path)
    for file, change in (
        (records, lambda lines: lines), (details, lambda lines: [one.replace(b"Name 3", b"Name 4") for one in lines])
    ):  # fmt: skip
        whole = file.read_bytes()
        repack(file, change)
        if file == records:
            file.write_bytes(file.read_bytes() + b"\0")
        altered = file.read_bytes()
        assert len(erased(log, actor_id="u1").unreached) == 1
        assert file.read_bytes() == altered
        file.write_bytes(whole)
    assert told_places(log) == []


def test_an_archive_of_format_1_is_converted_and_loses_nothing_else(log: Log, tmp_path: Path) -> None:
    """It becomes two files, on the record, and the old one goes."""
    fill(log, 30)
    with of_format_1():
        archive(log, tmp_path)
    archive(log, tmp_path)
    assert all(one.is_as_recorded for one in verdicts(log, tmp_path))
    assert erased(log, actor_id="nobody").erased == 0
    assert [one.name[-13:] for one in sorted(tmp_path.rglob("*000008*"))] == ["0008.jsonl.gz"]
    done = erased(log, actor_id="u1")
    assert (done.erased, done.unreached) == (10, [])
    assert [one.name[26:] for one in sorted(tmp_path.rglob("*000008*"))] == ["details.jsonl.gz", "records.jsonl.gz"]
    assert with_details(archived(log, tmp_path)) == {"u0": [1, 4, 7, 10, 13, 16], "u2": [3, 6, 9, 12, 15]}
    assert len(log.found(action="immutable.archive_converted")) == 1
    assert all(one.is_as_recorded for one in verdicts(log, tmp_path))
    assert log.verify().breaks == []


@pytest.mark.parametrize("step", ["before it is told", "before the old one goes"])
def test_a_conversion_that_was_interrupted_is_finished(
    log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """The old file is the archive until the log says otherwise, and is gone afterwards; it is told once."""
    fill(log, 10)
    with of_format_1():
        archive(log, tmp_path)

    def crash(*_: Any, **__: Any) -> None:
        raise _Crash

    with monkeypatch.context() as patch:
        if step == "before it is told":
            patch.setattr(archived_erasure, "append_system_event", crash)
        else:
            patch.setattr(ArchiveFolder, "remove", crash)
        with pytest.raises(_Crash):
            erased(log, actor_id="u1")
    (verdict,) = verdicts(log, tmp_path)
    assert verdict.is_as_recorded == (step == "before it is told")
    assert erased(log, actor_id="u1").erased == 3
    assert with_details(archived(log, tmp_path)) == {"u0": [1, 4, 7], "u2": [3, 6]}
    assert len(log.found(action="immutable.archive_converted")) == 1
    assert len(list(tmp_path.rglob("*.gz"))) == 2
    assert verdicts(log, tmp_path)[0].is_as_recorded


@settings(max_examples=12)
@example(steps=["append"] * 4 + ["prune", "prune"] + ["append"] * 4 + ["prune", "prune", "erase a", "erase b"])
@given(
    steps=st.lists(
        st.sampled_from(["append", "append", "append", "prune", "erase a", "erase b", "hold b", "release"]), max_size=14
    )
)
def test_whatever_is_pruned_erased_and_held_is_as_recorded(
    new_log: NewLog, tmp_path_factory: pytest.TempPathFactory, steps: list[str]
) -> None:
    """In any order: the log verifies, each archive is what is on the record, and nothing that was erased is anywhere."""
    log, folder = new_log(), tmp_path_factory.mktemp("archives")
    hold = None
    gone: set[int] = set()
    for step in steps:
        if step == "append":
            log.append(*[event(actor_id=actor, actor_name=actor, session_id="s1") for actor in "aabb"])
        elif step == "prune":
            log.settle()
            integrate(log)
            if prune_module.prunable(log.store, log.workspace, 1 << 60, None):
                archive(log, folder)
        elif step == "hold b" and hold is None:
            held = HeldEvents(actor_id="b")
            hold = place_hold(log.store, log.workspace, held, by=BY, reason="case", silence=SILENCE)
        elif step == "release" and hold is not None:
            release_hold(log.store, log.workspace, hold.id, by=BY, reason="over", silence=SILENCE)
            hold = None
        elif step.startswith("erase"):
            there = with_details(archived(log, folder) + log.entries()).get(step[-1], [])
            done = erased(log, actor_id=step[-1])
            kept = step == "erase b" and hold is not None
            assert (done.erased, done.held) == ((0, len(there)) if kept else (len(there), 0))
            gone |= set() if kept else set(there)
    left = with_details(archived(log, folder) + log.entries())
    assert not gone & {seq for seqs in left.values() for seq in seqs}
    assert all(one.is_as_recorded for one in verdicts(log, folder))
    log.settle()
    assert log.verify().breaks == []
