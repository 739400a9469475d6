"""What is looked for in what a person typed, or pasted out of a ticket."""

import pytest

from immutable.store.phrases import MOST_PHRASES, phrases

TICKET = (
    "I was working on the Q3 Budget Report and it just vanished. I didn't delete it. Please recover it ASAP. "
    "My login is lisa@example.com, order 4711, from 67.170.12.84 (session sess_a8f3c2d1)."
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("user_4f2a8c", ["user_4f2a8c"]),
        ("  q3   budget ", ["q3 budget", "budget"]),
        ("Lisa Wang", ["Lisa Wang", "Lisa", "Wang"]),
        (TICKET, ["lisa@example.com", "4711", "67.170.12.84", "sess_a8f3c2d1", "Q3 Budget Report", "ASAP"]),
        ("the customer says that “the red folder” is gone for good", ["the red folder"]),
        ("nothing here names a thing that one could look for", []),
        ("?", ["?"]),
    ],
)
def test_what_names_something_is_looked_for(text: str, expected: list[str]) -> None:
    """Few words together and each; of many, ids, addresses, what is quoted and what has a capitalised name."""
    assert phrases(text) == expected


def test_there_are_never_many() -> None:
    """A long text with many names is cut to the likeliest."""
    assert len(phrases(" ".join(f"and Person{n} Name{n} too" for n in range(50)))) == MOST_PHRASES
