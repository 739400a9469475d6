"""The files of a pack while they are written, and the archive of them: temporary, without names, never whole in memory."""

import hashlib
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from typing import IO

from immutable.integrity import pack
from immutable.integrity.pack import Part

IN_MEMORY = 1 << 20
"""Bytes of one file that stay in memory; more go to disk."""

_COPY = 1 << 18


class Writing:
    """Files that are gone when the stack ends; only the archive is left."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._files: dict[str, IO[bytes]] = {}

    def file(self, name: str) -> IO[bytes]:
        """A new file."""
        made: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - the stack closes it
        self._stack.callback(made.close)
        self._files[name] = made
        return made

    def add(self, name: str, content: bytes) -> None:
        """A file with this content."""
        self.file(name).write(content)

    def parts(self) -> list[Part]:
        """What the manifest says of each file."""
        return [self._part(name) for name in self._files]

    def archive(self) -> tuple[IO[bytes], int]:
        """All files in one, and how long it is."""
        parts = pack.ordered(self.parts())
        end = pack.directory(parts)
        whole = tempfile.TemporaryFile()  # noqa: SIM115 - whoever gets it closes it
        try:
            for part in parts:
                whole.write(pack.local_header(part))
                whole.writelines(_pieces(self._files[part.name]))
            whole.write(end)
        except BaseException:
            whole.close()
            raise
        size = whole.tell()
        whole.seek(0)
        return whole, size

    def _part(self, name: str) -> Part:
        digest, crc, size = hashlib.sha256(), 0, 0
        for piece in _pieces(self._files[name]):
            digest.update(piece)
            crc = zlib.crc32(piece, crc)
            size += len(piece)
        return Part(name, size, crc, digest.digest())


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(_COPY):
        yield piece
