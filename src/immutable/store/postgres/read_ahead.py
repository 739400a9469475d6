"""What a transaction will ask about the batches of many workspaces, read with one statement of a kind for all of them.

Each workspace by itself would cost a round trip for every kind (`append.py`), and a hundred workspaces a hundred.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from immutable.model.event import EventDraft
from immutable.store.postgres.arrays import integer_array, text_array
from immutable.store.postgres.connection import Connection, run

_EACH = (
    "SELECT wanted.number, wanted.name, {columns} FROM unnest(%s, %s) AS wanted (number, name), "
    "LATERAL ({one} OFFSET 0) found"
)
"""OFFSET keeps each name a search of its own, by the index: a join of a table that was empty when it was planned reads it whole,
and is kept until the table is analyzed."""
_PLACES = _EACH.format(
    columns="found.seq",
    one="SELECT seq FROM idempotency WHERE workspace_number = wanted.number AND key = wanted.name",
)
_SESSIONS = _EACH.format(
    columns="found.number, found.summary",
    one="SELECT number, summary FROM sessions "
    "WHERE workspace_number = wanted.number AND session_id = wanted.name AND NOT inferred",
)
_INFERRED = _EACH.format(
    columns="found.number, found.summary",
    one="SELECT s.number, s.summary FROM inferred_sessions i, LATERAL (SELECT number, summary FROM sessions "
    "WHERE workspace_number = i.workspace_number AND number = i.session OFFSET 0) s "
    "WHERE i.workspace_number = wanted.number AND i.actor_id = wanted.name",
)
_NEXT = (
    "SELECT wanted.number, (SELECT coalesce(max(s.number), 0)::bigint + 1 FROM sessions s "
    "WHERE s.workspace_number = wanted.number) FROM unnest(%s) AS wanted (number)"
)

Name = tuple[int, str]
"""A workspace's number, and an id or key of it."""


class Found:
    """Rows by name. What was looked for and is not there is known too."""

    def __init__(self) -> None:
        self._rows: dict[Name, tuple[Any, ...] | None] = {}

    def of(self, number: int, names: Iterable[str]) -> tuple[list[tuple[Any, ...]], list[str]]:
        """The rows of these names in a workspace, each after its name, and the names that were not looked for."""
        rows: list[tuple[Any, ...]] = []
        missing: list[str] = []
        for name in names:
            row = self._rows.get((number, name), ())
            if row:
                rows.append((name, *row))
            elif row is not None:
                missing.append(name)
        return rows, missing

    def look(self, connection: Connection, sql: str, names: Sequence[Name]) -> None:
        """Look for these names, in their workspaces."""
        if not names:
            return
        self._rows.update(dict.fromkeys(names))
        values = (integer_array([number for number, _ in names]), text_array([name for _, name in names]))
        for number, name, *row in run(connection, sql, values):
            self._rows[number, name] = tuple(row)


class ReadAhead:
    """What the batches of one transaction need, as far as it was read ahead."""

    def __init__(self) -> None:
        self.places, self.sessions, self.inferred = Found(), Found(), Found()
        """Of an idempotency key: the event's place. Of a session's id, or an actor's latest inferred session: number, summary."""

    def read(
        self, connection: Connection, keys: Sequence[Name], sessions: Sequence[Name], actors: Sequence[Name]
    ) -> None:
        """Look for idempotency keys, sessions by their ids and inferred sessions by their actors."""
        self.places.look(connection, _PLACES, keys)
        self.sessions.look(connection, _SESSIONS, sessions)
        self.inferred.look(connection, _INFERRED, actors)


def next_sessions(connection: Connection, numbers: Sequence[int]) -> dict[int, int]:
    """The number that each of these workspaces gives to its next session."""
    return dict(run(connection, _NEXT, (integer_array(numbers),))) if numbers else {}


def named(drafts: Sequence[EventDraft]) -> tuple[set[str], set[str], set[str]]:
    """The idempotency keys, sessions, and actors without a session, that these drafts name."""
    keys = {draft.idempotency_key for draft in drafts if draft.idempotency_key is not None}
    sessions = {draft.session_id for draft in drafts if draft.session_id is not None}
    return keys, sessions, {draft.actor_id for draft in drafts if draft.session_id is None}
