"""The URL table of who may ask: signing in, the account, members, workspaces, how these are shown, API keys."""

from collections.abc import Mapping

from immutable.api import access, account, cookies, display, keys, members, sign_in, single_sign_on, workspaces
from immutable.api.endpoint import Method
from immutable.errors import Conflict, Expired, Forbidden, NotFound, RateLimited, Unauthenticated

_RECOGNISED = (Unauthenticated, Forbidden, Conflict, RateLimited)
_LINKS = (*_RECOGNISED, NotFound, Expired)

PEOPLE: Mapping[str, Mapping[str, Method]] = {
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
            cookie=cookies.KNOWN,
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
            cookie=cookies.SINGLE_SIGN_ON,
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
            cookie=cookies.KNOWN,
            errors=_LINKS,
        ),
    },
    "/api/v1/access": {"GET": Method(access.get_access, "read", (), access.AccessAnswer)},
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
            account.post_totp_removal, None, (), account.EndedAnswer, 200, account.RemovalInput, takes_session=True
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
    "/api/v1/settings/destructive-actions": {
        "GET": Method(display.get_destructive, "read", (), display.DestructiveAnswer),
        "POST": Method(display.post_destructive, "admin", (), display.DestructiveAnswer, 200, display.DestructiveInput),
    },
    "/api/v1/settings/destructive-actions/preview": {
        "POST": Method(
            display.post_destructive_preview,
            "read",
            (),
            display.DestructivePreviewAnswer,
            200,
            display.DestructiveInput,
        ),
    },
    "/api/v1/settings/links": {
        "GET": Method(display.get_links, "read", (), display.LinksAnswer),
        "POST": Method(display.post_links, "admin", (), display.LinksAnswer, 200, display.LinksInput),
    },
    "/api/v1/settings/links/preview": {
        "POST": Method(display.post_links_preview, "read", (), display.LinksAnswer, 200, display.LinksInput),
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
}
