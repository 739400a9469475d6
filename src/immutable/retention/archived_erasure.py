"""Erases details that retention has archived: on the record first, then the details file is written anew without them.

    scan the records · write the details that stay · say in the log what goes · replace the file · look again

Crash argument: until the event is in the log nothing has changed. A crash between it and the replacement leaves details that
are on the record as erased: any later erasure that passes by removes what the record says is gone, whatever it was asked for,
and says nothing twice; `immutable archive verify --log` names them until then. The old file stays until the new one was read
back, and the records file never changes.

Two that work on one archive at once: each has said in the log what it erases before it replaces the file, and looks again
after it, at what all have said; so whoever writes last leaves nothing that any of them erased.

An archive of format 1 cannot be written anew without its hash on the record changing. It is converted first, and loses
nothing by it: both new files are read back, an event carries the new hash, and then the old file goes.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing

import msgspec
from pyroaring import BitMap64

from immutable import clock
from immutable.errors import NotFound, StartError
from immutable.integrity import erasure
from immutable.integrity.pruning import conversion_targets
from immutable.integrity.record import decode_record
from immutable.log.append import append_batch
from immutable.log.system_events import PREFIX, Responsible, append_system_event, system_event
from immutable.model.erasure import Erasure, UnreachedArchive
from immutable.model.event import EventDraft, LogEntry
from immutable.model.filters import EventFilter
from immutable.model.hold import Hold
from immutable.model.workspace import Workspace
from immutable.retention.archive import (
    FORMAT,
    ONE_FILE_NAME,
    RECORDS_NAME,
    ArchiveBroken,
    details_name,
    read_archive,
    write_archive,
    write_details,
)
from immutable.retention.archive_folder import ArchiveUnreachable
from immutable.retention.archives import KnownArchive, OpenArchive, ToldErasures, archives_of, details_of, opened
from immutable.retention.holds import active_holds
from immutable.store.log_store import LogStore
from immutable.store.terms import meets

_CHUNK = 1_000
"""Events that one event says are erased, at most."""
_ROUNDS = 5

_OUT_OF_REACH = (NotFound, ArchiveUnreachable, ArchiveBroken, StartError)


class Order(msgspec.Struct, frozen=True):
    """What is to be erased, by whom and why. `wanted` None: only what is on the record as erased already."""

    wanted: EventFilter | None
    by: Responsible
    reason: str
    silence: int


class ArchivedEraser:
    """Erases in the archives of one log. Not for several threads."""

    def __init__(self, store: LogStore, workspace: Workspace, order: Order, done: Erasure) -> None:
        self._store, self._workspace, self._order, self._done = store, workspace, order, done
        self._told = ToldErasures(store, workspace)

    def run(self, most: int | None, progress: Callable[[int], None]) -> None:
        """Go through the archives behind `done.last_seq`, oldest first, until `most` events were looked at.

        An archive that is out of reach is told in `done.unreached`, and passed over.
        """
        done = self._done
        for archive in archives_of(self._store, self._workspace):
            if archive.last <= done.last_seq:
                continue
            if most is not None and done.looked_at >= most:
                return
            try:
                self.erase(archive)
            except _OUT_OF_REACH as error:
                done.unreached.append(
                    UnreachedArchive(archive.base, "".join(archive.at[:1]), archive.first, archive.last, error.message)
                )
            count = archive.last - max(archive.first - 1, done.last_seq)
            done.looked_at += count
            done.last_seq = archive.last
            progress(count)

    def erase(self, archive: KnownArchive) -> None:
        """Erase in one archive, until a look at it finds nothing more to erase. Raises as `opened` does."""
        held = BitMap64()
        for _ in range(_ROUNDS):
            with opened(self._store, self._workspace, archive) as files:
                if archive.converted_sha256 is not None and files.folder.has(details_name(files.name)):
                    files.folder.remove(archive.base + ONE_FILE_NAME)  # what a crash left of the conversion
                holds = active_holds(self._store, self._workspace)
                chosen, kept = self._choose(archive, files, holds)
                if not chosen and not kept:
                    break
                if chosen and files.is_one_file:
                    archive = self._convert(archive, files)
                    continue
                if kept:
                    held |= kept & _with_details(files)
                if not chosen or not self._replace(files, chosen, holds):
                    break
        else:
            raise ArchiveUnreachable(f"{archive.base} holds again and again what was erased from it.")
        self._done.held += len(held)

    def _choose(self, archive: KnownArchive, files: OpenArchive, holds: Iterable[Hold]) -> tuple[BitMap64, BitMap64]:
        """The places whose details are to go if they are there, and those that a hold keeps."""
        told = self._told.within(archive.first, archive.last)
        wanted, after = self._order.wanted, self._done.last_seq
        held_events = [one.events.as_filter() for one in holds]
        chosen, held = BitMap64(), BitMap64()
        for entry in read_archive(files.records):
            record = decode_record(entry.record)
            is_wanted = entry.seq in told or (wanted is not None and entry.seq > after and meets(record, wanted))
            if not is_wanted or record.action.startswith(PREFIX) or (files.is_one_file and entry.details is None):
                continue
            (held if any(meets(record, one) for one in held_events) else chosen).add(entry.seq)
        files.records.seek(0)
        return chosen, held

    def _replace(self, files: OpenArchive, chosen: BitMap64, holds: list[Hold]) -> bool:
        """Write the details anew without those of `chosen`; False where none of them is there."""
        with tempfile.TemporaryFile() as new:
            victims: list[int] = []
            written = write_details(new, files.header, _without(files, chosen, victims))
            if not victims:
                return False
            told = self._told.within(files.header.first, files.header.last)
            if not self._tell(files, [seq for seq in victims if seq not in told], holds):
                return True  # a hold came meanwhile: look again
            files.folder.replace(details_name(files.name), new, written.sha256)
        self._done.erased += len(victims)
        self._done.erased_in_archives += len(victims)
        return True

    def _tell(self, files: OpenArchive, victims: list[int], holds: list[Hold]) -> bool:
        """Say in the log what is erased; False, and nothing is said, where the holds are not those any more."""
        if not victims:
            return True
        with self._store.append() as transaction:
            transaction.lock_heads([self._workspace])
            transaction.lock_head(self._workspace)  # from here on no hold is placed that is not seen
            if active_holds(self._store, self._workspace) != holds:
                return False
            chunks = [victims[start : start + _CHUNK] for start in range(0, len(victims), _CHUNK)]
            events = [self._event(files.name, chunk) for chunk in chunks]
            self._done.receipts += append_batch(
                transaction, self._workspace, events, now=clock.now(), silence=self._order.silence
            )
        return True

    def _event(self, archive: str, victims: list[int]) -> EventDraft:
        order = self._order
        return system_event(
            "details_erased",
            order.by,
            resource=("events", None),
            targets=erasure.range_targets(erasure.ranges_of(victims)),
            metadata={"reason": order.reason, "events": len(victims), "archive": archive, **unreached_of(self._done)},
        )

    def _convert(self, archive: KnownArchive, files: OpenArchive) -> KnownArchive:
        """Write an archive of format 1 anew in format 2, on the record; the archive as it is then."""
        name = archive.base + RECORDS_NAME
        header = msgspec.structs.replace(files.header, format=FORMAT)
        with tempfile.TemporaryFile() as records, tempfile.TemporaryFile() as details:
            written = write_archive(records, details, header, read_archive(files.records))
            files.folder.keep(name, records, written[0].sha256)
            files.folder.keep(details_name(name), details, written[1].sha256)
        event = system_event(
            "archive_converted",
            self._order.by,
            resource=("archive", name),
            targets=conversion_targets(header.first, header.last, header.last_hash, written[0].sha256),
            metadata={
                "archive": name, "at": files.folder.url, "first": header.first, "last": header.last,
                "bytes": written[0].bytes, "details": details_name(name), "details_bytes": written[1].bytes,
                "details_sha256": written[1].sha256, "instead_of": files.name,
            },
        )  # fmt: skip
        append_system_event(self._store, self._workspace, event, self._order.silence, is_administrative=False)
        files.folder.remove(files.name)
        return msgspec.structs.replace(archive, converted_sha256=written[0].sha256)


def unreached_of(done: Erasure) -> dict[str, list[str]]:
    """For the events that tell of an erasure: which archives it could not reach, where there are such."""
    return {"unreached_archives": [one.archive for one in done.unreached]} if done.unreached else {}


def _without(files: OpenArchive, chosen: BitMap64, victims: list[int]) -> Iterator[LogEntry]:
    """The entries that keep their details; the places of the others, of which there are details, go to `victims`."""
    for entry in _entries(files):
        if entry.seq not in chosen:
            yield entry
        elif entry.details is not None:
            victims.append(entry.seq)


def _with_details(files: OpenArchive) -> BitMap64:
    return BitMap64(entry.seq for entry in _entries(files) if entry.details is not None)


def _entries(files: OpenArchive) -> Iterator[LogEntry]:
    """All of an archive, details included."""
    with ExitStack() as stack:
        details = details_of(files)
        if details is not None:
            stack.enter_context(closing(details))
        yield from read_archive(files.records, details)
    files.records.seek(0)
