"""The whole URL table on one screen."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from immutable.api import (
    account,
    activity,
    anchors,
    erasures,
    events,
    evidence,
    evidence_links,
    health,
    holds,
    investigations,
    keys,
    members,
    neighbours,
    openapi,
    producers,
    proofs,
    public_log,
    resources,
    schemas,
    search,
    sessions,
    share,
    sign_in,
    single_sign_on,
    story,
    tail,
    verify,
    viewer,
    workspaces,
)
from immutable.api.endpoint import Endpoint, Method
from immutable.api.event_input import BatchInput, EventInput
from immutable.errors import Conflict, Expired, Forbidden, NotFound, RateLimited, TooLarge, Unauthenticated

if TYPE_CHECKING:
    from immutable.services import Services

_PACK = (NotFound, Conflict, TooLarge)
_RECOGNISED = (Unauthenticated, Forbidden, Conflict, RateLimited)
_LINKS = (*_RECOGNISED, NotFound, Expired)
_SHARED = (NotFound, Conflict, TooLarge, Expired, RateLimited)

EVIDENCE_OF_SESSION = "/api/v1/sessions/{session_id:path}/evidence"
NEIGHBOURS_OF_SESSION = "/api/v1/sessions/{session_id:path}/neighbours"
STORY_OF_SESSION = "/api/v1/sessions/{session_id:path}/story"
SESSION = "/api/v1/sessions/{session_id:path}"

TABLE: Mapping[str, Mapping[str, Method]] = {
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
    "/api/v1/erasures": {
        "POST": Method(erasures.post_erasure, "admin", (), erasures.ErasureAnswer, 200, erasures.ErasureInput),
    },
    "/api/v1/holds": {
        "POST": Method(holds.post_hold, "admin", (), holds.HoldAnswer, 200, holds.HoldInput),
        "GET": Method(holds.list_holds, "admin", (), holds.HoldList),
    },
    "/api/v1/holds/{id}/release": {
        "POST": Method(holds.post_release, "admin", (), holds.HoldAnswer, 200, holds.ReleaseInput),
    },
    "/api/v1/events/{id}/proof": {
        "GET": Method(proofs.get_inclusion, "read", (proofs.SIZE,), proofs.InclusionAnswer),
    },
    "/api/v1/proofs/consistency": {
        "GET": Method(
            proofs.get_consistency, "read", (proofs.FROM, proofs.TO), proofs.ConsistencyAnswer, errors=(NotFound,)
        ),
    },
    "/api/v1/checkpoints": {
        "GET": Method(proofs.list_checkpoints, "read", proofs.LIST_PARAMETERS, proofs.CheckpointList),
    },
    "/api/v1/checkpoints/latest": {"GET": Method(proofs.get_latest, "read", (), proofs.LatestAnswer)},
    "/api/v1/checkpoints/accept-rollback": {
        "POST": Method(proofs.post_accept_rollback, "admin", (), proofs.SigningKeyAnswer, 200, proofs.DecisionInput),
    },
    "/api/v1/checkpoints/{size}": {"GET": Method(proofs.get_checkpoint, "read", (), proofs.CheckpointAnswer)},
    "/api/v1/signing-keys": {
        "GET": Method(proofs.list_keys, "read", (), proofs.SigningKeyList),
        "POST": Method(proofs.post_key, "admin", (), proofs.SigningKeyAnswer, 200, proofs.DecisionInput),
    },
    "/log/{workspace_id}/checkpoint": {"GET": Method(public_log.get_public_checkpoint, None)},
    "/log/{workspace_id}/tile/{path:path}": {"GET": Method(public_log.get_public_tile, None)},
    "/api/v1/viewer-token": {
        "POST": Method(viewer.post_viewer_token, "read", (), viewer.ViewerToken, 200, viewer.ViewerTokenInput),
    },
    "/api/v1/viewer/events": {
        "GET": Method(
            viewer.list_viewer_events, None, events.LIST_PARAMETERS, schemas.HistoryPage, takes_viewer_token=True
        ),
    },
    "/api/v1/viewer/sessions": {
        "GET": Method(
            viewer.list_viewer_sessions, None, viewer.SESSION_PARAMETERS, schemas.SessionPage, takes_viewer_token=True
        ),
    },
    "/api/v1/viewer/sessions/{session_id:path}": {
        "GET": Method(
            viewer.get_viewer_session,
            None,
            sessions.TIMELINE_PARAMETERS,
            schemas.SessionAnswer,
            takes_viewer_token=True,
            errors=(NotFound,),
        ),
    },
    "/api/v1/anchors": {
        "GET": Method(anchors.list_anchors, "read", anchors.LIST_PARAMETERS, anchors.AnchorList),
        "POST": Method(anchors.post_anchor, "admin", (), anchors.AnchorsBegun, 202, anchors.AnchorInput),
    },
    "/api/v1/anchors/{id}": {"GET": Method(anchors.get_anchor, "read", (), anchors.AnchorAnswer)},
    "/api/v1/anchors/{id}/verify": {"GET": Method(anchors.get_anchor_verdict, "read", (), anchors.AnchorVerdictAnswer)},
    "/api/v1/public/anchors/lookup": {
        "GET": Method(
            anchors.get_public_anchor,
            None,
            (anchors.TX_HASH,),
            anchors.PublicAnchorAnswer,
            errors=(NotFound, RateLimited),
        ),
    },
    "/api/v1/public/anchors/{id}/verify": {
        "GET": Method(anchors.get_public_anchor_verdict, None, (), anchors.AnchorVerdictAnswer, errors=(RateLimited,)),
    },
    "/api/v1/sign-in": {
        "GET": Method(sign_in.get_sign_in, None, (), sign_in.OfferedAnswer),
        "POST": Method(
            sign_in.post_sign_in,
            None,
            (),
            sign_in.SignInAnswer,
            200,
            sign_in.SignInInput,
            for_own_page=True,
            errors=_RECOGNISED,
        ),
    },
    "/api/v1/single-sign-on": {
        "GET": Method(single_sign_on.get_single_sign_on, None, status=302, errors=(NotFound, RateLimited)),
    },
    "/api/v1/single-sign-on/callback": {
        "GET": Method(
            single_sign_on.get_single_sign_on_callback,
            None,
            single_sign_on.CALLBACK,
            status=302,
            cookie=single_sign_on.COOKIE,
            errors=(NotFound, RateLimited),
        ),
    },
    "/api/v1/sign-out": {
        "POST": Method(sign_in.post_sign_out, None, (), sign_in.SignInAnswer, 200, sign_in.Nothing, takes_session=True),
    },
    "/api/v1/links/look": {
        "POST": Method(
            sign_in.post_look,
            None,
            (),
            sign_in.LinkShownAnswer,
            200,
            sign_in.OneTimeLinkInput,
            for_own_page=True,
            errors=_LINKS,
        ),
    },
    "/api/v1/links/accept": {
        "POST": Method(
            sign_in.post_acceptance,
            None,
            (),
            sign_in.SignInAnswer,
            200,
            sign_in.AcceptanceInput,
            for_own_page=True,
            errors=_LINKS,
        ),
    },
    "/api/v1/account": {
        "GET": Method(account.get_account, None, (), account.AccountAnswer, takes_session=True),
    },
    "/api/v1/account/sessions": {
        "GET": Method(account.list_own_sessions, None, (), account.SessionViewList, takes_session=True),
    },
    "/api/v1/account/sessions/end": {
        "POST": Method(
            account.post_end_other_sessions, None, (), account.EndedAnswer, 200, sign_in.Nothing, takes_session=True
        ),
    },
    "/api/v1/account/sessions/{id}/end": {
        "POST": Method(
            account.post_end_own_session, None, (), account.EndedAnswer, 200, sign_in.Nothing, takes_session=True
        ),
    },
    "/api/v1/account/password": {
        "POST": Method(
            account.post_password, None, (), account.EndedAnswer, 200, account.PasswordInput, takes_session=True
        ),
    },
    "/api/v1/account/totp": {
        "POST": Method(
            account.post_totp, None, (), account.EnrolmentAnswer, 200, account.ConfirmationInput, takes_session=True
        ),
    },
    "/api/v1/account/totp/confirm": {
        "POST": Method(
            account.post_totp_confirmation, None, (), account.CodesAnswer, 200, account.CodeInput, takes_session=True
        ),
    },
    "/api/v1/account/totp/remove": {
        "POST": Method(
            account.post_totp_removal, None, (), account.EndedAnswer, 200, account.ConfirmationInput, takes_session=True
        ),
    },
    "/api/v1/workspaces": {
        "POST": Method(
            workspaces.post_workspace,
            None,
            (),
            workspaces.WorkspaceAnswer,
            200,
            workspaces.WorkspaceInput,
            takes_session=True,
        ),
    },
    "/api/v1/keys": {
        "GET": Method(keys.list_api_keys, "admin", (), keys.KeyList),
        "POST": Method(keys.post_api_key, "admin", (), keys.KeyAnswer, 200, keys.KeyInput, errors=(Conflict,)),
    },
    "/api/v1/keys/{id}/revoke": {
        "POST": Method(keys.post_key_revocation, "admin", (), keys.KeyAnswer, 200, sign_in.Nothing),
    },
    "/api/v1/members": {"GET": Method(members.list_members, "admin", (), members.MemberList)},
    "/api/v1/members/{id}/role": {
        "POST": Method(
            members.post_role, "admin", (), members.MemberAnswer, 200, members.RoleInput, errors=(Conflict,)
        ),
    },
    "/api/v1/members/{id}/remove": {
        "POST": Method(
            members.post_member_removal, "admin", (), members.MemberAnswer, 200, sign_in.Nothing, errors=(Conflict,)
        ),
    },
    "/api/v1/invitations": {
        "GET": Method(members.list_invitations, "admin", (), members.InvitationList),
        "POST": Method(
            members.post_invitation,
            "admin",
            (),
            members.InvitationAnswer,
            200,
            members.InvitationInput,
            errors=(Conflict,),
        ),
    },
    "/api/v1/invitations/{id}/revoke": {
        "POST": Method(
            members.post_invitation_revocation,
            "admin",
            (),
            members.InvitationAnswer,
            200,
            sign_in.Nothing,
            errors=(Conflict,),
        ),
    },
    "/api/v1/openapi.json": {"GET": Method(openapi.get_openapi, None, (), dict)},
    "/healthz": {"GET": Method(health.healthz, None, (), schemas.Health)},
    "/readyz": {"GET": Method(health.readyz, None, (), schemas.Health)},
    "/metrics": {"GET": Method(health.metrics, None)},
}


class PartOfSession:
    """The evidence of a session, its story or neighbours.

    Or, where the slash before that word is escaped, the session whose id so ends.
    """

    def __init__(self, path: str, part: Endpoint, session: Endpoint) -> None:
        self._ending = path[path.rindex("/") :]
        self._part, self._session = part, session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell them apart by the path as it was sent."""
        if scope["raw_path"].endswith(self._ending.encode()):
            await self._part(scope, receive, send)
            return
        whole = scope["path_params"]["session_id"] + self._ending
        await self._session({**scope, "path_params": {"session_id": whole}}, receive, send)


def routes(services: "Services") -> list[Route]:
    """The table as Starlette routes."""
    endpoints: dict[str, ASGIApp] = {path: Endpoint(services, path, methods) for path, methods in TABLE.items()}
    session = Endpoint(services, SESSION, TABLE[SESSION])
    for path in (EVIDENCE_OF_SESSION, STORY_OF_SESSION, NEIGHBOURS_OF_SESSION):
        endpoints[path] = PartOfSession(path, Endpoint(services, path, TABLE[path]), session)
    return [Route(path, endpoint) for path, endpoint in endpoints.items()]
