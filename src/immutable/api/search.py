"""GET /search: find a case without knowing an id or a field."""

import msgspec

from immutable import clock
from immutable.api import parameters, render, schemas
from immutable.api.answer import Answer, json_answer
from immutable.api.endpoint import Call
from immutable.api.parameters import Parameter, limit_of
from immutable.errors import InvalidEvent
from immutable.store.phrases import phrases

MOST_TEXT = 2_000
QUERY = Parameter(
    "q",
    "An id or how it begins, a name, an address, words of an action or of metadata, or the text of a whole ticket.",
    {"type": "string", "minLength": 1, "maxLength": MOST_TEXT, "examples": ["Q3 Budget Report"]},
)
LIMIT = parameters.limit(5, 20)
SEARCH_PARAMETERS = (QUERY, LIMIT)


class FoundActorView(msgspec.Struct):
    """Somebody, as in the newest of their events. `matched`: the phrases that led here."""

    id: str
    name: str | None
    type: str | None
    events_count: schemas.Count
    last_at: schemas.Time
    matched: list[str]


class FoundResourceView(msgspec.Struct):
    """Something, as in the newest event that touched it."""

    type: str
    id: str
    name: str | None
    events_count: schemas.Count
    last_at: schemas.Time
    matched: list[str]


class FoundSessionView(schemas.Session):
    """A session, with the phrases that led to it."""

    matched: list[str]


class LookedView(msgspec.Struct):
    """How far one phrase was looked for, the newest events first. `whole`: through the whole log."""

    what: str
    phrase: str
    from_sequence: schemas.Count
    whole: bool


class FoundView(msgspec.Struct):
    """What the text may mean, the likeliest first. `phrases` is what was looked for in it, `looked` how far."""

    phrases: list[str]
    actors: list[FoundActorView]
    sessions: list[FoundSessionView]
    resources: list[FoundResourceView]
    looked: list[LookedView]


class SearchAnswer(msgspec.Struct):
    """What was found."""

    data: FoundView


async def get_search(call: Call) -> Answer:
    """Actors, sessions and resources that a text may mean, without being told in which field to look.

    Ids are found by how they begin, names and metadata by any part of them in any case, addresses in the newest events. The work
    is bounded, so a common text is not followed through the whole log; `looked` tells how far each phrase was.
    """
    text = call.query.get(QUERY.name, "").strip()
    if not 1 <= len(text) <= MOST_TEXT:
        raise InvalidEvent(f"q: Give 1 to {MOST_TEXT:,} characters.", {"q": [f"Give 1 to {MOST_TEXT:,} characters."]})
    services, looked_for = call.services, phrases(text)
    found = await services.read(services.store.look_for, call.workspace, looked_for, limit=limit_of(call.query, LIMIT))
    rule = (await services.shown(call.workspace)).rule
    data = {
        "phrases": looked_for,
        "actors": [_timed(one) for one in found.actors],
        "sessions": [{**render.session(one.summary, rule), "matched": one.matched} for one in found.sessions],
        "resources": [_timed(one) for one in found.resources],
        "looked": found.looked,
    }
    return json_answer({"data": data})


def _timed(found: msgspec.Struct) -> dict[str, object]:
    shown: dict[str, object] = msgspec.to_builtins(found)
    return {**shown, "last_at": clock.to_text(shown["last_at"])}  # type: ignore[arg-type]
