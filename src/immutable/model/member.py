"""People who may use workspaces: members, their roles, what signs them in, and the one-time links that make them members."""

from typing import Literal

import msgspec

Role = Literal["owner", "admin", "member", "viewer"]
ROLES: tuple[Role, ...] = ("owner", "admin", "member", "viewer")
"""The most powerful first."""

LinkKind = Literal["owner", "invitation", "password"]


class Member(msgspec.Struct, frozen=True):
    """A person, in whatever workspaces. `email` as `accounts/email.py` writes it. Times are microseconds since 1970."""

    id: str
    email: str
    name: str
    created_at: int
    has_password: bool
    has_totp: bool
    subject: str | None
    """Who this is to the provider of single sign-on; None for whom it has not signed in yet."""


class Credentials(msgspec.Struct, frozen=True):
    """What is kept to recognise a member: a password's hash, a TOTP secret sealed, the last time step whose code was used."""

    member: Member
    password: str | None
    totp: bytes | None
    totp_step: int


class MemberSession(msgspec.Struct, frozen=True):
    """A sign-in that lasts. The token that the browser holds is kept only as its SHA-256."""

    id: str
    member_id: str
    method: str
    """How it began: password, totp, recovery_code, single_sign_on or link."""
    address: str
    user_agent: str
    created_at: int
    seen_at: int


class OneTimeLink(msgspec.Struct, frozen=True):
    """A link that works once: makes the first owner, a member of a workspace, or a new password. Kept by its token's SHA-256."""

    id: str
    kind: LinkKind
    email: str
    """Empty where whoever opens the link says it: the first owner's."""
    workspace_number: int | None
    role: Role | None
    created_by: str
    created_at: int
    expires_at: int
