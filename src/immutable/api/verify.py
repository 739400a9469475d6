"""GET /verify: does the log still say what was appended?"""

import msgspec

from immutable.api import parameters
from immutable.api.answer import Answer, json_answer
from immutable.api.endpoint import Call
from immutable.api.parameters import limit_of, span_of
from immutable.log.verify import verify
from immutable.model.filters import EventFilter

LIMIT = parameters.limit(100_000, 100_000)
PARAMETERS = (*parameters.span("was created"), LIMIT, parameters.CURSOR)


async def get_verify(call: Call) -> Answer:
    """Check a span of the log, oldest first: at most `limit` (up to 100,000) events, then on with the cursor."""
    services, query = call.services, call.query
    created_from, created_to = span_of(query)
    limit = limit_of(query, LIMIT)
    wanted = EventFilter(created_from=created_from, created_to=created_to)
    first, last = await services.read(services.store.seq_range, call.workspace, wanted)
    if "cursor" in query:
        first = services.cursors.read(call.workspace, "verify", query["cursor"])[0]
    end = min(last, first + limit - 1)
    verdict = await services.read(
        verify,
        services.store,
        call.workspace,
        first,
        end,
        silence=services.settings.session_silence_seconds * 1_000_000,
    )
    cursor = services.cursors.make(call.workspace, "verify", end + 1) if end < last else None
    content = {
        "valid": verdict.valid,
        "events_checked": verdict.events_checked,
        "breaks": [msgspec.to_builtins(one) for one in verdict.breaks],
        "first_sequence": verdict.first_sequence,
        "last_sequence": verdict.last_sequence,
        "sessions_checked": verdict.sessions_checked,
        "is_complete": cursor is None,
        "next_cursor": cursor,
    }
    return json_answer({"data": content})
