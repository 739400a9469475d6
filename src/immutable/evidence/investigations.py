"""Investigations on the record: each change is an event of the workspace's own log first, and only then stored as it stands.

So no note can be rewritten unseen: the notes, and who gathered what, are read from the log, and are nowhere else.
What of an investigation a pack or a share link shows is a `Gathered`.
"""

import os
from collections.abc import Iterator
from heapq import merge

from immutable import clock
from immutable.errors import Conflict, NotFound
from immutable.integrity.record import decode_record
from immutable.log.system_events import PREFIX, Responsible, append_system_event, system_event
from immutable.model.event import LogEntry, Receipt, Target
from immutable.model.filters import EventFilter, EventPage
from immutable.model.investigation import Gathered, Investigation, Item, Kind
from immutable.model.workspace import Workspace
from immutable.store.log_store import LogStore

RESOURCE = "investigation"
OPENED, CLOSED, REOPENED = "investigation_opened", "investigation_closed", "investigation_reopened"
ADDED, REMOVED, NOTED = "investigation_item_added", "investigation_item_removed", "investigation_note_added"
MOST_ITEMS = 200
MOST_TOLD = 1_000
"""The newest events of an investigation that are shown with it."""
_PIECE = 1_000


class Investigations:
    """Opens, changes and tells the investigations of one store."""

    def __init__(self, store: LogStore, silence: int) -> None:
        """`silence` in microseconds."""
        self._store, self._silence = store, silence
        self._stored = store.catalog.investigations

    def open(self, workspace: Workspace, *, ticket: str, title: str, by: Responsible) -> Investigation:
        """A new investigation."""
        one = Investigation(f"case_{os.urandom(8).hex()}", ticket, title, by.id, clock.now())
        self._tell(workspace, OPENED, one.id, by, metadata={"ticket": ticket, "title": title})
        self._stored.put(workspace, one)
        return one

    def one(self, workspace: Workspace, investigation_id: str) -> Investigation:
        """The investigation of this id. Raises NotFound."""
        found = self._stored.one(workspace, investigation_id)
        if found is None:
            raise NotFound("There is no investigation of this id in this workspace.")
        return found

    def add(self, workspace: Workspace, investigation_id: str, kind: Kind, item_id: str, *, by: Responsible) -> None:
        """Gather a session or an event. Raises NotFound, or Conflict where it is held, is one too many, or all is closed."""
        one, items = self._open_one(workspace, investigation_id), self._stored.items(workspace, investigation_id)
        found = self._found(workspace, kind, item_id)
        if any((item.kind, item.id) == (kind, found) for item in items):
            raise Conflict(f"The investigation of ticket {one.ticket} holds this {kind} already.")
        if len(items) >= MOST_ITEMS:
            raise Conflict(f"An investigation holds at most {MOST_ITEMS} sessions and events. Open another one.")
        self._tell(workspace, ADDED, one.id, by, targets=[Target(kind, found)])
        self._stored.add_item(workspace, one.id, Item(kind, found, clock.now()))

    def remove(self, workspace: Workspace, investigation_id: str, kind: Kind, item_id: str, *, by: Responsible) -> None:
        """Hold a session or an event no longer. Raises NotFound, or Conflict where the investigation is closed."""
        one = self._open_one(workspace, investigation_id)
        for item in self._stored.items(workspace, one.id):
            if (item.kind, item.id) == (kind, item_id):
                self._tell(workspace, REMOVED, one.id, by, targets=[Target(kind, item_id)])
                self._stored.remove_item(workspace, one.id, item)
                return
        raise NotFound(f"The investigation holds no {kind} of this id.")

    def note(self, workspace: Workspace, investigation_id: str, text: str, *, by: Responsible) -> Receipt:
        """Write a note, which nobody can change any more. Raises NotFound, or Conflict where the investigation is closed."""
        one = self._open_one(workspace, investigation_id)
        return self._tell(workspace, NOTED, one.id, by, metadata={"note": text})

    def set_closed(self, workspace: Workspace, investigation_id: str, *, is_closed: bool, by: Responsible) -> None:
        """Close or reopen. Raises NotFound, or Conflict where that was so already."""
        one = self.one(workspace, investigation_id)
        if is_closed == (one.closed_at is not None):
            raise Conflict(f"The investigation of ticket {one.ticket} is {'closed' if is_closed else 'open'} already.")
        self._tell(workspace, CLOSED if is_closed else REOPENED, one.id, by)
        self._stored.set_closed(workspace, one.id, clock.now() if is_closed else None)

    def gathered(self, workspace: Workspace, investigation_id: str, *, notes: bool) -> Gathered:
        """What it holds now, for a pack or a link. Raises NotFound, or Conflict where it holds nothing."""
        one, items = self.one(workspace, investigation_id), self._stored.items(workspace, investigation_id)
        if not items:
            raise Conflict(f"The investigation of ticket {one.ticket} holds nothing yet: add a session or an event.")
        sessions = tuple(item.id for item in items if item.kind == "session")
        events = tuple(item.id for item in items if item.kind == "event")
        return Gathered(one.id, one.ticket, sessions, events, notes)

    def told(self, workspace: Workspace, investigation_id: str) -> EventPage:
        """What the log tells of it, newest first: notes, and who did what to it."""
        return self._store.find(
            workspace, _own_events(investigation_id), ascending=False, after_seq=None, limit=MOST_TOLD
        )

    def _open_one(self, workspace: Workspace, investigation_id: str) -> Investigation:
        one = self.one(workspace, investigation_id)
        if one.closed_at is not None:
            raise Conflict(f"The investigation of ticket {one.ticket} is closed. Reopen it first.")
        return one

    def _found(self, workspace: Workspace, kind: Kind, item_id: str) -> str:
        """The id as the log has it. Raises NotFound."""
        if kind == "session":
            session = self._store.session(workspace, item_id)
            if session is not None:
                return session.session_id
        elif (entry := self._store.entry(workspace, item_id.lower())) is not None:
            return decode_record(entry.record).id
        raise NotFound(f"There is no {kind} of this id in this workspace.")

    def _tell(
        self,
        workspace: Workspace,
        action: str,
        investigation_id: str,
        by: Responsible,
        *,
        targets: list[Target] | None = None,
        metadata: dict[str, str] | None = None,
    ) -> Receipt:
        event = system_event(
            action, by, resource=(RESOURCE, investigation_id), targets=targets or (), metadata=metadata
        )
        return append_system_event(self._store, workspace, event, self._silence, is_administrative=False)


def gathered_entries(store: LogStore, workspace: Workspace, gathered: Gathered) -> Iterator[LogEntry]:
    """All that was gathered, in the order of the log, each entry once. Raises NotFound where something is gone."""
    parts = [_session(store, workspace, one) for one in gathered.sessions]
    parts.append(_events(store, workspace, gathered.events))
    if gathered.notes:
        parts.append(_told(store, workspace, gathered.id))
    last = 0
    for entry in merge(*parts, key=lambda one: one.seq):
        if entry.seq != last:
            last = entry.seq
            yield entry


def _session(store: LogStore, workspace: Workspace, session_id: str) -> Iterator[LogEntry]:
    session = store.session(workspace, session_id)
    if session is None:
        raise _gone("session", session_id)
    yield from store.whole_session(workspace, session)


def _events(store: LogStore, workspace: Workspace, event_ids: tuple[str, ...]) -> Iterator[LogEntry]:
    entries = []
    for event_id in event_ids:
        entry = store.entry(workspace, event_id)
        if entry is None:
            raise _gone("event", event_id)
        entries.append(entry)
    yield from sorted(entries, key=lambda one: one.seq)


def _told(store: LogStore, workspace: Workspace, investigation_id: str) -> Iterator[LogEntry]:
    after: int | None = None
    while True:
        page = store.find(workspace, _own_events(investigation_id), ascending=True, after_seq=after, limit=_PIECE)
        yield from page.entries
        if not page.has_more:
            return
        after = page.entries[-1].seq


def _own_events(investigation_id: str) -> EventFilter:
    return EventFilter(action=PREFIX + "*", resource=RESOURCE, resource_id=investigation_id)


def _gone(kind: str, item_id: str) -> NotFound:
    return NotFound(f"The {kind} {item_id[:64]!r} is no longer in the log. Take it out of the investigation.")
