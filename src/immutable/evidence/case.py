"""What the report is made of: the facts, and what is known of the log that vouches for them."""

from collections.abc import Sequence

import msgspec

from immutable.evidence.fact import Fact


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
    erased: int
    withheld: int

    def scope(self) -> list[str]:
        """What the pack shows and what it does not, in sentences."""
        in_log = f"These events are in the log {self.origin} as they are shown"
        said = [
            f"{in_log}, which had {self.size:,} events when the checkpoint was signed. Changing any byte of the pack breaks it."
        ]
        if self.erased:
            said.append(f"The details of {self.erased:,} of the events were erased, and the log says so.")
        if self.withheld:
            said.append(
                f"The details of {self.withheld:,} of the events are withheld from this pack; the rest still proves."
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
