"""Archives: the exact bytes of a stretch of the log as gzipped JSON lines, written to be read without us.

Two files: the records file holds what stays for ever (a header, then `seq`, `record` and `event_hash` of each event) and never
changes, so its SHA-256 is on the record; the details file holds what may have to be forgotten (`seq`, `details` and `salt` of the
events that have them), each line held by its record's digest, so an erasure writes it anew without those (`archived_erasure.py`).
Archives of format 1 were one file of both; they are read as well. `docs/specs/archive.md` tells the formats.
"""

import gzip
import hashlib
import io
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, Self

import msgspec

from immutable.errors import ImmutableError
from immutable.integrity.verify import Walk
from immutable.model.event import Head, LogEntry
from immutable.model.workspace import Workspace

FORMAT = "immutable-archive/2"
ONE_FILE = "immutable-archive/1"
DETAILS_FORMAT = "immutable-archive-details/2"
RECORDS_NAME, DETAILS_NAME, ONE_FILE_NAME = ".records.jsonl.gz", ".details.jsonl.gz", ".jsonl.gz"
"""What the names of the files end with."""
_MAX_LINE = 64 * 1_048_576


class ArchiveBroken(ImmutableError):
    """An archive is not what it should be; the message says where."""

    code = "archive_broken"


class ArchiveHeader(msgspec.Struct, forbid_unknown_fields=True):
    """What an archive holds: events `first` to `last`, between two hashes of the chain (hex)."""

    format: str
    workspace_id: str
    workspace: str
    first: int
    last: int
    previous_hash: str
    last_hash: str
    previous_created_at: int
    checkpoint: str | None = None
    """The signed checkpoint that covers it, where there is one."""


class Written(msgspec.Struct, frozen=True):
    """A file as it was written: its SHA-256 as hex, and its size."""

    sha256: str
    bytes: int


class _DetailsHeader(msgspec.Struct, forbid_unknown_fields=True):
    format: str
    workspace_id: str
    first: int
    last: int


class _Record(msgspec.Struct, forbid_unknown_fields=True):
    seq: int
    record: str
    event_hash: str


class _Details(msgspec.Struct, forbid_unknown_fields=True):
    seq: int
    details: str
    salt: str


class _Whole(msgspec.Struct, forbid_unknown_fields=True):
    """An event as format 1 has it."""

    seq: int
    record: str
    details: str | None
    salt: str | None
    event_hash: str


_encode = msgspec.json.Encoder().encode
_decode_header = msgspec.json.Decoder(ArchiveHeader).decode
_decode_record = msgspec.json.Decoder(_Record).decode
_decode_details = msgspec.json.Decoder(_Details).decode
_decode_whole = msgspec.json.Decoder(_Whole).decode


def details_name(name: str) -> str:
    """What the details file beside this records file is called."""
    return name.removesuffix(RECORDS_NAME) + DETAILS_NAME


def header_of(workspace: Workspace, before: Head, last: Head, checkpoint: str | None) -> ArchiveHeader:
    """The header of an archive of the events between `before` and `last`."""
    return ArchiveHeader(
        FORMAT, workspace.id, workspace.name, before.seq + 1, last.seq, before.event_hash.hex(), last.event_hash.hex(),
        before.created_at, checkpoint,
    )  # fmt: skip


def write_archive(
    records: BinaryIO, details: BinaryIO, header: ArchiveHeader, entries: Iterable[LogEntry]
) -> tuple[Written, Written]:
    """Write the events that `header` tells of, each checked on the way; what the two files are then.

    The same events and header make the same bytes. Raises ArchiveBroken where the log is broken: nothing broken is pruned.
    """
    walk = _walk_of(header)
    with _Packed(records) as kept, _Packed(details) as forgettable:
        kept.add(header)
        forgettable.add(_details_header(header))
        for entry in entries:
            walk.step(entry)
            kept.add(_Record(entry.seq, entry.record.decode(), entry.event_hash.hex()))
            _add_details(forgettable, entry)
    _check_end(walk, header)
    return kept.written(), forgettable.written()


def write_details(stream: BinaryIO, header: ArchiveHeader, entries: Iterable[LogEntry]) -> Written:
    """Write a details file alone, of those events that have details."""
    with _Packed(stream) as packed:
        packed.add(_details_header(header))
        for entry in entries:
            _add_details(packed, entry)
    return packed.written()


def read_header(records: BinaryIO) -> ArchiveHeader:
    """What an archive says it holds. Raises ArchiveBroken."""
    return _header(_lines(records))


def read_archive(records: BinaryIO, details: BinaryIO | None = None) -> Iterator[LogEntry]:
    """The events of an archive, each checked against the chain and the header. Raises ArchiveBroken at what is wrong.

    Without the details file no event has details, unless it is an archive of format 1, which has but one file.
    """
    lines = _lines(records)
    header = _header(lines)
    decode = _decode_whole if header.format == ONE_FILE else _decode_record
    walk = _walk_of(header)
    is_half = details is None and header.format != ONE_FILE
    others = None if details is None else _read_details(details, header)
    waiting = None if others is None else next(others, None)
    for line in lines:
        read = _strict(decode, line)
        found: _Details | _Whole | None = read if isinstance(read, _Whole) else None
        if others is not None and waiting is not None and waiting.seq == read.seq:
            found, waiting = waiting, next(others, None)
        entry = _entry(read, found, walk.previous.event_hash)
        walk.step(entry)
        if is_half:  # the other half has the details of the server's own events, which no erasure takes
            walk.breaks = [one for one in walk.breaks if one.kind != "details_lost"]
        if walk.breaks:
            _raise(walk)
        yield entry
    _check_end(walk, header)
    if waiting is not None:
        raise ArchiveBroken(f"The details of event {waiting.seq} are not in their place.")


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """The lines of a packed file; bounded, whatever it is."""
    try:
        with gzip.GzipFile(fileobj=stream, mode="rb") as packed:
            text = io.BufferedReader(packed)
            while line := text.readline(_MAX_LINE):
                yield line
    except (OSError, EOFError, zlib.error) as error:
        raise ArchiveBroken(f"The archive cannot be read: {error}.") from error


def _strict(decode: Any, line: bytes) -> Any:
    """A line as we write it, and no other that would decode to the same."""
    try:
        decoded = decode(line)
    except ValueError as error:  # msgspec's errors and wrong UTF-8 are ValueErrors
        raise ArchiveBroken(f"The archive cannot be read: {error}.") from error
    if _encode(decoded) + b"\n" != line:
        raise ArchiveBroken(f"Event {decoded.seq} is not written as archives are: something changed it.")
    return decoded


def _header(lines: Iterator[bytes]) -> ArchiveHeader:
    try:
        line = next(lines, b"")
        header = _decode_header(line)
        if _encode(header) + b"\n" != line:
            raise ArchiveBroken("The archive's first line is not written as archives are: something changed it.")
        if header.format not in {FORMAT, ONE_FILE}:
            raise ArchiveBroken(f"This is an archive of another format: {header.format[:40]!r}.")
        _unhex(header.previous_hash + header.last_hash)
    except ValueError as error:
        raise ArchiveBroken(f"The archive cannot be read: {error}.") from error
    return header


def _read_details(stream: BinaryIO, header: ArchiveHeader) -> Iterator[_Details]:
    lines = _lines(stream)
    if next(lines, b"") != _encode(_details_header(header)) + b"\n":
        raise ArchiveBroken("The details file does not belong to the records file: its first line is another.")
    for line in lines:
        yield _strict(_decode_details, line)


def _details_header(header: ArchiveHeader) -> _DetailsHeader:
    return _DetailsHeader(DETAILS_FORMAT, header.workspace_id, header.first, header.last)


def _add_details(packed: "_Packed", entry: LogEntry) -> None:
    if entry.details is not None and entry.salt is not None:
        packed.add(_Details(entry.seq, entry.details.decode(), entry.salt.hex()))


def _entry(read: _Record | _Whole, found: _Details | _Whole | None, previous_hash: bytes) -> LogEntry:
    details, salt = (None, None) if found is None else (found.details, found.salt)
    try:
        return LogEntry(
            read.seq,
            read.record.encode(),
            None if details is None else details.encode(),
            None if salt is None else _unhex(salt),
            previous_hash,
            _unhex(read.event_hash),
        )
    except ValueError:
        raise ArchiveBroken(f"The archive's event {read.seq} has a salt or hash that is no hex.") from None


def _unhex(text: str) -> bytes:
    """Bytes from the hex that we write, which is in lower case: no other text stands for them. Raises ValueError."""
    value = bytes.fromhex(text)
    if value.hex() != text:
        raise ValueError("hex that is not in lower case")
    return value


def _walk_of(header: ArchiveHeader) -> Walk:
    before = Head(header.first - 1, bytes.fromhex(header.previous_hash), header.previous_created_at)
    return Walk(header.workspace_id, before, breaks=[], missing=[], erased=[])


def _check_end(walk: Walk, header: ArchiveHeader) -> None:
    walk.finish(Head(header.last, bytes.fromhex(header.last_hash), 0))
    if walk.breaks:
        _raise(walk)


def _raise(walk: Walk) -> None:
    first = walk.breaks[0]
    raise ArchiveBroken(f"Event {first.sequence} is broken: {first.message}")


class _Packed(io.RawIOBase):
    """Lines into a gzipped file, which is digested on the way."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._sha256, self._size = stream, hashlib.sha256(), 0
        self._gzip = gzip.GzipFile(filename="", mode="wb", fileobj=self, mtime=0)

    def add(self, line: msgspec.Struct) -> None:
        """Add a line."""
        self._gzip.write(_encode(line) + b"\n")

    def written(self) -> Written:
        """What the file is, once it is complete."""
        return Written(self._sha256.hexdigest(), self._size)

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, content: bytes) -> int:  # type: ignore[override]
        """Write what is packed on."""
        self._sha256.update(content)
        self._size += len(content)
        return self._stream.write(content)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._gzip.close()
