"""What a search that says no field, and a count over time, answer. Times are microseconds since 1970 (UTC)."""

from typing import Literal

import msgspec

from immutable.model.session import SessionSummary


class FoundActor(msgspec.Struct, frozen=True):
    """Somebody whose id or name holds a phrase, as in the newest of their events."""

    id: str
    name: str | None
    type: str | None
    events_count: int
    last_at: int
    matched: list[str]
    """The phrases that led here."""


class FoundResource(msgspec.Struct, frozen=True):
    """Something whose id or name holds a phrase, as in the newest event that touched it."""

    type: str
    id: str
    name: str | None
    events_count: int
    last_at: int
    matched: list[str]


class FoundSession(msgspec.Struct, frozen=True):
    """A session whose id is meant, in which an event holds a phrase, or where what was found acted."""

    summary: SessionSummary
    matched: list[str]


class Looked(msgspec.Struct, frozen=True):
    """How far a phrase was looked for, the newest events first. `whole`: through the whole log."""

    what: Literal["ids", "texts", "addresses"]
    phrase: str
    from_sequence: int
    whole: bool


class Found(msgspec.Struct, frozen=True):
    """The likeliest first in each list."""

    actors: list[FoundActor]
    sessions: list[FoundSession]
    resources: list[FoundResource]
    looked: list[Looked]


class CountsOverTime(msgspec.Struct, frozen=True):
    """How many there were in each part of a span of time; part n begins `width` microseconds after part n - 1.

    The counts of parts that begin before `counted_from` are lower bounds: that is how far the counting went.
    """

    first: int
    width: int
    counts: list[int]
    counted_from: int | None


class KnownActions(msgspec.Struct, frozen=True):
    """Actions by name, each with how often it came since `from_sequence`; `is_whole`: there are no others in the log."""

    counts: dict[str, int]
    from_sequence: int
    is_whole: bool
