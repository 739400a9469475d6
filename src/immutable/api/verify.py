"""GET /verify: does the log still say what was appended?"""

import msgspec

from immutable.anchors.vouching import known_outside
from immutable.api import parameters
from immutable.api.answer import Answer, json_answer
from immutable.api.endpoint import Call
from immutable.api.parameters import Parameter, limit_of, span_of
from immutable.log.verify import cores, verify
from immutable.model.filters import EventFilter

LIMIT = Parameter(
    "limit",
    "How many events to check at most, 1 to 100,000; then on with the cursor. Without it, all of them are checked.",
    {"type": "integer", "minimum": 1, "maximum": 100_000},
)
PARAMETERS = (*parameters.span("was created"), LIMIT, parameters.CURSOR)


async def get_verify(call: Call) -> Answer:
    """Check a span of the log, oldest first: all of it, or `limit` events and then on with the cursor.

    The sessions are checked with the part that reaches the end of the log, unless `from` or `to` is given.
    """
    services, query = call.services, call.query
    created_from, created_to = span_of(query)
    wanted = EventFilter(created_from=created_from, created_to=created_to)
    first, last = await services.read(services.store.seq_range, call.workspace, wanted)
    if "cursor" in query:
        first = services.cursors.read(call.workspace, "verify", query["cursor"])[0]
    end = min(last, first + limit_of(query, LIMIT) - 1) if "limit" in query else last
    async with services.verifying_anchors:
        known = await services.work(
            known_outside, services.store, services.settings, services.kept, services.anchorers, call.workspace
        )
    async with services.verifying:  # it takes whole cores: one at a time
        verdict = await services.work(
            verify,
            services.store,
            call.workspace,
            first,
            end,
            silence=services.silence,
            outside=known,
            sessions=created_from is None and created_to is None,
            processes=cores(),
        )
    cursor = services.cursors.make(call.workspace, "verify", end + 1) if end < last else None
    content = {
        "valid": verdict.valid,
        "events_checked": verdict.events_checked,
        "breaks": [msgspec.to_builtins(one) for one in verdict.breaks],
        "details_erased": verdict.details_erased,
        "erased": [msgspec.to_builtins(one) for one in verdict.erased],
        "pruned_through": verdict.pruned_through,
        "first_sequence": verdict.first_sequence,
        "last_sequence": verdict.last_sequence,
        "sessions_checked": verdict.sessions_checked,
        "scope": [msgspec.to_builtins(one) for one in verdict.scope],
        "checkpoints_checked": verdict.checkpoints_checked,
        "rollbacks": [msgspec.to_builtins(one) for one in verdict.rollbacks],
        "signing_halted": verdict.signing_halted,
        "is_complete": cursor is None,
        "next_cursor": cursor,
    }
    return json_answer({"data": content})
