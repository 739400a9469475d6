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

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?", re.ASCII)
_MIDNIGHT, _FIRST_OF_1980 = 0, 0x21
_ATTRIBUTES = 0o644 << 16


class PackError(ValueError):
    """These files cannot be a pack."""


def seal(manifest: Mapping[str, Any], files: Mapping[str, bytes], signers: Iterable[Signer]) -> bytes:
    """The pack: `files` and a manifest that names their hashes, signed. `manifest` has all members but `format` and `files`."""
    if {MANIFEST, MANIFEST_NOTE} & set(files):
        raise PackError("The manifest is made here.")
    hashes = {name: hashlib.sha256(files[name]).hexdigest() for name in sorted(files)}
    content = msgspec.json.encode({**manifest, "format": FORMAT, "files": hashes})
    text = f"{FORMAT}\n{manifest['origin']}\n{hashlib.sha256(content).hexdigest()}\n"
    return archive({MANIFEST: content, MANIFEST_NOTE: note.sign(text, signers).encode(), **files})


def archive(files: Mapping[str, bytes]) -> bytes:
    """A ZIP archive in the form of the specification: stored, fixed headers, the manifest first, then by name."""
    local, central = bytearray(), bytearray()
    for name in sorted(files, key=lambda name: (name not in (MANIFEST, MANIFEST_NOTE), name)):
        if _NAME.fullmatch(name) is None:
            raise PackError(f"{name!r} cannot be the name of a file in a pack.")
        data, encoded = files[name], name.encode()
        shape = struct.pack(
            "<HHHHHIIIHH",
            20, 0, 0, _MIDNIGHT, _FIRST_OF_1980, zlib.crc32(data), len(data), len(data), len(encoded), 0,
        )  # fmt: skip
        central += b"PK\x01\x02\x14\x03" + shape + struct.pack("<HHHII", 0, 0, 0, _ATTRIBUTES, len(local)) + encoded
        local += b"PK\x03\x04" + shape + encoded + data
    if len(files) > MAX_FILES or len(local) + len(central) > MAX_BYTES:
        raise PackError("This is more than one pack can hold.")
    end = struct.pack("<HHHHIIH", 0, 0, len(files), len(files), len(central), len(local), 0)
    return bytes(local + central) + b"PK\x05\x06" + end


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
