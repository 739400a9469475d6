"""What a pack is made for, and the entries that it so holds."""

import re
from collections.abc import Iterator

import msgspec

from immutable.errors import NotFound
from immutable.evidence.investigations import gathered_entries
from immutable.evidence.withholding import Withholding
from immutable.model.event import LogEntry
from immutable.model.filters import EventFilter
from immutable.model.investigation import Gathered
from immutable.model.workspace import Workspace
from immutable.store.log_store import LogStore
from immutable.story.words import counted

_PIECE = 1_000


class Scope(msgspec.Struct, frozen=True, omit_defaults=True):
    """A session, a resource's history, the events that meet a filter, or what an investigation gathered: exactly one of them.

    `through`: nothing beyond this place of the log, where what is shown was fixed earlier.
    """

    session_id: str | None = None
    resource: tuple[str, str] | None = None
    filters: EventFilter | None = None
    asked_filters: dict[str, str] = {}
    """The filters in the words in which they were asked for."""
    gathered: Gathered | None = None
    withhold: str | None = None
    """Whose details are kept back, as `Withholding` reads it."""
    through: int | None = None

    def asked(self) -> str:
        """What was asked for, in plain words."""
        if self.session_id is not None:
            words = f"session {self.session_id}"
        elif self.resource is not None:
            words = f"history of {self.resource[0]} {self.resource[1]}"
        elif self.gathered is not None:
            words = _in_words(self.gathered)
        else:
            words = "events with " + ", ".join(f"{name} {value}" for name, value in self.asked_filters.items())
            words = words if self.asked_filters else "all events"
        kept_back = Withholding(self.withhold).in_words()
        return f"{words}, {kept_back}" if kept_back else words

    def file_name(self) -> str:
        """A file name that says what is in the file, of letters that every system takes."""
        named = self.session_id or (" ".join(self.resource) if self.resource else "events")
        if self.gathered is not None:
            named = f"ticket {self.gathered.ticket}"
        return f"evidence-{re.sub('[^A-Za-z0-9._-]+', '-', named)[:80].strip('-.') or 'pack'}.zip"


def entries_of(store: LogStore, workspace: Workspace, scope: Scope) -> Iterator[LogEntry]:
    """The entries that the scope asks for, in the order of the log. Raises NotFound where there is no such session."""
    for entry in _found(store, workspace, scope):
        if scope.through is not None and entry.seq > scope.through:
            return
        yield entry


def _in_words(gathered: Gathered) -> str:
    held = f"{counted(len(gathered.sessions), 'session')} and {counted(len(gathered.events), 'event')}"
    return (
        f"investigation of ticket {gathered.ticket}: {held}{', with its notes and history' if gathered.notes else ''}"
    )


def _found(store: LogStore, workspace: Workspace, scope: Scope) -> Iterator[LogEntry]:
    if scope.session_id is not None:
        session = store.session(workspace, scope.session_id)
        if session is None:
            raise NotFound("There is no session of this id in this workspace.")
        yield from store.whole_session(workspace, session)
        return
    if scope.gathered is not None:
        yield from gathered_entries(store, workspace, scope.gathered)
        return
    wanted = scope.filters if scope.resource is None else EventFilter(touched=scope.resource)
    after: int | None = None
    while True:
        page = store.find(workspace, wanted or EventFilter(), ascending=True, after_seq=after, limit=_PIECE)
        yield from page.entries
        if not page.has_more:
            return
        after = page.entries[-1].seq
