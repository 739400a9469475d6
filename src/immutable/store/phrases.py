"""What to look for in what a person typed or pasted: a name, an id, or the words of a whole ticket. Pure, and by rule.

Of a few words, all of them together and each by itself. Of a longer text, what names something: what is in quotes, what is made
like an id or an address, and words with capitals that stand together (`Q3 Budget Report`).
"""

import re
from collections.abc import Iterator

MOST_PHRASES = 6
_FEW_WORDS = 5
_LEAST_LETTERS = 3

_QUOTED = re.compile("[“\"«„']([^“”\"«»„']{3,120})[”\"»“']")
_EDGES = " \t.,;:!?()[]{}<>“”\"'«»„…"


def phrases(text: str) -> list[str]:
    """The phrases, the likeliest first, at most MOST_PHRASES of them."""
    words = text.split()
    found: list[str] = []
    if len(words) <= _FEW_WORDS:
        found.append(" ".join(words).strip(_EDGES) or " ".join(words))
    found += [quoted.strip() for quoted in _QUOTED.findall(text)]
    found += [word for word in _bare(words) if _is_like_an_id(word)]
    found += _named(words)
    if 1 < len(words) <= _FEW_WORDS:
        found += [word for word in _bare(words) if len(word) >= _LEAST_LETTERS]
    distinct = {phrase.casefold(): phrase for phrase in reversed(found) if phrase}
    return list(reversed(distinct.values()))[:MOST_PHRASES]


def _bare(words: list[str]) -> Iterator[str]:
    return (word.strip(_EDGES) for word in words)


def _is_like_an_id(word: str) -> bool:
    """`user_4f2a8c`, `ann@example.com`, `203.0.113.7`, `2001:db8::1`, `4711`, a UUID."""
    if len(word) < _LEAST_LETTERS:
        return False
    has_digit = any(letter.isdigit() for letter in word)
    return word.isdecimal() or "@" in word[1:] or (has_digit and any(mark in word for mark in "_-.:/"))


def _named(words: list[str]) -> Iterator[str]:
    """Words with capitals that stand together; one alone only within a sentence."""
    run: list[str] = []
    begins = True
    for word in [*words, ""]:
        bare = word.strip(_EDGES)
        if bare and (bare[0].isupper() or (bare[0].isdigit() and run)):
            if len(run) == 0:
                run_begins = begins
            run.append(bare)
        ends = not bare or not (bare[0].isupper() or bare[0].isdigit()) or word[-1:] in ".!?,;:"
        if run and ends:
            if len(run) > 1 or (not run_begins and len(run[0]) >= _LEAST_LETTERS):
                yield " ".join(run)
            run = []
        begins = word[-1:] in ".!?:"
