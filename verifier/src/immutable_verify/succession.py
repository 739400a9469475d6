"""How a log came to another name: events in which the old name's own key says which key follows. Raises Refused.

A log that was set back to an older copy cannot continue what it signed, and goes on under a new name. The event that says so has
a note, signed by the old name's key, with the size and root of the tree from which it goes on.
"""

from dataclasses import dataclass

from immutable_verify import note
from immutable_verify.events import Event
from immutable_verify.findings import Refused
from immutable_verify.note import LOG, Key

ACTION, FORMAT = "immutable.rollback_accepted", "immutable-succession/1"


@dataclass(frozen=True)
class Succession:
    """What the event `seq` says: the log of `origin` ended with `size` events, and goes on as the name of `key`."""

    seq: int
    origin: str
    size: int
    root: bytes
    key: Key

    def in_words(self) -> str:
        """What an auditor must know of it."""
        return (
            f"The log was set back to its first {self.size} events, on the record (event {self.seq}): what {self.origin} signed "
            f"beyond them is no part of it, and it goes on as {self.key.name}."
        )


def follow(told: list[Event], trusted: list[Key], inside: list[Key]) -> tuple[list[Succession], list[Key]]:
    """The successions in order, and the keys to which they lead from the trusted ones, these included.

    `inside`: the log keys that the pack names. Every name among them but the first must follow from the one before.
    """
    found: list[Succession] = []
    known = list(trusted)
    for event in told:
        one, signers = _read(event, [*known, *inside])
        if found and one.origin != found[-1].key.name:
            raise Refused(f"Event {event.seq} ends {one.origin}, which is not how the log was called then.")
        if any(key in known for key in signers):
            known.append(one.key)
        found.append(one)
    led_to = {one.key.name for one in found}
    begins = found[0].origin if found else (inside[-1].name if inside else "")
    for key in inside:
        if key.name not in led_to | {begins}:
            raise Refused(f"The pack names a key as {key.name}, but no accepted rollback in it leads to that name.")
    return found, known


def _read(event: Event, keys: list[Key]) -> tuple[Succession, list[Key]]:
    """What an event says, and which of these keys signed it in the name of the origin that ends: one at least."""
    what = f"Event {event.seq}"
    text, held = note.open_note(_note(event), keys, f"What {what} says of the log's name")
    lines = text[:-1].split("\n")
    if len(lines) != 5 or lines[0] != FORMAT or note.SIZE.fullmatch(lines[2]) is None or int(lines[2]) >= event.seq:
        raise Refused(f"{what} says nothing of the log's name that can be read.")
    signers = [key for key in held if key.kind == LOG and key.name == lines[1]]
    if not signers:
        raise Refused(f"{what} gives the log another name, but no key of {lines[1]} signed that: the name is forged.")
    root = note.unbase64(lines[3], f"The root that {what} names")
    return Succession(event.seq, lines[1], int(lines[2]), root, note.parse_key(lines[4], LOG)), signers


def _note(event: Event) -> bytes:
    targets = event.record.get("targets")
    if event.record.get("action") == ACTION and isinstance(targets, list):
        for target in targets:
            if isinstance(target, dict) and target.get("type") == "succession" and isinstance(target.get("id"), str):
                return str(target["id"]).encode("utf-8", "replace")
    raise Refused(f"Event {event.seq} says nothing of the log's name.")
