"""The archives of a log: which there are and where, as its own events tell, and how one of them is opened.

Only events whose bytes have their hash are believed, and an opened archive only where the log vouches for it: by the SHA-256
on the record, or, where the event that told it was pruned too, by the leaf of its last event in the tree, which stays for ever.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import BinaryIO

import msgspec
from pyroaring import BitMap64

from immutable.errors import ImmutableError, NotFound, StartError
from immutable.integrity import chain, erasure, pruning
from immutable.integrity.merkle import leaf_hash
from immutable.integrity.pruning import ArchivePlace, ToldArchive
from immutable.integrity.record import Record, decode_details, details_digest
from immutable.integrity.tiles import Tree
from immutable.integrity.verify import readable
from immutable.model.event import LogEntry
from immutable.model.filters import EventFilter
from immutable.model.workspace import Workspace
from immutable.retention.archive import (
    ONE_FILE,
    ONE_FILE_NAME,
    RECORDS_NAME,
    ArchiveBroken,
    ArchiveHeader,
    details_name,
    read_header,
)
from immutable.retention.archive_folder import ArchiveFolder
from immutable.store.log_store import LogStore
from immutable.store.proof_tiles import tile_reader

_PAGE = 100
_OPENED = "opened from archives: "


class KnownArchive(msgspec.Struct, frozen=True):
    """An archive that a log has."""

    first: int
    last: int
    base: str
    """Its name without the endings of its files."""
    at: tuple[str, ...]
    """Where it may lie: where the log says, then where archives go now; nowhere where no word of it can be believed."""
    sha256: str | None = None
    """Of its only file or its records file as it was written; None where the event that told it was pruned."""
    converted_sha256: str | None = None
    """Of its records file since it was converted, where it was."""


class OpenArchive(msgspec.Struct, frozen=True):
    """An archive's files at hand; the records file is checked to be the one on the record."""

    folder: ArchiveFolder
    name: str
    header: ArchiveHeader
    records: BinaryIO

    @property
    def is_one_file(self) -> bool:
        """Whether it is of format 1, in which details cannot be replaced."""
        return self.header.format == ONE_FILE


def base_name(workspace: Workspace, first: int, last: int) -> str:
    """What the files of an archive are called, without their endings."""
    return f"{workspace.id}/{first:012d}-{last:012d}"


def places_told(archives: Sequence[KnownArchive]) -> list[ArchivePlace]:
    """Where archives lie, those at one place together: for the event that tells of the next one."""
    places: list[ArchivePlace] = []
    for one in archives:
        if not one.at:
            continue
        if places and places[-1].at == one.at[0] and places[-1].last + 1 == one.first:
            places[-1] = ArchivePlace(places[-1].first, one.last, one.at[0])
        else:
            places.append(ArchivePlace(one.first, one.last, one.at[0]))
    return places


def open_from_archives(store: LogStore, workspace: Workspace) -> None:
    """Note that a log is one that was opened from archives: they belong to the log that they came from."""
    store.catalog.first_number(_OPENED + workspace.id, 1)


def is_from_archives(store: LogStore, workspace: Workspace) -> bool:
    """Whether a log was opened from archives."""
    return store.catalog.first_number(_OPENED + workspace.id, None) is not None


def archives_of(store: LogStore, workspace: Workspace) -> list[KnownArchive]:
    """All archives of a log, oldest first; none of a log that was only opened from archives, which are not its own."""
    if is_from_archives(store, workspace):
        return []
    told = [one for entry in told_events(store, workspace, pruning.ACTION) if (one := _told(entry)) is not None]
    pruned = store.reader().pruned(workspace)
    if pruned.seq == 0:
        return []
    if not told or (told[-1].last, told[-1].event_hash) != (pruned.seq, pruned.event_hash.hex()):
        return [KnownArchive(1, pruned.seq, base_name(workspace, 1, pruned.seq), at=())]
    retention = store.catalog.retention(workspace)
    now_at = () if retention is None else (retention.archive,)
    converted = {}
    for entry in told_events(store, workspace, pruning.CONVERTED):
        if (one := _told(entry)) is not None:
            converted[one.first, one.last] = one.sha256

    def known(first: int, last: int, at: str, sha256: str | None) -> KnownArchive:
        places = (at, *(one for one in now_at if one != at))
        return KnownArchive(
            first, last, base_name(workspace, first, last), places, sha256, converted.get((first, last))
        )

    return [
        *(known(first, last, at, None) for first, last, at in _earlier(told[0])),
        *(known(one.first, one.last, one.at, one.sha256) for one in told),
    ]


def told_events(store: LogStore, workspace: Workspace, action: str, after: int = 0) -> Iterator[LogEntry]:
    """The events of this action behind a place, oldest first, those whose bytes have their hash."""
    while True:
        page = store.find(workspace, EventFilter(action=action), ascending=True, after_seq=after, limit=_PAGE)
        for entry in page.entries:
            if chain.event_hash(entry.previous_hash, entry.record) == entry.event_hash:
                yield entry
        if not page.has_more:
            return
        after = page.entries[-1].seq


class ToldErasures:
    """Which places' details the log says it erased; goes on reading it where it was."""

    def __init__(self, store: LogStore, workspace: Workspace) -> None:
        self._store, self._workspace = store, workspace
        self._places = BitMap64()
        self._after = 0

    def within(self, first: int, last: int) -> BitMap64:
        """Those of a range, as of now."""
        return self.among(BitMap64(range(first, last + 1)))

    def among(self, places: BitMap64) -> BitMap64:
        """Those among these places, as of now."""
        for entry in told_events(self._store, self._workspace, erasure.ACTION, self._after):
            record = readable(entry.record)
            for one in erasure.erased_by(record) if record is not None else ():
                self._places.add_range(one[0], one[1] + 1)
            self._after = entry.seq
        return self._places & places


@contextmanager
def opened(store: LogStore, workspace: Workspace, archive: KnownArchive) -> Iterator[OpenArchive]:
    """An archive, where it lies. Raises NotFound, ArchiveUnreachable, StartError or ArchiveBroken."""
    with ExitStack() as stack:
        found = _found(archive, stack)
        header = found.header
        if (header.workspace_id, header.first, header.last) != (workspace.id, archive.first, archive.last):
            raise ArchiveBroken(f"{found.name} holds other events than the log says.")
        expected = archive.sha256 if found.is_one_file else (archive.converted_sha256 or archive.sha256)
        if expected is None:
            _check_leaf(store, workspace, found)
        elif hashlib.file_digest(found.records, "sha256").hexdigest() != expected:  # type: ignore[arg-type]
            raise ArchiveBroken(f"{found.name} is not the file whose SHA-256 is on the record.")
        found.records.seek(0)
        yield found


def details_of(archive: OpenArchive) -> BinaryIO | None:
    """Its details file, which the caller closes; None where it has but one file. Raises NotFound, ArchiveUnreachable."""
    return None if archive.is_one_file else archive.folder.open(details_name(archive.name))


def _found(archive: KnownArchive, stack: ExitStack) -> OpenArchive:
    """Its file that stays, at the first place where it is: that of format 1 until it is on the record as converted."""
    endings = (RECORDS_NAME,) if archive.converted_sha256 is not None else (ONE_FILE_NAME, RECORDS_NAME)
    missing: ImmutableError | None = None
    for at in archive.at:
        for ending in endings:
            try:
                folder = ArchiveFolder(at, make=False)
                records = stack.enter_context(folder.open(archive.base + ending))
            except (NotFound, StartError) as error:
                missing = error
                continue
            header = read_header(records)
            records.seek(0)
            return OpenArchive(folder, archive.base + ending, header, records)
    raise missing or NotFound(
        f"No event of the log says where the archives of events {archive.first} to {archive.last} are: run `immutable verify`."
    )


def _check_leaf(store: LogStore, workspace: Workspace, found: OpenArchive) -> None:
    """The hash of its last event, by which all of it is bound, is a leaf of the tree. Raises ArchiveBroken."""
    size = store.proofs.tree(workspace).size
    try:
        if found.header.last <= size:
            leaf = Tree(tile_reader(store.proofs, workspace), size).leaf(found.header.last - 1)
            if leaf == leaf_hash(bytes.fromhex(found.header.last_hash)):
                return
    except LookupError:
        pass
    raise ArchiveBroken(f"{found.name} does not end with the event that the log's tree has in that place.")


def _earlier(oldest: ToldArchive) -> Iterator[tuple[int, int, str]]:
    """The archives before the oldest one that an event tells of, as large as that one."""
    size = oldest.last - oldest.first + 1
    for place in oldest.earlier or (ArchivePlace(1, oldest.first - 1, oldest.at),):
        for first in range(max(place.first, 1), min(place.last, oldest.first - 1) + 1, size):
            yield first, min(first + size - 1, place.last), place.at


def _told(entry: LogEntry) -> ToldArchive | None:
    record: Record | None = readable(entry.record)
    if record is None or entry.details is None or entry.salt is None:
        return None
    if details_digest(entry.salt, entry.details) != record.details_digest:
        return None
    return pruning.archive_told(record.action, record.targets, decode_details(entry.details).metadata)
