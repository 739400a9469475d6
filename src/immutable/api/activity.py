"""GET /activity/events and /activity/sessions: when did it happen, as a histogram."""

import msgspec

from immutable import clock
from immutable.api import parameters, schemas
from immutable.api.answer import Answer, json_answer
from immutable.api.endpoint import Call
from immutable.api.events import FILTERS, event_filter
from immutable.api.parameters import Parameter, limit_of
from immutable.api.sessions import CONDITIONS, session_filter
from immutable.model.found import CountsOverTime

PARTS = Parameter(
    "parts",
    "Into how many parts of equal length the span is cut at most, 1 to 240.",
    {"type": "integer", "minimum": 1, "maximum": 240, "default": 60},
)
EVENT_PARAMETERS = (*FILTERS, *parameters.span("was created"), PARTS)
SESSION_PARAMETERS = (*CONDITIONS, PARTS)


class ActivityView(msgspec.Struct):
    """How many there were in each part of the span, the oldest part first.

    The counts of parts that begin before `counted_from` are lower bounds; null: all are exact.
    """

    from_: schemas.Time | None = msgspec.field(name="from")
    part_seconds: float
    counts: list[schemas.Count]
    counted_from: schemas.Time | None


class ActivityAnswer(msgspec.Struct):
    """Counts over time."""

    data: ActivityView


async def get_event_activity(call: Call) -> Answer:
    """How many of the events that meet all filters were created when.

    Counted by the lookup index: exact, and no event is read for it. With `search`, the newest 1,000 matches are counted.
    """
    services, parts = call.services, limit_of(call.query, PARTS)
    counted = services.store.count_over_time
    return _answer(await services.read(counted, call.workspace, event_filter(call.query), parts=parts))


async def get_session_activity(call: Call) -> Answer:
    """How many of the sessions that meet all filters began when.

    The newest 200,000 are counted; of those asked for by what happened in them, the newest 500.
    """
    services, parts = call.services, limit_of(call.query, PARTS)
    counted = services.store.count_sessions_over_time
    return _answer(await services.read(counted, call.workspace, session_filter(call.query), parts=parts))


def _answer(counted: CountsOverTime | None) -> Answer:
    if counted is None:
        return json_answer(ActivityAnswer(ActivityView(None, 0, [], None)))
    from_ = None if counted.counted_from is None else clock.to_text(counted.counted_from)
    view = ActivityView(clock.to_text(counted.first), counted.width / 1_000_000, counted.counts, from_)
    return json_answer(ActivityAnswer(view))
