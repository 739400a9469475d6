"""Whose details a pack keeps back: everybody's, all but one actor's, or those of chosen events. The rest proves all the same."""

import re
from collections.abc import Iterator

from immutable.integrity.record import decode_record
from immutable.model.event import LogEntry

MOST_LETTERS = 2_000
ALL, OTHERS, EVENTS = "all", "others:", "events:"

_ID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_RANGE = re.compile("([0-9]{1,12})(?:-([0-9]{1,12}))?", re.ASCII)


class Withholding:
    """What to keep back, and which of the chosen events were met."""

    def __init__(self, text: str | None) -> None:
        """`text`: `all`, `others:ID`, `events:` and ids, places or ranges of places with commas between. Raises ValueError."""
        self._text = text or ""
        self._ids: dict[str, bool] = {}
        self._ranges: dict[tuple[int, int], bool] = {}
        if self._text.startswith(EVENTS):
            for one in self._text.removeprefix(EVENTS).lower().split(","):
                self._choose(one.strip())
        elif self._text not in {"", ALL} and not self._text.startswith(OTHERS):
            raise ValueError(text)
        if self._text in {OTHERS, EVENTS} or len(self._text) > MOST_LETTERS:
            raise ValueError(text)

    def _choose(self, one: str) -> None:
        place = _RANGE.fullmatch(one)
        if place is not None and 0 < int(place[1]) <= int(place[2] or place[1]):
            self._ranges[int(place[1]), int(place[2] or place[1])] = False
        elif _ID.fullmatch(one):
            self._ids[one] = False
        else:
            raise ValueError(one)

    def covers(self, entry: LogEntry) -> bool:
        """Whether this entry's details are kept back."""
        if self._text in {"", ALL}:
            return self._text == ALL
        record = decode_record(entry.record)
        if self._text.startswith(OTHERS):
            return record.actor.id != self._text.removeprefix(OTHERS)
        met = [one for one in self._ranges if one[0] <= entry.seq <= one[1]]
        self._ranges.update(dict.fromkeys(met, True))
        if record.id in self._ids:
            self._ids[record.id] = True
        return bool(met) or record.id in self._ids

    def unmet(self) -> Iterator[str]:
        """The chosen events that were not among those asked about: whoever chose them meant something else."""
        yield from (one for one, is_met in self._ids.items() if not is_met)
        ranges = [one for one, is_met in self._ranges.items() if not is_met]
        yield from (str(first) if first == last else f"{first}-{last}" for first, last in ranges)

    def in_words(self) -> str:
        """What is kept back, for whoever reads the pack."""
        if self._text == ALL:
            return "all details withheld"
        if self._text.startswith(OTHERS):
            return f"details of all but actor {self._text.removeprefix(OTHERS)} withheld"
        return "details of chosen events withheld" if self._text else ""
