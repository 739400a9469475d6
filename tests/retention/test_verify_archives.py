"""Archives held against what is on the record of them: what was lost, put back, exchanged or is not the one that was written."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.logs import Log, open_log, small_epochs
from tests.retention.archives import archive, erased, files_of, fill, of_format_1, repack, verdicts

from immutable.retention.archive import ArchiveBroken
from immutable.retention.verify_archives import not_looked_at, nothing_on_record


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    """A log of which two epochs were archived, and of one actor everything erased after that."""
    with small_epochs(), open_log(tmp_path / "log.db") as opened:
        fill(opened, 30)
        archive(opened, tmp_path, 2)
        erased(opened, actor_id="u1")
        yield opened


def test_what_was_erased_is_told_from_what_was_lost_by_the_log_alone(log: Log, tmp_path: Path) -> None:
    """Archives by themselves cannot know of it, and say so; with the log it is lawful."""
    alone = verdicts(log, tmp_path, knows_log=False)
    assert [(one.erased, one.unexplained) for one in alone] == [
        ([], [(2, 2), (5, 5), (8, 8)]),
        ([], [(11, 11), (14, 14)]),
    ]
    assert all(one.is_as_recorded for one in alone)
    with_log = verdicts(log, tmp_path)
    assert [(one.erased, one.unexplained) for one in with_log] == [
        ([(2, 2), (5, 5), (8, 8)], []), ([(11, 11), (14, 14)], [])
    ]  # fmt: skip
    assert all(one.is_as_recorded for one in with_log)


def test_a_later_archive_explains_an_earlier_one(log: Log, tmp_path: Path) -> None:
    """Once the erasure itself was archived, the archives need no log."""
    fill(log, 10)
    archive(log, tmp_path, 3)
    assert [one.unexplained for one in verdicts(log, tmp_path, knows_log=False)] == [[]] * 5


def test_details_that_no_erasure_covers_are_lost(log: Log, tmp_path: Path) -> None:
    """Taken out of the file, packed anew as if they had never been there."""
    repack(files_of(log, tmp_path)[1], lambda lines: [one for one in lines if b'"seq":3,' not in one])
    first, second = verdicts(log, tmp_path)
    assert (first.unexplained, first.is_as_recorded, second.is_as_recorded) == ([(3, 3)], False, True)


def test_details_that_were_put_back_are_told(log: Log, tmp_path: Path) -> None:
    """They are what was hashed, and the record says that they are erased."""
    with small_epochs(), open_log(tmp_path / "other.db", "other") as other:
        fill(other, 10)
        archive(other, tmp_path)
        details = files_of(other, tmp_path)[1]
        old = details.read_bytes()
        erased(other, session_id="s0")
        details.write_bytes(old)
        (verdict,) = verdicts(other, tmp_path)
    assert (verdict.still_there, verdict.is_as_recorded) == ([(1, 8)], False)


def test_a_records_file_that_is_not_the_one_on_the_record_is_told(log: Log, tmp_path: Path) -> None:
    """Though it says the same: whoever keeps the file under lock finds the hash of the log in it."""
    records = files_of(log, tmp_path)[0]
    records.write_bytes(gzip.compress(gzip.decompress(records.read_bytes()), 1))
    first, second = verdicts(log, tmp_path)
    assert "is on the record" in first.problems[0]
    assert (first.is_as_recorded, second.is_as_recorded) == (False, True)


def test_details_of_another_archive_are_refused(log: Log, tmp_path: Path) -> None:
    """Each file says to which events of which workspace it belongs."""
    first, second = files_of(log, tmp_path)[1], files_of(log, tmp_path, 9)[1]
    first.write_bytes(second.read_bytes())
    with pytest.raises(ArchiveBroken, match="does not belong"):
        verdicts(log, tmp_path)


def test_an_archive_that_nothing_tells_of_is_told(log: Log, tmp_path: Path) -> None:
    """Where its pruning was itself pruned, the archives behind it vouch for it, up to one that the log knows."""
    fill(log, 10)
    archive(log, tmp_path, 3)
    assert [one.seq for one in log.find(action="immutable.log_pruned").entries] == [46, 47, 48]
    known = nothing_on_record()
    (alone,) = verdicts(log, tmp_path, only=[1], known=known)
    assert not_looked_at([], known) == [(17, 24), (25, 32), (33, 40)]
    assert "Nothing on the record tells of it" in alone.problems[0]
    assert [one.is_as_recorded for one in verdicts(log, tmp_path, only=[1, 9])] == [False, False]
    assert [one.is_as_recorded for one in verdicts(log, tmp_path, only=[1, 17])] == [False, True]
    assert [one.is_as_recorded for one in verdicts(log, tmp_path, only=[1, 9, 17])] == [True] * 3
    assert [one.is_as_recorded for one in verdicts(log, tmp_path)] == [True] * 5


def test_one_file_of_before_is_held_against_its_hash(tmp_path: Path) -> None:
    """An archive of format 1 is verified as it is."""
    with small_epochs(), open_log(tmp_path / "log.db") as log:
        fill(log, 10)
        with of_format_1():
            archive(log, tmp_path)
        (verdict,) = verdicts(log, tmp_path)
        assert (verdict.is_as_recorded, verdict.unexplained) == (True, [])
        (file,) = tmp_path.rglob("*.gz")
        repack(file, lambda lines: lines)
        file.write_bytes(gzip.compress(gzip.decompress(file.read_bytes()), 1))
        assert not verdicts(log, tmp_path)[0].is_as_recorded
