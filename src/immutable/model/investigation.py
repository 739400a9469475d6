"""An investigation: what was gathered under a ticket. Its notes and its history are events of the log, and nowhere else."""

from typing import Literal

import msgspec

Kind = Literal["session", "event"]


class Investigation(msgspec.Struct, frozen=True):
    """As it stands; it is open while `closed_at` is None. Times in microseconds."""

    id: str
    ticket: str
    title: str
    created_by: str
    """Id of the key, member or operator that opened it."""
    created_at: int
    closed_at: int | None = None


class Item(msgspec.Struct, frozen=True):
    """Something that was gathered: a session or an event, by its id."""

    kind: Kind
    id: str
    added_at: int


class Gathered(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an investigation held at some moment, and whether its own events (notes, who gathered what) are meant too."""

    id: str
    ticket: str
    sessions: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    notes: bool = False
