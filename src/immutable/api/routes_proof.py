"""The URL table of what is kept and proven: erasure, holds, checkpoints, keys that sign, anchors; and the embeddable viewer."""

from collections.abc import Mapping

from immutable.api import anchors, erasures, events, holds, proofs, public_log, schemas, sessions, viewer
from immutable.api.endpoint import Method
from immutable.errors import NotFound, RateLimited

PROOF: Mapping[str, Mapping[str, Method]] = {
    "/api/v1/erasures": {
        "POST": Method(erasures.post_erasure, "admin", (), erasures.ErasureAnswer, 200, erasures.ErasureInput),
    },
    "/api/v1/erasures/preview": {
        "POST": Method(
            erasures.post_erasure_preview,
            "admin",
            (),
            erasures.ErasurePreviewAnswer,
            200,
            erasures.ErasedEvents,
        ),
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
}
