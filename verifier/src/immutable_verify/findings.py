"""What a check comes to: sentences of what was established and what was not, or `Refused` with the first thing that is wrong."""

from dataclasses import dataclass, field


class Refused(Exception):
    """It does not verify; the message says why, in words for a person."""


@dataclass
class Findings:
    """The verdict on something that verified. `trusted`: every signature was checked with a key that the auditor gave."""

    established: list[str] = field(default_factory=list)
    not_established: list[str] = field(default_factory=list)
    trusted: bool = True


def ranges(seqs: list[int]) -> str:
    """Ascending places in words: `1 to 4, 7`."""
    spans: list[list[int]] = []
    for seq in seqs:
        if spans and spans[-1][1] == seq - 1:
            spans[-1][1] = seq
        else:
            spans.append([seq, seq])
    shown = [str(first) if first == last else f"{first} to {last}" for first, last in spans]
    return ", ".join(shown[:20]) + (f" and {len(shown) - 20} more ranges" if len(shown) > 20 else "")
