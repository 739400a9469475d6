"""Archives: the exact bytes of a stretch of the log as gzipped JSON lines, written to be read without us.

The first line says what follows; then a line an event, in order, with `seq`, `record` and `details` (the texts that were hashed),
`salt` and `event_hash` (hex). `details` and `salt` are null where they were erased. Whoever has Python, a JSON parser and
SHA-256 can check it: `docs/specs/archive.md`.
"""

import gzip
import hashlib
import io
import zlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO

import msgspec

from immutable.errors import ImmutableError
from immutable.integrity.verify import Walk
from immutable.model.event import Head, LogEntry
from immutable.model.workspace import Workspace

FORMAT = "immutable-archive/1"
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


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    seq: int
    record: str
    details: str | None
    salt: str | None
    event_hash: str


_encode = msgspec.json.Encoder().encode
_decode_line = msgspec.json.Decoder(_Line).decode
_decode_header = msgspec.json.Decoder(ArchiveHeader).decode


def write_archive(
    stream: BinaryIO,
    workspace: Workspace,
    before: Head,
    entries: Iterable[LogEntry],
    last: Head,
    checkpoint: str | None,
) -> str:
    """Write the events between `before` and `last`, each checked on the way; the SHA-256 of the file, as hex.

    The same events make the same bytes. Raises ArchiveBroken where the log is broken: nothing broken is archived and pruned.
    """
    digest = _Digesting(stream)
    walk = Walk(workspace.id, before, breaks=[], missing=[], erased=[])
    header = ArchiveHeader(
        FORMAT, workspace.id, workspace.name, before.seq + 1, last.seq, before.event_hash.hex(), last.event_hash.hex(),
        before.created_at, checkpoint,
    )  # fmt: skip
    with gzip.GzipFile(filename="", mode="wb", fileobj=digest, mtime=0) as packed:
        packed.write(_encode(header) + b"\n")
        for entry in entries:
            walk.step(entry)
            packed.write(_encode(_line(entry)) + b"\n")
    _check_end(walk, last)
    return digest.sha256.hexdigest()


def read_header(stream: BinaryIO) -> ArchiveHeader:
    """What an archive says it holds. Raises ArchiveBroken."""
    return next(_read(stream))  # type: ignore[return-value]


def read_archive(stream: BinaryIO) -> Iterator[LogEntry]:
    """The events of an archive, each checked against the chain and the header. Raises ArchiveBroken at what is wrong."""
    lines = _read(stream)
    header = next(lines)
    assert isinstance(header, ArchiveHeader)  # noqa: S101 - the first is
    before = Head(header.first - 1, bytes.fromhex(header.previous_hash), header.previous_created_at)
    walk = Walk(header.workspace_id, before, breaks=[], missing=[], erased=[])
    for line in lines:
        assert isinstance(line, _Line)  # noqa: S101 - the others are
        entry = _entry(line, walk.previous.event_hash)
        walk.step(entry)
        if walk.breaks:
            _raise(walk)
        yield entry
    _check_end(walk, Head(header.last, bytes.fromhex(header.last_hash), 0))


def _read(stream: BinaryIO) -> Iterator[ArchiveHeader | _Line]:
    """The lines of an archive, decoded; bounded, whatever it is."""
    try:
        with gzip.GzipFile(fileobj=stream, mode="rb") as packed:
            text = io.BufferedReader(packed)
            header = _decode_header(text.readline(_MAX_LINE))
            if header.format != FORMAT:
                raise ArchiveBroken(f"This is an archive of another format: {header.format[:40]!r}.")
            _unhex(header.previous_hash + header.last_hash)
            yield header
            while line := text.readline(_MAX_LINE):
                decoded = _decode_line(line)
                if _encode(decoded) + b"\n" != line:
                    raise ArchiveBroken(f"Event {decoded.seq} is not written as archives are: something changed it.")
                yield decoded
    except (OSError, EOFError, zlib.error, ValueError) as error:  # msgspec's errors are ValueErrors
        raise ArchiveBroken(f"The archive cannot be read: {error}.") from error


def _line(entry: LogEntry) -> _Line:
    return _Line(
        entry.seq,
        entry.record.decode(),
        None if entry.details is None else entry.details.decode(),
        None if entry.salt is None else entry.salt.hex(),
        entry.event_hash.hex(),
    )


def _entry(line: _Line, previous_hash: bytes) -> LogEntry:
    try:
        salt = None if line.salt is None else _unhex(line.salt)
        event_hash = _unhex(line.event_hash)
    except ValueError:
        raise ArchiveBroken(f"The archive's event {line.seq} has a salt or hash that is no hex.") from None
    details = None if line.details is None else line.details.encode()
    return LogEntry(line.seq, line.record.encode(), details, salt, previous_hash, event_hash)


def _unhex(text: str) -> bytes:
    """Bytes from the hex that we write, which is in lower case: no other text stands for them. Raises ValueError."""
    value = bytes.fromhex(text)
    if value.hex() != text:
        raise ValueError("hex that is not in lower case")
    return value


def _check_end(walk: Walk, last: Head) -> None:
    walk.finish(last)
    if walk.breaks:
        _raise(walk)


def _raise(walk: Walk) -> None:
    first = walk.breaks[0]
    raise ArchiveBroken(f"Event {first.sequence} is broken: {first.message} Nothing was pruned.")


class _Digesting(io.RawIOBase):
    """Passes on what is written, and digests it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.sha256 = hashlib.sha256()

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, content: bytes) -> int:  # type: ignore[override]
        """Write on."""
        self.sha256.update(content)
        return self._stream.write(content)
