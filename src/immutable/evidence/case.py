"""What the report is made of: the facts, and what is known of the log that vouches for them."""

from collections.abc import Sequence

import msgspec

from immutable.story.fact import Fact
from immutable.story.words import counted, ranges_text


class Case(msgspec.Struct, frozen=True):
    """A pack's content for people. `facts` in the order in which they occurred. Times in microseconds."""

    asked: str
    workspace_id: str
    origin: str
    created_at: int
    size: int
    """Events of the log that the checkpoint covers."""
    root: bytes
    verifier_keys: Sequence[str]
    witnesses: Sequence[str]
    """Names of those who cosigned the checkpoint."""
    anchors: int
    facts: Sequence[Fact]
    erased: Sequence[int]
    """Places of the events whose details were erased."""
    withheld: Sequence[int]
    """Places of those whose details are kept back."""
    pruned_through: int = 0
    """The last event of the log that was pruned on the record before this was made."""

    def scope(self) -> list[str]:
        """What the pack shows and what it does not, in sentences."""
        in_log = f"These events are in the log {self.origin} as they are shown"
        said = [
            f"{in_log}, which had {self.size:,} events when the checkpoint was signed. Changing any byte of the pack breaks it."
        ]
        if self.erased:
            said.append(f"The details of {_of(self.erased)} were erased, and the log says so.")
        if self.withheld:
            said.append(f"The details of {_of(self.withheld)} are withheld from this pack; the rest still proves.")
        if self.pruned_through:
            said.append(
                f"Events 1 to {self.pruned_through:,} of the log had been pruned before, on its record: none of them is in the "
                "pack, whatever was asked for. Whoever keeps the log may have them as archives."
            )
        if self.witnesses:
            said.append(f"Witnesses signed that the log grew without rewriting: {', '.join(self.witnesses)}.")
        if self.anchors:
            said.append(f"Time-stamps from outside are in the pack: {self.anchors}.")
        if not self.witnesses and not self.anchors:
            said.append("No witness and no time-stamp vouches for the checkpoint: only the log's own key does.")
        said.append(
            "Times are UTC, as the application told them. Names, devices and other details are what the application sent; the "
            "log proves that they were not changed since, not that they were true. That nothing was left out of what was asked "
            "for is the word of whoever made the pack; only places of the log without gaps are complete in themselves."
        )
        return said


def _of(places: Sequence[int]) -> str:
    return f"{counted(len(places), 'event')} ({ranges_text(list(places))})"
