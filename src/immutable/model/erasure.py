"""What comes of an erasure."""

import msgspec

from immutable.model.event import Receipt


class UnreachedArchive(msgspec.Struct, frozen=True):
    """An archive that could not be looked into: it may still hold details that were to be erased."""

    archive: str
    at: str
    first_sequence: int
    last_sequence: int
    problem: str


class Erasure(msgspec.Struct):
    """What came of an erasure. `held`: events that a hold kept; `last_seq`: how far it went, to go on from there."""

    erased: int = 0
    """Events, those in archives too."""
    erased_in_archives: int = 0
    held: int = 0
    receipts: list[Receipt] = []
    unreached: list[UnreachedArchive] = []
    last_seq: int = 0
    looked_at: int = 0
    is_complete: bool = False
