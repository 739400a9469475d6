"""Looks for phrases without being told in which field: actors, sessions and resources by id, name, text and address.

Nothing is scanned to its end. Ids are found by how they begin, through the lookup index; names, actions and metadata through the
text index, the newest events first; addresses, which no index holds, in the newest events only. How far each phrase was looked
for is part of the answer.
"""

from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from itertools import islice
from typing import TypeVar

from immutable.integrity import chain
from immutable.integrity.record import Record, decode_details, decode_record
from immutable.integrity.verify import readable
from immutable.model.event import LogEntry
from immutable.model.filters import EventFilter, SessionFilter
from immutable.model.found import Found, FoundActor, FoundResource, FoundSession, Looked
from immutable.model.workspace import Workspace
from immutable.store import lookup
from immutable.store.find import EventFinder
from immutable.store.find_sessions import SessionFinder, decode_summary
from immutable.store.lookup import EPOCH_BITS, LookupIndex
from immutable.store.reader import LogReader, SessionRow
from immutable.store.text_query import TextQuery

MOST_EPOCHS = 128
"""Epochs of the log (2 million events) through which ids are looked for by how they begin."""
MOST_MATCHES = 300
MOST_CANDIDATES = 1_500
"""Events that are read for one phrase: of those that hold it, and of those that may."""
MOST_ADDRESSED = 30_000
"""Events that are read for one address."""

_LEAST_PREFIX = 3
_SESSIONS_OF_EACH = 3

_ResourceKey = tuple[str, str]
_Key = TypeVar("_Key")


class AnythingFinder:
    """Looks through one store."""

    def __init__(self, index: LookupIndex, events: EventFinder, sessions: SessionFinder) -> None:
        self._index, self._events, self._sessions = index, events, sessions

    def look_for(self, reader: LogReader, workspace: Workspace, phrases: Sequence[str], limit: int) -> Found:
        """What the phrases may mean: at most `limit` of each kind, the likeliest first."""
        return _Looking(self._index, self._events, self._sessions, reader, workspace, limit).of(phrases)


class _Looking:
    """One search under way."""

    def __init__(
        self,
        index: LookupIndex,
        events: EventFinder,
        sessions: SessionFinder,
        reader: LogReader,
        workspace: Workspace,
        limit: int,
    ) -> None:
        self._index, self._events, self._finder = index, events, sessions
        self._reader, self._workspace, self._limit = reader, workspace, limit
        self._first, self._last = reader.extent(workspace)
        self._actors: dict[str, dict[str, None]] = {}
        self._resources: dict[_ResourceKey, dict[str, None]] = {}
        self._rows: dict[int, SessionRow] = {}
        self._matched: dict[int, dict[str, None]] = {}
        self._looked: list[Looked] = []

    def of(self, phrases: Sequence[str]) -> Found:
        if self._first > self._last:
            return Found([], [], [], [])
        for phrase in phrases:
            self._by_id(phrase)
            self._by_text(phrase)
            self._by_address(phrase)
        actors = self._ranked(self._actors)
        resources = self._ranked(self._resources)
        for actor in actors:
            self._sessions_of_actor(actor)
            for resource in resources:
                self._sessions_where(EventFilter(actor_id=actor, touched=resource), self._both(actor, resource))
        for resource in resources:
            self._sessions_where(EventFilter(touched=resource), list(self._resources[resource]))
        return Found(
            actors=[found for found in map(self._actor, actors) if found is not None],
            sessions=self._found_sessions(),
            resources=[one for one in map(self._resource, resources) if one is not None],
            looked=self._looked,
        )

    def _by_id(self, phrase: str) -> None:
        row = self._reader.session_row(self._workspace, phrase)
        if row is None:
            summary = self._reader.session(self._workspace, phrase)  # an inferred one, which has no event of its name
            row = None if summary is None else self._row_of_inferred(bytes(summary))
        if row is not None:
            self._note_session(row, phrase)
        last_epoch = self._last - 1 >> EPOCH_BITS
        first_epoch = max(self._first - 1 >> EPOCH_BITS, last_epoch - MOST_EPOCHS + 1)
        is_prefix = len(phrase) >= _LEAST_PREFIX
        for letter in "arys":
            found = [letter + phrase] if self._count(letter + phrase) else []
            if is_prefix:
                epochs = (first_epoch, last_epoch)
                found += self._index.terms_with(
                    self._reader, self._workspace, letter + phrase, epochs, self._limit + len(found)
                )
            for term in list(dict.fromkeys(found))[: self._limit]:
                self._note_id(letter, term[1:], phrase)
        from_sequence = max((first_epoch << EPOCH_BITS) + 1, self._first) if is_prefix else self._first
        self._looked.append(Looked("ids", phrase, from_sequence, from_sequence == self._first))

    def _note_id(self, letter: str, id_: str, phrase: str) -> None:
        if letter == "a":
            self._actors.setdefault(id_, {})[phrase] = None
        elif letter == "s":
            row = self._reader.session_row(self._workspace, id_)
            if row is not None:
                self._note_session(row, phrase)
        else:
            wanted = EventFilter(resource_id=id_) if letter == "r" else EventFilter(target_id=id_)
            for record in self._newest(wanted, 1):
                for key in _resources_of(record):
                    if key[1] == id_:
                        self._resources.setdefault(key, {})[phrase] = None

    def _by_text(self, phrase: str) -> None:
        query = TextQuery(phrase)
        found, reached = self._matching(query)
        self._looked.append(Looked("texts", phrase, reached, reached <= self._first))
        text = query.forms[0]
        sessions: list[LogEntry] = []
        for entry in found:
            record = decode_record(entry.record)
            details = None if entry.details is None else decode_details(entry.details)
            sessions.append(entry)
            if details is None:
                continue
            if record.actor.id is not None and text in (details.actor_name or "").casefold():
                self._actors.setdefault(record.actor.id, {})[phrase] = None
            resource = record.resource
            if resource is not None and resource.id is not None and text in (details.resource_name or "").casefold():
                self._resources.setdefault((resource.type or "", resource.id), {})[phrase] = None
        self._note_sessions_of(sessions, phrase)

    def _matching(self, query: TextQuery) -> tuple[list[LogEntry], int]:
        """The newest entries that hold a text, and down to which place all were looked at."""
        progress = self._reader.progress(self._workspace)
        indexed = min(progress[1] if progress else 0, self._last)
        found: list[LogEntry] = []
        left = MOST_CANDIDATES
        for entry in self._unindexed(indexed):
            left -= 1
            if query.matches(entry):
                found.append(entry)
            if left == 0 or len(found) == MOST_MATCHES:
                return found, entry.seq
        if indexed < self._first:
            return found, self._first
        candidates = self._reader.text_candidates(self._workspace, query, self._first, indexed, ascending=False)
        entries = (
            self._reader.range(self._workspace, self._first, indexed, descending=True)
            if candidates is None
            else self._reader.places(self._workspace, islice(candidates, left))
        )
        for entry in entries:
            left -= 1
            if query.matches(entry):
                found.append(entry)
            if left == 0 or len(found) == MOST_MATCHES:
                return found, entry.seq
        return found, self._first

    def _unindexed(self, indexed: int) -> Iterator[LogEntry]:
        """What the text index does not hold yet."""
        return self._reader.range(self._workspace, max(self._first, indexed + 1), self._last, descending=True)

    def _by_address(self, phrase: str) -> None:
        try:
            address = str(ip_address(phrase))
        except ValueError:
            return
        marked = f'"ip_address":"{address}"'.encode()
        lowest = max(self._first, self._last - MOST_ADDRESSED + 1)
        found: list[LogEntry] = []
        for entry in self._reader.range(self._workspace, lowest, self._last, descending=True):
            if entry.details is None or marked not in entry.details:
                continue
            if decode_details(entry.details).ip_address == address:
                found.append(entry)
                if len(found) == MOST_MATCHES:
                    lowest = entry.seq
                    break
        for entry in found:
            actor = decode_record(entry.record).actor.id
            if actor is not None:
                self._actors.setdefault(actor, {})[phrase] = None
        self._note_sessions_of(found, phrase)
        self._looked.append(Looked("addresses", phrase, lowest, lowest == self._first))

    def _note_sessions_of(self, entries: Sequence[LogEntry], phrase: str) -> None:
        """The sessions of these entries, as many as are asked for; of each actor's inferred ones, the newest."""
        first_of: dict[tuple[str, str | None], LogEntry] = {}
        for entry in entries:
            record = decode_record(entry.record)
            key = ("actor", record.actor.id) if record.session_id is None else ("session", record.session_id)
            first_of.setdefault(key, entry)
            if len(first_of) >= self._limit:
                break
        for row in self._finder.sessions_of(self._reader, self._workspace, first_of.values()):
            self._note_session(row, phrase)

    def _sessions_of_actor(self, actor: str) -> None:
        rows = self._reader.session_rows(self._workspace, SessionFilter(actor_id=actor), None)
        for row in islice(rows, self._limit):
            for phrase in self._actors[actor]:
                self._note_session(row, phrase)

    def _sessions_where(self, wanted: EventFilter, phrases: Sequence[str]) -> None:
        entries = self._events.find(
            self._reader, self._workspace, wanted, ascending=False, after_seq=None, limit=_SESSIONS_OF_EACH
        ).entries
        for phrase in phrases:
            self._note_sessions_of(entries, phrase)

    def _note_session(self, row: SessionRow, phrase: str) -> None:
        self._rows[row[1]] = row
        self._matched.setdefault(row[1], {})[phrase] = None

    def _row_of_inferred(self, summary: bytes) -> SessionRow | None:
        session = decode_summary(summary)
        rows = self._reader.inferred_rows(self._workspace, next(iter(session.actors), ""))
        return next((row for row in rows if decode_summary(row[2]).session_id == session.session_id), None)

    def _both(self, actor: str, resource: _ResourceKey) -> list[str]:
        return list(self._actors[actor] | self._resources[resource])

    def _ranked(self, found: dict[_Key, dict[str, None]]) -> list[_Key]:
        """Those that more phrases led to first; else as they were found, which is the newest first."""
        return sorted(found, key=lambda key: -len(found[key]))[: self._limit]

    def _found_sessions(self) -> list[FoundSession]:
        ranked = sorted(self._rows.values(), key=lambda row: (len(self._matched[row[1]]), row[:2]), reverse=True)
        return [FoundSession(decode_summary(row[2]), list(self._matched[row[1]])) for row in ranked[: self._limit]]

    def _actor(self, id_: str) -> FoundActor | None:
        page = self._page(EventFilter(actor_id=id_))
        for entry in page[0]:
            record = decode_record(entry.record)
            name = None if entry.details is None else decode_details(entry.details).actor_name
            return FoundActor(id_, name, record.actor.type, page[1], _created_at(entry), list(self._actors[id_]))
        return None

    def _resource(self, key: _ResourceKey) -> FoundResource | None:
        page = self._page(EventFilter(touched=key))
        for entry in page[0]:
            return FoundResource(*key, _name_of(entry, key), page[1], _created_at(entry), list(self._resources[key]))
        return None

    def _page(self, wanted: EventFilter) -> tuple[list[LogEntry], int]:
        page = self._events.find(self._reader, self._workspace, wanted, ascending=False, after_seq=None, limit=1)
        return page.entries, page.total

    def _newest(self, wanted: EventFilter, limit: int) -> list[Record]:
        page = self._events.find(self._reader, self._workspace, wanted, ascending=False, after_seq=None, limit=limit)
        return [decode_record(entry.record) for entry in page.entries]

    def _count(self, term: str) -> int:
        return lookup.count(self._index.places(self._reader, self._workspace, [term], None, self._first, self._last))


def _resources_of(record: Record) -> Iterator[_ResourceKey]:
    if record.resource is not None and record.resource.id is not None:
        yield record.resource.type or "", record.resource.id
    yield from ((target.type or "", target.id) for target in record.targets if target.id is not None)


def _name_of(entry: LogEntry, key: _ResourceKey) -> str | None:
    """What the event calls the resource."""
    record = decode_record(entry.record)
    if entry.details is None:
        return None
    details = decode_details(entry.details)
    if record.resource is not None and (record.resource.type or "", record.resource.id) == key:
        return details.resource_name
    for target, more in zip(record.targets, details.targets, strict=False):
        if (target.type, target.id) == key:
            return more.name
    return None


def _created_at(entry: LogEntry) -> int:
    record = readable(entry.record)
    return 0 if record is None else chain.created_at_of(record.id) or 0
