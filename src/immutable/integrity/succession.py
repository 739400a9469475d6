"""How a log comes to another origin: the old origin's own key says so, in an event of the log. Pure.

An `immutable.rollback_accepted` event holds a signed note in its hashed record, as the id of a target of the type `succession`.
Its text has five lines: what it is, the origin that ends, the size and root of the tree from which the log goes on, and the
verifier key of the origin that follows. So whoever writes the database, and has no key of the log, can name no new origin.
"""

import base64
import binascii
from collections.abc import Iterable, Sequence

import msgspec

from immutable.integrity.note import NoteError, Signer, Verifier, open_note, parse_verifier, sign, split_note
from immutable.integrity.record import Record
from immutable.model.event import Target

ACTION = "immutable.rollback_accepted"
TARGET_TYPE = "succession"
FORMAT = "immutable-succession/1"
_LINES = 5


class Succession(msgspec.Struct, frozen=True):
    """What such an event says; whether it may is for `Origins`."""

    sequence: int
    """The event's place in the log."""
    origin: str
    """The one that ended."""
    size: int
    root: bytes
    """Of the tree from which the log goes on."""
    key: Verifier
    """Whose name is the origin from then on."""
    note: bytes

    def is_signed_by(self, verifiers: Iterable[Verifier]) -> bool:
        """Whether one of these keys of the origin that ended signed it."""
        return is_signed(self.note, [one for one in verifiers if one.name == self.origin])


class Rollback(msgspec.Struct, frozen=True):
    """An older copy that an operator went on with, on the record."""

    sequence: int
    """The event that says so."""
    events_kept: int
    """What was signed beyond them is no part of the log."""
    origin: str
    """The name under which the log goes on."""


class Origins:
    """The origins that a log has had, as far as its events and their signatures lead from the first."""

    def __init__(self, keys: Sequence[tuple[Verifier, int]], told: Iterable[Succession], pruned: int = 0) -> None:
        """`keys`: oldest first, each with the size of the tree when it was made. `pruned`: the last event that is gone.

        An origin whose event may have been pruned is taken as it is; but then it ends nothing that was kept elsewhere.
        """
        self._keys = [key for key, _ in keys]
        told = sorted(told, key=lambda one: one.sequence)
        names = list(dict.fromkeys(key.name for key in self._keys))
        led_to = {one.key.name for one in told}
        unseen = {key.name for key, size in keys if size < pruned} - led_to
        reached = [*names[:1], *(name for name in names[1:] if name in unseen)]
        self.successions: list[Succession] = []
        """Those that led on, in order."""
        for one in told:
            if [one.origin] == reached[-1:] and one.key in self._keys and one.is_signed_by(self._keys):
                reached.append(one.key.name)
                self.successions.append(one)
        self.now = reached[-1] if reached else None
        """The origin that signs; None where nothing was signed yet."""
        self.unfounded = [name for name in names if name not in reached]
        """Names of keys to which nothing leads."""
        self._over = set(reached[:-1])

    @property
    def rollbacks(self) -> list[Rollback]:
        """What to tell of them."""
        return [Rollback(one.sequence, one.size, one.key.name) for one in self.successions]

    def is_over(self, origin: str) -> bool:
        """Whether an operator has ended this origin, because the log could no longer continue it."""
        return origin in self._over

    def ended(self, note: bytes) -> bool:
        """Whether the very key that signed this checkpoint, which was kept elsewhere, also ended its origin."""
        origin = note.partition(b"\n")[0].decode("utf-8", "replace")
        signers = [key for key in self._keys if key.name == origin and is_signed(note, [key])]
        return any(one.origin == origin and one.is_signed_by(signers) for one in self.successions)


def succession_note(signer: Signer, size: int, root: bytes, key: Verifier) -> str:
    """The note by which the origin of `signer` ends, and that of `key` goes on from the tree of this size."""
    lines = (FORMAT, signer.name, str(size), base64.b64encode(root).decode(), str(key))
    return sign("".join(line + "\n" for line in lines), [signer])


def succession_target(note: str) -> Target:
    """The target of the event that tells of it."""
    return Target(TARGET_TYPE, note)


def succession_of(record: Record) -> Succession | None:
    """What this event says of origins; None where it says nothing, or nothing that can be read."""
    notes = [one.id for one in record.targets if one.type == TARGET_TYPE and one.id is not None]
    if record.action != ACTION or len(notes) != 1:
        return None
    note = notes[0].encode("utf-8", "replace")
    try:
        lines = split_note(note)[0][:-1].split("\n")
        if len(lines) != _LINES or lines[0] != FORMAT or not lines[2].isascii() or not lines[2].isdecimal():
            return None
        size, root, key = int(lines[2][:19]), base64.b64decode(lines[3], validate=True), parse_verifier(lines[4])
    except (NoteError, binascii.Error, ValueError):
        return None
    return Succession(record.seq, lines[1], size, root, key, note) if size < record.seq else None


def is_signed(note: bytes, verifiers: Sequence[Verifier]) -> bool:
    """Whether one of these keys signed a note."""
    try:
        return bool(open_note(note, verifiers))
    except NoteError:
        return False
