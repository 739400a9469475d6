"""GET /sessions/{session_id}/story: the session in plain words, and a draft of the answer to the customer."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from immutable.api import schemas
from immutable.api.answer import Answer, json_answer
from immutable.api.endpoint import Call
from immutable.api.parameters import text
from immutable.errors import BadRequest, NotFound
from immutable.model.event import LogEntry
from immutable.model.filters import EventFilter
from immutable.model.workspace import Workspace
from immutable.sessions.destructive import DestructiveRule
from immutable.store.log_store import LogStore
from immutable.story.answer import draft, lost_in
from immutable.story.fact import Fact, fact_of, in_time
from immutable.story.told import Sentence, story, summary

MOST_EVENTS = 5_000
MOST_HISTORY = 2_000
MOST_CITED = 20
ZONE = text("zone", "The time zone in which times are told; UTC without it.", "America/Los_Angeles")
PARAMETERS = (ZONE,)


class Cited(msgspec.Struct, frozen=True):
    """An event that a sentence rests on, and the session that it is in; null where another's was only inferred."""

    id: str
    sequence: int
    session_id: str | None


class SentenceView(msgspec.Struct, frozen=True):
    """A sentence, and up to 20 of the events that it rests on."""

    text: str
    destructive: bool
    events_count: schemas.Count
    events: list[Cited]


class StoryView(msgspec.Struct, frozen=True):
    """The session told by rule, and the lines of a draft of the answer.

    `is_whole` false: only the first 5,000 events are told.
    """

    session_id: str
    zone: str
    summary: list[SentenceView]
    story: list[SentenceView]
    answer: list[SentenceView]
    is_whole: bool


class StoryAnswer(msgspec.Struct, frozen=True):
    """A session's story."""

    data: StoryView


async def get_story(call: Call) -> Answer:
    """One session in plain words, made from its events by rule, and a draft of the answer to the customer.

    Each sentence names the events that it rests on. Nothing is told that is not in them.
    """
    zone = _zone(call.query.get(ZONE.name, "UTC"))
    services = call.services
    rule = (await services.shown(call.workspace)).rule
    told = await services.read(_told, services.store, call.workspace, call.path["session_id"], rule, zone)
    return json_answer(StoryAnswer(told))


def _told(store: LogStore, workspace: Workspace, session_id: str, rule: DestructiveRule, zone: ZoneInfo) -> StoryView:
    session = store.session(workspace, session_id)
    if session is None:
        raise NotFound("There is no session of this id in this workspace.")
    facts = _facts(islice(store.whole_session(workspace, session), MOST_EVENTS), rule)
    own = {fact.seq: session.session_id for fact in facts}
    return StoryView(
        session_id=session.session_id,
        zone=str(zone),
        summary=[_view(sentence, own, whole=True) for sentence in summary(facts, zone)],
        story=[_view(sentence, own, whole=True) for sentence in story(facts, zone)],
        answer=[_view(line, own) for line in draft(session_id, facts, _history(store, workspace, facts, rule), zone)],
        is_whole=session.events_count <= MOST_EVENTS,
    )


def _history(store: LogStore, workspace: Workspace, facts: Sequence[Fact], rule: DestructiveRule) -> list[Fact]:
    """All that happened to what was destroyed first, the newest events of it."""
    lost = lost_in(facts)
    type_, id_ = (None, None) if lost is None else lost.resource_key
    if id_ is None:
        return []
    wanted = EventFilter(touched=(type_ or "", id_))
    page = store.find(workspace, wanted, ascending=False, after_seq=None, limit=MOST_HISTORY)
    return _facts(iter(page.entries), rule)


def _facts(entries: Iterator[LogEntry], rule: DestructiveRule) -> list[Fact]:
    return in_time([fact_of(entry, "erased" if entry.details is None else None, rule) for entry in entries])


def _view(sentence: Sentence, own: Mapping[int, str], *, whole: bool = False) -> SentenceView:
    cited = [Cited(fact.id, fact.seq, own.get(fact.seq, fact.session_id)) for fact in sentence.facts[:MOST_CITED]]
    text = f"{sentence.text}." if whole else sentence.text
    return SentenceView(text, sentence.is_destructive, len(sentence.facts), cited)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadRequest("zone must be the name of a time zone, such as UTC or America/Los_Angeles.") from None
