"""The ZIP archive of a pack, in the one form the specification allows. Nothing is inflated or written. Raises Refused."""

import re
import struct
import zlib

from immutable_verify.findings import Refused

_PART = rb"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9_-])?"  # no dot at the end: some systems drop it
_NAME = re.compile(_PART + rb"(/" + _PART + rb")?")
MAX_BYTES = 0xFFFFFFFF
FIRST = ("manifest.json", "manifest.note")


def read(data: bytes) -> dict[str, bytes]:
    """The files of a pack by name: walk the local headers, then write the archive again and compare every byte."""
    if len(data) > MAX_BYTES:
        raise Refused("The file is larger than an evidence pack can be.")
    files: dict[str, bytes] = {}
    seen: set[bytes] = set()
    at = 0
    while data[at : at + 4] == b"PK\x03\x04" and at + 30 <= len(data):
        size, name_size = struct.unpack_from("<I4xH", data, at + 18)
        name = data[at + 30 : at + 30 + name_size]
        if _NAME.fullmatch(name) is None or name.lower() in seen:  # some systems take `A` and `a` for one file
            raise Refused("The file is not an evidence pack: a name in the archive is twice there or not allowed.")
        seen.add(name.lower())
        at += 30 + name_size
        files[name.decode()] = data[at : at + size]
        at += size
    if not files:
        raise Refused("The file is not an evidence pack: it is not a ZIP archive of stored files.")
    if write(files) != data:
        raise Refused("The archive is not in the one form that a pack has: it was damaged, packed anew or altered.")
    return files


def write(files: dict[str, bytes]) -> bytes:
    """The archive of these files."""
    local, central = [], []
    offset = 0
    for name in sorted(files, key=lambda name: (name not in FIRST, name)):
        data = files[name]
        shape = struct.pack(
            "<HHHHHIIIHH", 20, 0, 0, 0, 0x21, zlib.crc32(data), len(data), len(data), len(name), 0
        )  # version, flags, stored, midnight, 1980-01-01, sums, sizes, no extra field
        tail = struct.pack("<HHHII", 0, 0, 0, 0o644 << 16, offset)
        central.append(b"PK\x01\x02\x14\x03" + shape + tail + name.encode())
        local += [b"PK\x03\x04" + shape + name.encode(), data]
        offset += 30 + len(name) + len(data)
    directory = b"".join(central)
    counts = struct.pack("<HHHHIIH", 0, 0, len(files) & 0xFFFF, len(files) & 0xFFFF, len(directory), offset, 0)
    return b"".join(local) + directory + b"PK\x05\x06" + counts
