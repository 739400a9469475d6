"""Viewer tokens: short-lived JWTs (RFC 7519, HS256) by which an end user's browser reads a part of one log, and nothing else.

What a token lets see is in the token, signed, and is applied by the server whatever is asked for (`api/viewer.py`). It names the
key it was made with: a token ends with its time, or with its key.
"""

import time
from collections.abc import Callable

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from immutable.errors import Unauthenticated
from immutable.model.workspace import ApiKey, Workspace
from immutable.store.catalog import Catalog

MIN_SECONDS, MAX_SECONDS, DEFAULT_SECONDS = 60, 86_400, 3_600
_AUDIENCE = "immutable-viewer"
_ALGORITHM = "HS256"
_MAX_LENGTH = 4_096


class ViewerScope(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a token lets see: the events that meet all that is given; with nothing given, the whole log."""

    tenant_id: str | None = None
    actor_id: str | None = None
    session_id: str | None = None


class Viewer(msgspec.Struct, frozen=True):
    """Whoever shows a good token."""

    key: ApiKey
    scope: ViewerScope


class ViewerTokens:
    """Makes tokens and reads them."""

    def __init__(self, catalog: Catalog, now: Callable[[], float] = time.time) -> None:
        self._catalog = catalog
        self._now = now
        self._secret = OctKey.import_key(catalog.secret("viewer-tokens"))
        self._generation = -1
        self._keys: dict[tuple[str, str], ApiKey] = {}

    def make(self, key: ApiKey, scope: ViewerScope, seconds: int) -> tuple[str, int]:
        """A token of this key's workspace, and when it ends, in seconds since 1970."""
        expires_at = int(self._now()) + seconds
        claims = {
            "aud": _AUDIENCE,
            "exp": expires_at,
            "iat": int(self._now()),
            "ws": key.workspace.id,
            "key": key.id,
            "scope": msgspec.to_builtins(scope),
        }
        return jwt.encode({"alg": _ALGORITHM}, claims, self._secret), expires_at

    def read(self, token: str) -> Viewer:
        """Who shows this token. Raises Unauthenticated where it is not ours, has ended, or its key was revoked."""
        try:
            claims = jwt.decode(token[:_MAX_LENGTH], self._secret, algorithms=[_ALGORITHM]).claims
            is_current = claims["aud"] == _AUDIENCE and self._now() < claims["exp"]
            scope = msgspec.convert(claims["scope"], ViewerScope)
            named = str(claims["ws"]), str(claims["key"])
        except (JoseError, ValueError, KeyError, TypeError, msgspec.ValidationError):
            raise Unauthenticated("This is no viewer token of this server.") from None
        if not is_current:
            raise Unauthenticated("The viewer token has ended; ask your application for a new one.")
        key = self._key(*named)
        if key is None or key.revoked_at is not None:
            raise Unauthenticated("The key that this viewer token was made with was revoked.")
        return Viewer(key, scope)

    def _key(self, workspace_id: str, key_id: str) -> ApiKey | None:
        generation = self._catalog.generation()
        if generation != self._generation:
            self._keys.clear()
            self._generation = generation
        found = self._keys.get((workspace_id, key_id))
        if found is None:
            workspace = next((one for one in self._catalog.workspaces() if one.id == workspace_id), None)
            found = self._find(workspace, key_id)
            if found is not None:
                self._keys[workspace_id, key_id] = found
        return found

    def _find(self, workspace: Workspace | None, key_id: str) -> ApiKey | None:
        keys = [] if workspace is None else self._catalog.keys(workspace)
        return next((key for key in keys if key.id == key_id), None)
