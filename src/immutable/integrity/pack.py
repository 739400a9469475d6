"""Evidence packs as bytes: the archive in its one form, the manifest and the log's signature over it. Pure.

The promise is `docs/specs/evidence-pack.md`. What goes into the files, and where it comes from, is the caller's; the verifier, in
`verifier/`, shares no code with this.
"""

import hashlib
import re
import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from immutable.integrity import note
from immutable.integrity.note import Signer
from immutable.model.event import LogEntry

FORMAT = "immutable-evidence/1"
MANIFEST, MANIFEST_NOTE = "manifest.json", "manifest.note"
MAX_FILES, MAX_BYTES = 0xFFFF, 0xFFFFFFFF
"""What an archive without ZIP64 can hold."""

_PART = "[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9_-])?"
_NAME = re.compile(f"{_PART}(/{_PART})?", re.ASCII)
_MIDNIGHT, _FIRST_OF_1980 = 0, 0x21
_ATTRIBUTES = 0o644 << 16
_HEADERS = 30 + 46


class PackError(ValueError):
    """These files cannot be a pack."""


class Part(msgspec.Struct, frozen=True):
    """What the archive and the manifest say of a file."""

    name: str
    size: int
    crc: int
    digest: bytes
    """Its SHA-256."""


def part_of(name: str, data: bytes) -> Part:
    """A file that is in memory."""
    return Part(name, len(data), zlib.crc32(data), hashlib.sha256(data).digest())


def seal(manifest: Mapping[str, Any], files: Mapping[str, bytes], signers: Iterable[Signer]) -> bytes:
    """The pack: `files` and a manifest that names their hashes, signed. `manifest` has all members but `format` and `files`."""
    content, signed = signed_manifest(manifest, [part_of(name, data) for name, data in files.items()], signers)
    return archive({MANIFEST: content, MANIFEST_NOTE: signed, **files})


def signed_manifest(
    manifest: Mapping[str, Any], parts: Iterable[Part], signers: Iterable[Signer]
) -> tuple[bytes, bytes]:
    """`manifest.json`, which names the hash of each file, and `manifest.note`, its signature."""
    hashes = {part.name: part.digest.hex() for part in sorted(parts, key=lambda part: part.name)}
    if {MANIFEST, MANIFEST_NOTE} & set(hashes):
        raise PackError("The manifest is made here.")
    content = msgspec.json.encode({**manifest, "format": FORMAT, "files": hashes})
    text = f"{FORMAT}\n{manifest['origin']}\n{hashlib.sha256(content).hexdigest()}\n"
    return content, note.sign(text, signers).encode()


def archive(files: Mapping[str, bytes]) -> bytes:
    """A ZIP archive in the form of the specification: stored, fixed headers, the manifest first, then by name."""
    parts = ordered(part_of(name, data) for name, data in files.items())
    return b"".join(local_header(part) + files[part.name] for part in parts) + directory(parts)


def ordered(parts: Iterable[Part]) -> list[Part]:
    """The order of the files in the archive."""
    return sorted(parts, key=lambda part: (part.name not in (MANIFEST, MANIFEST_NOTE), part.name))


def local_header(part: Part) -> bytes:
    """What stands before the bytes of a file. Raises PackError where it cannot have this name."""
    if _NAME.fullmatch(part.name) is None:
        raise PackError(f"{part.name!r} cannot be the name of a file in a pack.")
    return b"PK\x03\x04" + _shape(part) + part.name.encode()


def directory(parts: Sequence[Part]) -> bytes:
    """What stands after all files. Raises PackError where they are more than an archive can hold."""
    central, at = bytearray(), 0
    if sum(part.size + 2 * len(part.name) + _HEADERS for part in parts) > MAX_BYTES or len(parts) > MAX_FILES:
        raise PackError("This is more than one pack can hold.")
    for part in parts:
        place = struct.pack("<HHHII", 0, 0, 0, _ATTRIBUTES, at)
        central += b"PK\x01\x02\x14\x03" + _shape(part) + place + part.name.encode()
        at += len(local_header(part)) + part.size
    return bytes(central) + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, len(parts), len(parts), len(central), at, 0)


def _shape(part: Part) -> bytes:
    return struct.pack(
        "<HHHHHIIIHH",
        20, 0, 0, _MIDNIGHT, _FIRST_OF_1980, part.crc, part.size, part.size, len(part.name.encode()), 0,
    )  # fmt: skip


def event_line(entry: LogEntry, absent: str | None = None) -> bytes:
    """A line of `events.jsonl`, with its newline. `absent`: `erased` or `withheld`, and the details are left out."""
    shown = absent is None and entry.details is not None and entry.salt is not None
    if not shown and absent is None:
        raise PackError(f"Say why the details of event {entry.seq} are absent.")
    line = {
        "seq": entry.seq,
        "record": entry.record.decode(),
        "details": entry.details.decode() if shown and entry.details is not None else None,
        "salt": entry.salt.hex() if shown and entry.salt is not None else None,
        "absent": absent,
        "previous_hash": entry.previous_hash.hex(),
        "event_hash": entry.event_hash.hex(),
    }
    return msgspec.json.encode(line) + b"\n"


def proofs(
    size: int,
    inclusion: Mapping[int, Sequence[bytes]],
    consistency: Mapping[tuple[int, int], Sequence[bytes]] = {},
) -> bytes:
    """`proofs.json`: the inclusion proofs by `seq`, the consistency proofs by the two sizes; each hash is held once."""
    places: dict[bytes, int] = {}

    def path(hashes: Sequence[bytes]) -> list[int]:
        return [places.setdefault(one, len(places)) for one in hashes]

    paths = {str(seq): path(hashes) for seq, hashes in inclusion.items()}
    between = [{"from": old, "to": new, "path": path(hashes)} for (old, new), hashes in consistency.items()]
    nodes = [one.hex() for one in places]
    return msgspec.json.encode({"size": size, "nodes": nodes, "paths": paths, "consistency": between})
