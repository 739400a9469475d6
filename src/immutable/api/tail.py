"""GET /events/tail: new events as they are appended, as server-sent events (text/event-stream).

Each process asks the log for its head once a second per listener, and reads only what came since; so it hears of what any process
appends. A listener that is cut off goes on behind the last event it has seen (`Last-Event-ID`). Who listens is checked again at
every look: with a revoked key, or signed out, one hears nothing more.
"""

import asyncio
import time
from collections.abc import AsyncIterator

import msgspec

from immutable.api import render
from immutable.api.answer import Answer
from immutable.api.endpoint import Call
from immutable.api.events import FILTERS, event_filter
from immutable.api.parameters import Parameter, limit_of
from immutable.errors import BadRequest, Overloaded
from immutable.model.event import LogEntry
from immutable.model.filters import EventFilter
from immutable.store.find import created_at

MOST_LISTENERS = 100
"""Of one process, over all workspaces."""
MOST_OF_WORKSPACE = 25
LOOK_SECONDS = 1.0
BEAT_SECONDS = 15.0
_PAGE = 100
_RETRY_SECONDS = 5

AFTER = Parameter(
    "after",
    "Begin behind the event of this sequence number; without it, behind the newest. `Last-Event-ID` goes before it.",
    {"type": "integer", "minimum": 0, "maximum": (1 << 63) - 1},
)
WAIT = Parameter(
    "wait",
    "How many seconds to go on for, 1 to 3,600. The server may end sooner: ask again with `Last-Event-ID`.",
    {"type": "integer", "minimum": 1, "maximum": 3600, "default": 3600},
)
RECENT = Parameter(
    "recent",
    "Begin with so many of the newest events that meet the filters, oldest first. `after` and `Last-Event-ID` go before it.",
    {"type": "integer", "minimum": 1, "maximum": 100},
)
PARAMETERS = (*FILTERS, AFTER, WAIT, RECENT)
_encode = msgspec.json.Encoder().encode


class Place:
    """A listener's place."""

    __slots__ = ("is_lost", "workspace")

    def __init__(self, workspace: int) -> None:
        self.workspace = workspace
        self.is_lost = False
        """Whether it was given to somebody else: its stream ends at its next look."""


class Tails:
    """Who listens to this process.

    A few workspaces must not keep the others out, however early they came: where all places are taken, whoever asks gets one of
    the workspace that has the most, unless it has no more than theirs will. So in the end the places are shared evenly among the
    workspaces that want them, and one can be kept out only by as many others as there are places. Nothing is kept free for
    nobody.
    """

    def __init__(self) -> None:
        self._places: dict[int, list[Place]] = {}
        self.is_closing = False

    def enter(self, workspace: int) -> Place:
        """Take a place. Raises Overloaded where there is none."""
        own = len(self._places.get(workspace, ()))
        if own >= MOST_OF_WORKSPACE:
            raise _too_many()
        if sum(map(len, self._places.values())) >= MOST_LISTENERS:
            most = max(self._places.values(), key=len)
            if len(most) <= own + 1:
                raise _too_many()
            most.pop().is_lost = True  # the newest: whoever has listened for long goes on
        place = Place(workspace)
        self._places.setdefault(workspace, []).append(place)
        return place

    def close(self) -> None:
        """Let all streams end at their next look: the process stops."""
        self.is_closing = True

    def leave(self, place: Place) -> None:
        """Give the place back, where it was not lost."""
        if place.is_lost:
            return
        own = self._places[place.workspace]
        own.remove(place)
        if not own:
            del self._places[place.workspace]


async def get_tail(call: Call) -> Answer:
    """The events that meet all filters, each as soon as it is appended: server-sent events.

    Each message's `id` is the event's sequence number, its data the event as JSON, with `destructive` as in a timeline. A
    message without data tells how far was looked; the first of them stands before the first new event. A comment every 15
    seconds shows that the connection lives. `search` and `session_id` hold here too.
    """
    wanted = event_filter(call.query)
    wait = limit_of(call.query, WAIT)
    recent = limit_of(call.query, RECENT) if RECENT.name in call.query else 0
    given = call.last_event_id or call.query.get(AFTER.name)
    first: list[LogEntry] = []
    if given is None:
        after = await _head(call)
        if recent:
            first = await call.services.read(_newest, call, wanted, recent)
            after = max(after, *(one.seq for one in first), 0)
    elif given.isascii() and given.isdecimal() and len(given) < 19:
        after = int(given)
    else:
        raise BadRequest("after and Last-Event-ID take the sequence number of an event.")
    if await _head(call) < after:
        raise BadRequest("There is no event of this sequence number yet.")
    stream = _stream(call, wanted, first, after, time.monotonic() + wait)
    await anext(stream)  # takes the place, or is told that there is none
    return Answer(200, b"", [(b"x-accel-buffering", b"no")], b"text/event-stream; charset=utf-8", stream=stream)


async def _stream(
    call: Call, wanted: EventFilter, first: list[LogEntry], after: int, until: float
) -> AsyncIterator[bytes]:
    """Pieces of the answer; an empty one once it has a place, and at each look at which there is nothing to say.

    Whoever drops it gives the place back, before the answer has begun too: as it is begun itself, its end runs however it
    is left, at the latest when the event loop closes what nobody holds any more.
    """
    services = call.services
    place = services.tails.enter(call.workspace.number)
    try:
        yield b""
        yield b"retry: %d\n" % (_RETRY_SECONDS * 1000) + await _messages(call, first) + b"id: %d\n\n" % after
        beat = time.monotonic()
        while not (services.tails.is_closing or place.is_lost):
            if call.check_again is not None:
                await call.check_again()
            head = await _head(call)
            while after < head:
                entries, after = await services.read(_since, call, wanted, after, head)
                beat = time.monotonic()
                # The last place that was looked at is told too, so that nobody looks there again.
                yield await _messages(call, entries) + b"id: %d\n\n" % after
            yield b""
            if time.monotonic() - beat > BEAT_SECONDS:
                beat = time.monotonic()
                yield b": nothing new\n\n"
            if time.monotonic() >= until:
                return  # not before a look: whoever waits a second hears what is there, however late it is
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        services.tails.leave(place)


def _too_many() -> Overloaded:
    return Overloaded("Too many listen to new events already. Close another live view, or try again later.", 10)


def _since(call: Call, wanted: EventFilter, after: int, head: int) -> tuple[list[LogEntry], int]:
    """A page of what came behind a place, and through which place that is all."""
    store, workspace = call.services.store, call.workspace
    since = created_at(store.reader(), workspace, after + 1)  # so that the index is asked for the newest epochs only
    newer = msgspec.structs.replace(wanted, created_from=since)
    page = store.find(workspace, newer, ascending=True, after_seq=after, limit=_PAGE)
    return page.entries, page.entries[-1].seq if page.has_more else max(head, *(one.seq for one in page.entries), 0)


async def _head(call: Call) -> int:
    return (await call.services.read(call.services.store.head, call.workspace)).seq


def _newest(call: Call, wanted: EventFilter, most: int) -> list[LogEntry]:
    """The newest that meet the filters, the oldest of them first."""
    page = call.services.store.find(call.workspace, wanted, ascending=False, after_seq=None, limit=most)
    return page.entries[::-1]


async def _messages(call: Call, entries: list[LogEntry]) -> bytes:
    covers = (await call.services.shown(call.workspace)).rule.covers
    shown = [render.event(entry) for entry in entries]
    for one in shown:
        one["destructive"] = covers(one["action"])
    return b"".join(b"event: event\nid: %d\ndata: %b\n\n" % (one["sequence"], _encode(one)) for one in shown)
