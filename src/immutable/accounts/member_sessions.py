"""Sessions of members: made at sign-in, looked up at every request, over when idle, old or ended anywhere.

The browser holds 32 random bytes in a cookie (`api/cookies.py`); the database their SHA-256. What a session may do in a workspace
is asked of the catalogue's memory, which every change of members, roles and sessions makes look again.
"""

import os
import secrets
import threading

import msgspec

from immutable import clock
from immutable.accounts.api_key import digest_of
from immutable.accounts.roles import SCOPES_OF, role_in
from immutable.errors import BadRequest, Forbidden, Unauthenticated
from immutable.model.act import Act
from immutable.model.member import Member, MemberSession, Role
from immutable.model.network import is_allowed
from immutable.model.workspace import ADMINISTRATION, ApiKey, Scope, Workspace, may
from immutable.store.catalog import Catalog

_MAX_REMEMBERED = 10_000
_NOTE_SECONDS = 30
"""A session's last use is kept no more often."""
_OVER = "Your session is over. Sign in again."


class SignedIn(msgspec.Struct, frozen=True):
    """Whoever shows a good session."""

    session: MemberSession
    member: Member
    workspaces: tuple[tuple[Workspace, Role], ...]
    """Where they may do something, by name."""
    keys: dict[str, ApiKey]
    """What lets them in, by the workspace's id; filled as it is asked for."""


class MemberSessions:
    """Begins sessions and finds them again."""

    def __init__(self, catalog: Catalog, *, idle_seconds: int, most_seconds: int) -> None:
        self._catalog = catalog
        self._idle, self._most = idle_seconds * 1_000_000, most_seconds * 1_000_000
        self._generation = -1
        self._known: dict[bytes, SignedIn] = {}
        self._seen: dict[str, int] = {}
        self._noted: dict[str, int] = {}
        self._lock = threading.Lock()

    def begin(
        self, member: Member, method: str, address: str, user_agent: str, act: Act, password: str | None = None
    ) -> tuple[str, MemberSession]:
        """A new session and its token, which is told only here. Never one that was there before: nobody can plant it.

        `password`: the hash by which the member was recognised. Raises Unauthenticated where it was changed meanwhile.
        """
        token, now = secrets.token_urlsafe(32), clock.now()
        session = MemberSession(f"ses_{os.urandom(8).hex()}", member.id, method, address, user_agent, now, now)
        told = msgspec.structs.replace(act, session_id=session.id)
        over, begin = now - self._most, self._catalog.sign_ins.begin
        if not begin(session, digest_of(token), told, forget_before=over, password=password):
            raise Unauthenticated("The password was changed just now. Sign in with the new one.")
        return token, session

    def remembered(self, token: str) -> SignedIn | None:
        """Whose session this is, where that is known without asking the database."""
        generation = self._catalog.generation()
        with self._lock:
            found = self._known.get(digest_of(token)) if generation == self._generation else None
        return found if found is not None and self._is_on(found.session) else None

    def find(self, token: str) -> SignedIn:
        """Whose session this is. Raises Unauthenticated where it is none, or over."""
        generation = self._catalog.generation()  # before anything is read, which is then at least as new
        digest = digest_of(token)
        session = self._catalog.sign_ins.session(digest)
        if session is None or not self._is_on(session):
            raise Unauthenticated(_OVER)
        found = self._signed_in(session)
        with self._lock:
            if generation != self._generation or len(self._known) >= _MAX_REMEMBERED:
                self._known.clear()
                self._generation = generation
            self._known[digest] = found
        return found

    def key(self, by: SignedIn, workspace_id: str | None, scope: Scope, address: str | None) -> ApiKey:
        """What lets the member into a workspace as a key would. Raises BadRequest or Forbidden.

        Without an id: into the only one they have.
        """
        key = by.keys.get(workspace_id or "")
        if key is None:
            key = by.keys[workspace_id or ""] = self._key_of(by, workspace_id)
        if not is_allowed(address, key.allowlist):
            raise Forbidden(f"The workspace may not be used from {address or 'here'}.")
        if not may(key.workspace, key.scopes, scope):
            raise Forbidden("Your role in this workspace does not allow this. Ask one of its owners.")
        return key

    def flush_seen(self) -> None:
        """Record when sessions were last used, as far as it is worth writing."""
        with self._lock:
            due = {
                one: at for one, at in self._seen.items() if at - self._noted.get(one, 0) >= _NOTE_SECONDS * 1_000_000
            }
            self._noted.update(due)
            if len(self._noted) > _MAX_REMEMBERED:
                self._noted.clear()
            self._seen = {one: at for one, at in self._seen.items() if one not in due}
        if due:
            self._catalog.sign_ins.note_seen(due)

    def _is_on(self, session: MemberSession) -> bool:
        now = clock.now()
        seen_at = max(session.seen_at, self._noted.get(session.id, 0), self._seen.get(session.id, 0))
        if now - session.created_at >= self._most or now - seen_at >= self._idle:
            return False
        self._seen[session.id] = now
        return True

    def _signed_in(self, session: MemberSession) -> SignedIn:
        member = self._catalog.members.member(session.member_id)
        if member is None:
            raise Unauthenticated(_OVER)
        return SignedIn(session, member, workspaces_of(self._catalog, member.id), {})

    def _key_of(self, by: SignedIn, workspace_id: str | None) -> ApiKey:
        chosen = [one for one in by.workspaces if workspace_id in (None, one[0].id)]
        if len(chosen) > 1:
            raise BadRequest("Say which workspace you mean: send its id in the header Immutable-Workspace.")
        if not chosen:
            raise Forbidden("There is no such workspace, or you are no member of it.")
        ((workspace, role),) = chosen
        name = by.member.name or by.member.email
        allowlist = self._catalog.allowlist(workspace)
        return ApiKey(by.member.id, workspace, name, "", SCOPES_OF[role], 0, None, None, allowlist)


def workspaces_of(catalog: Catalog, member_id: str) -> tuple[tuple[Workspace, Role], ...]:
    """Where a member may do something, by name."""
    workspaces, roles = catalog.workspaces(), catalog.members.roles(member_id)
    administration = next((one for one in workspaces if one.name == ADMINISTRATION), None)
    found = ((one, role_in(one, roles, administration)) for one in workspaces)
    return tuple((one, role) for one, role in found if role is not None)
