"""Checkpoints (C2SP tlog-checkpoint): origin, size and root of a tree as the text of a signed note. Pure."""

import base64
import binascii
import re

import msgspec

from immutable.integrity.merkle import HASH_BYTES
from immutable.integrity.note import NoteError

_SIZE = re.compile("0|[1-9][0-9]{0,18}", re.ASCII)
_MAX_SIZE = (1 << 63) - 1


class Checkpoint(msgspec.Struct, frozen=True):
    """A tree at one size. `extensions`: further lines, which we neither write nor need."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()


def format_checkpoint(checkpoint: Checkpoint) -> str:
    """The text of the note."""
    root = base64.b64encode(checkpoint.root).decode()
    lines = (checkpoint.origin, str(checkpoint.size), root, *checkpoint.extensions)
    return "".join(line + "\n" for line in lines)


def parse_checkpoint(text: str) -> Checkpoint:
    """The checkpoint of a note's text. Raises NoteError where it is none."""
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop() != "" or not all(lines):
        raise NoteError("A checkpoint has an origin, a size and a root, each on a line of its own.")
    origin, size, root, *extensions = lines
    if not _SIZE.fullmatch(size) or int(size) > _MAX_SIZE:
        raise NoteError("The checkpoint's size is no number of leaves.")
    try:
        decoded = base64.b64decode(root, validate=True)
    except (binascii.Error, ValueError):
        decoded = b""
    if len(decoded) != HASH_BYTES or base64.b64encode(decoded).decode() != root:
        raise NoteError("The checkpoint's root is not the base64 of 32 bytes.")
    return Checkpoint(origin, int(size), decoded, tuple(extensions))
