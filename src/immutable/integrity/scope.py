"""What stands behind the events of a log besides its own hashes: which were signed, witnessed, anchored. Pure.

Each seal covers the log from its first event on to some place, so a log falls into a few ranges.
"""

from collections.abc import Mapping
from typing import Literal, get_args

import msgspec

from immutable.integrity.erasure import Range
from immutable.integrity.note import Verifier

Seal = Literal["signed", "witnessed", "anchored"]
SEALS: tuple[Seal, ...] = get_args(Seal)


class SealedRange(msgspec.Struct, frozen=True):
    """Events in a row that the same seals cover; `seals` is empty where nothing was signed yet."""

    first_sequence: int
    last_sequence: int
    seals: tuple[Seal, ...]


class ErasedRange(msgspec.Struct, frozen=True):
    """Events in a row whose details an erasure on the record removed."""

    first_sequence: int
    last_sequence: int


MAX_RANGES = 100
"""Ranges of erased details that a verdict names."""


class Outside(msgspec.Struct, frozen=True):
    """What is known of a log outside its database."""

    notes: tuple[bytes, ...] = ()
    """Signed checkpoints that were kept elsewhere."""
    witnesses: tuple[Verifier, ...] = ()
    """Whose cosignatures count."""
    anchored_through: int = 0
    """The last event that a confirmed anchor covers."""
    erased: tuple[Range, ...] = ()
    """The places whose details the log says it erased, further on than this copy of it goes."""


def sealed_ranges(first: int, last: int, through: Mapping[Seal, int]) -> list[SealedRange]:
    """The events `first` to `last`, cut where a seal ends. `through`: the last event that each seal covers."""
    cuts = sorted({min(max(one, first - 1), last) for one in through.values()} | {last})
    ranges = []
    for cut in cuts:
        if cut >= first:
            ranges.append(SealedRange(first, cut, tuple(seal for seal in SEALS if through.get(seal, 0) >= cut)))
            first = cut + 1
    return ranges
