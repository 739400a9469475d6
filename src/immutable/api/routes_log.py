"""The URL table of the log: events in and out, sessions, evidence, investigations, verification."""

from collections.abc import Mapping

from immutable.api import (
    activity,
    events,
    evidence,
    evidence_links,
    investigations,
    neighbours,
    producers,
    resources,
    schemas,
    search,
    sessions,
    share,
    sign_in,
    story,
    tail,
    verify,
)
from immutable.api.endpoint import Method
from immutable.api.event_input import BatchInput, EventInput
from immutable.errors import Conflict, Expired, NotFound, RateLimited

_PACK = (NotFound, Conflict)
_SHARED = (NotFound, Conflict, Expired, RateLimited)

EVIDENCE_OF_SESSION = "/api/v1/sessions/{session_id:path}/evidence"
NEIGHBOURS_OF_SESSION = "/api/v1/sessions/{session_id:path}/neighbours"
STORY_OF_SESSION = "/api/v1/sessions/{session_id:path}/story"
SESSION = "/api/v1/sessions/{session_id:path}"

LOG: Mapping[str, Mapping[str, Method]] = {
    "/api/v1/events": {
        "POST": Method(events.ingest, "ingest", (), schemas.Receipt, 202, EventInput, is_single_event=True),
        "GET": Method(events.list_events, "read", events.LIST_PARAMETERS, schemas.EventPage),
    },
    "/api/v1/events/batch": {
        "POST": Method(events.ingest_batch, "ingest", (events.ATOMIC,), schemas.BatchReceipt, 202, BatchInput),
    },
    "/api/v1/events/tail": {
        "GET": Method(tail.get_tail, "read", tail.PARAMETERS, media="text/event-stream", streams=True),
    },
    "/api/v1/events/{id}": {"GET": Method(events.get_event, "read", (), schemas.EventAnswer)},
    "/api/v1/search": {"GET": Method(search.get_search, "read", search.SEARCH_PARAMETERS, search.SearchAnswer)},
    "/api/v1/activity/events": {
        "GET": Method(activity.get_event_activity, "read", activity.EVENT_PARAMETERS, activity.ActivityAnswer),
    },
    "/api/v1/activity/sessions": {
        "GET": Method(activity.get_session_activity, "read", activity.SESSION_PARAMETERS, activity.ActivityAnswer),
    },
    "/api/v1/sessions": {
        "GET": Method(sessions.list_sessions, "read", sessions.LIST_PARAMETERS, schemas.SessionPage),
    },
    EVIDENCE_OF_SESSION: {
        "GET": Method(
            evidence.get_session_evidence, "read", evidence.PARAMETERS, media="application/zip", errors=_PACK
        ),
    },
    NEIGHBOURS_OF_SESSION: {
        "GET": Method(neighbours.get_neighbours, "read", neighbours.PARAMETERS, neighbours.NeighbourList),
    },
    STORY_OF_SESSION: {"GET": Method(story.get_story, "read", story.PARAMETERS, story.StoryAnswer)},
    SESSION: {
        "GET": Method(sessions.get_session, "read", sessions.TIMELINE_PARAMETERS, schemas.SessionAnswer),
    },
    "/api/v1/resources/{type}/{id:path}/history": {
        "GET": Method(resources.get_history, "read", resources.HISTORY_PARAMETERS, schemas.HistoryPage),
    },
    "/api/v1/resources/{type}/{id:path}/evidence": {
        "GET": Method(
            evidence.get_resource_evidence, "read", evidence.PARAMETERS, media="application/zip", errors=_PACK
        ),
    },
    "/api/v1/evidence": {
        "GET": Method(evidence.get_evidence, "read", evidence.FILTER_PARAMETERS, media="application/zip", errors=_PACK),
    },
    "/api/v1/evidence/links": {
        "POST": Method(evidence_links.post_link, "admin", (), evidence_links.LinkAnswer, 200, evidence_links.LinkInput),
        "GET": Method(evidence_links.list_links, "admin", evidence_links.LIST_PARAMETERS, evidence_links.LinkList),
    },
    "/api/v1/evidence/links/{id}/revoke": {
        "POST": Method(
            evidence_links.post_revocation, "admin", (), evidence_links.LinkAnswer, 200, evidence_links.RevocationInput
        ),
    },
    "/api/v1/investigations": {
        "POST": Method(
            investigations.post_investigation,
            "read",
            (),
            investigations.InvestigationAnswer,
            200,
            investigations.InvestigationInput,
        ),
        "GET": Method(
            investigations.list_investigations, "read", investigations.LIST_PARAMETERS, investigations.InvestigationList
        ),
    },
    "/api/v1/investigations/{id}": {
        "GET": Method(investigations.get_investigation, "read", (), investigations.InvestigationAnswer),
    },
    "/api/v1/investigations/{id}/evidence": {
        "GET": Method(
            evidence.get_investigation_evidence,
            "read",
            evidence.INVESTIGATION_PARAMETERS,
            media="application/zip",
            errors=_PACK,
        ),
    },
    **{
        f"/api/v1/investigations/{{id}}/{ending}": {
            "POST": Method(handler, "read", (), investigations.InvestigationAnswer, 200, body, errors=(Conflict,)),
        }
        for ending, handler, body in (
            ("items", investigations.post_item, investigations.ItemInput),
            ("items/remove", investigations.post_item_removal, investigations.ItemInput),
            ("notes", investigations.post_note, investigations.NoteInput),
            ("close", investigations.post_closing, sign_in.Nothing),
            ("reopen", investigations.post_reopening, sign_in.Nothing),
        )
    },
    "/share/{token}": {"GET": Method(share.get_page, None, media="text/html", errors=_SHARED)},
    "/share/{token}/pack": {"GET": Method(share.get_pack, None, media="application/zip", errors=_SHARED)},
    "/api/v1/producers": {"GET": Method(producers.list_producers, "read", (), producers.ProducerList)},
    "/api/v1/verify": {"GET": Method(verify.get_verify, "read", verify.PARAMETERS, schemas.VerificationAnswer)},
}
