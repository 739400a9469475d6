"""Holds archives against what is on the record of them: their SHA-256, and which details were erased. Reads nothing of a store.

The record is what `immutable.details_erased`, `log_pruned` and `archive_converted` events say, those in the archives themselves
and those of the log, where it is at hand. Without the log, missing details may have been erased by an event that lies there, and
nothing is held against that; with it they were erased on the record, or they are lost.
"""

import hashlib
from collections.abc import Sequence
from typing import BinaryIO

import msgspec
from pyroaring import BitMap64

from immutable.integrity import erasure, pruning
from immutable.integrity.erasure import Range, ranges_of
from immutable.integrity.pruning import ToldArchive
from immutable.integrity.record import Record, decode_details, decode_record
from immutable.retention.archive import ONE_FILE, ArchiveHeader, read_archive, read_header

_TELLING = {pruning.ACTION, pruning.CONVERTED}


class OnRecord(msgspec.Struct):
    """What is on the record of the archives of a log."""

    erased: BitMap64
    archives: dict[Range, dict[str, ToldArchive]]
    """By their events, and then by the action that told."""
    knows_log: bool = False
    """Whether the log was asked, so that nothing else can be on its record."""

    def add(self, record: Record, told: ToldArchive | None) -> None:
        """Take in an event; `told`: the archive that it tells of."""
        for first, last in erasure.erased_by(record):
            self.erased.add_range(first, last + 1)
        if told is not None:
            self.archives.setdefault((told.first, told.last), {})[record.action] = told


class ReadArchive(msgspec.Struct):
    """What was found in an archive that is whole by itself."""

    name: str
    header: ArchiveHeader
    sha256: str
    """Of the file that never changes."""
    present: BitMap64
    missing: BitMap64
    """The events with and without details."""


class ArchiveVerdict(msgspec.Struct):
    """What is to be said of an archive that is whole by itself. The places are ranges."""

    archive: str
    workspace_id: str
    first_sequence: int
    last_sequence: int
    previous_hash: str
    last_hash: str
    erased: list[Range]
    """Details that an erasure on the record removed."""
    unexplained: list[Range]
    """Details that are missing, and no event at hand says why."""
    still_there: list[Range]
    """Details that are on the record as erased, and in the archive all the same."""
    problems: list[str]
    knows_all_behind: bool
    """Whether all events behind it were at hand, so that unexplained details are lost."""

    @property
    def is_as_recorded(self) -> bool:
        """Whether nothing at hand speaks against it."""
        return not (self.problems or self.still_there or (self.unexplained and self.knows_all_behind))


def nothing_on_record() -> OnRecord:
    """A record to be filled."""
    return OnRecord(BitMap64(), {})


def read_whole(name: str, records: BinaryIO, details: BinaryIO | None, known: OnRecord) -> ReadArchive:
    """Check an archive by itself, and take in what its events tell of archives and erasures. Raises ArchiveBroken."""
    found = ReadArchive(name, read_header(records), _rewound_digest(records), present=BitMap64(), missing=BitMap64())
    records.seek(0)
    for entry in read_archive(records, details):
        (found.missing if entry.details is None else found.present).add(entry.seq)
        record = decode_record(entry.record)
        if record.action == erasure.ACTION or record.action in _TELLING:
            metadata = None if entry.details is None else decode_details(entry.details).metadata
            known.add(record, pruning.archive_told(record.action, record.targets, metadata))
    return found


def judge(found: Sequence[ReadArchive], known: OnRecord) -> list[ArchiveVerdict]:
    """Hold archives of one log, in the order of their events, against what is on the record of them."""
    pruned_through = max((last for (_, last), told in known.archives.items() if pruning.ACTION in told), default=0)
    verdicts: list[ArchiveVerdict] = []
    behind: ReadArchive | None = None
    behind_is_vouched = knows_all = False
    for one in reversed(found):
        header = one.header
        told = known.archives.get((header.first, header.last), {})
        problems = list(_problems(one, told))
        is_followed = behind is not None and behind.header.previous_hash == header.last_hash
        is_vouched = bool(told) or (is_followed and behind_is_vouched)
        if known.knows_log and not is_vouched:
            problems.append(
                "Nothing on the record tells of it. Where its pruning was itself pruned, the archives behind it vouch for it: "
                "name all of them, up to one that the log knows."
            )
        knows_all = known.knows_log and (header.last == pruned_through or (is_followed and knows_all))
        behind, behind_is_vouched = one, is_vouched and not problems
        verdicts.append(
            ArchiveVerdict(
                one.name, header.workspace_id, header.first, header.last, header.previous_hash, header.last_hash,
                erased=ranges_of(one.missing & known.erased), unexplained=ranges_of(one.missing - known.erased),
                still_there=ranges_of(one.present & known.erased), problems=problems, knows_all_behind=knows_all,
            )
        )  # fmt: skip
    return verdicts[::-1]


def not_looked_at(found: Sequence[ReadArchive], known: OnRecord) -> list[Range]:
    """The events of archives that are on the record and not among these."""
    return sorted(known.archives.keys() - {(one.header.first, one.header.last) for one in found})


def _problems(found: ReadArchive, told: dict[str, ToldArchive]) -> list[str]:
    converted = told.get(pruning.CONVERTED)
    if found.header.format == ONE_FILE:
        if converted is not None:
            return [f"It was replaced by {converted.archive}, and may hold what was erased there: remove it."]
        expected = told.get(pruning.ACTION)
    else:
        expected = converted or told.get(pruning.ACTION)
    if expected is not None and expected.sha256 != found.sha256:
        return [f"Its SHA-256 is {found.sha256}, and {expected.sha256} is on the record."]
    return []


def _rewound_digest(stream: BinaryIO) -> str:
    stream.seek(0)
    return hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]
