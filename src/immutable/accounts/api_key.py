"""API keys: `imk_` and 43 random characters. The secret is shown once and kept only as its SHA-256.

A fast hash is right here: the secret has 256 random bits, so there is nothing to guess; a slow one would only slow
every request down.
"""

import hashlib
import secrets
import threading

from immutable import clock
from immutable.errors import Conflict, Forbidden, Unauthenticated
from immutable.model.act import Act
from immutable.model.network import is_allowed
from immutable.model.workspace import ADMINISTRATION, ApiKey, Scope, Workspace, may
from immutable.store.catalog import Catalog

PREFIX = "imk_"
_MAX_REMEMBERED = 10_000


def create_key(
    catalog: Catalog, workspace: Workspace, name: str, scopes: tuple[Scope, ...], act: Act | None = None
) -> tuple[str, ApiKey]:
    """Make a key; its secret (told only here) and what is kept of it. Raises Conflict for one that could never be used."""
    if workspace.name == ADMINISTRATION and scopes != ("read",):
        raise Conflict("The administrative log is written by the server alone: its keys can only have the scope read.")
    secret = PREFIX + secrets.token_urlsafe(32)
    digest, hint = digest_of(secret), secret[-4:]
    return secret, catalog.add_key(workspace, name=name, digest=digest, hint=hint, scopes=scopes, act=act)


def digest_of(secret: str) -> bytes:
    """What is stored instead of the secret."""
    return hashlib.sha256(secret.encode()).digest()


class KeyRing:
    """Checks keys at every request; a revocation anywhere, or another allowlist, is seen at the next one."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._generation = -1
        self._keys: dict[bytes, ApiKey] = {}
        self._good: set[bytes] = set()
        self._uses: dict[str, int] = {}
        self._lock = threading.Lock()

    def remembered(self, secret: str, scope: Scope, address: str | None) -> ApiKey | None:
        """The key of this secret where it is known without asking the database; None where `authenticate` has to."""
        generation = self._catalog.generation()
        with self._lock:
            key = self._keys.get(digest_of(secret)) if generation == self._generation else None
        return None if key is None else self._allowed(key, scope, address)

    def authenticate(self, secret: str, scope: Scope, address: str | None) -> ApiKey:
        """The key of this secret. Raises Unauthenticated (unknown, revoked) or Forbidden (address, scope)."""
        generation = self._catalog.generation()  # before the key is read, which is then at least as new
        digest = digest_of(secret)
        key = self._catalog.key(digest) if secret.startswith(PREFIX) else None
        if key is None or key.revoked_at is not None:
            with self._lock:
                self._good.discard(digest)
            raise Unauthenticated(
                "The API key is unknown or was revoked. Check it, or make one: immutable keys create."
            )
        with self._lock:
            if generation != self._generation or len(self._keys) >= _MAX_REMEMBERED:
                self._keys.clear()
                self._generation = generation
            self._keys[digest] = key
            if len(self._good) >= _MAX_REMEMBERED:
                self._good.clear()
            self._good.add(digest)
        return self._allowed(key, scope, address)

    def was_good(self, secret: str) -> bool:
        """Whether this secret was a key's when it was last looked up here: whoever sends it is not guessing."""
        with self._lock:
            return digest_of(secret) in self._good

    def _allowed(self, key: ApiKey, scope: Scope, address: str | None) -> ApiKey:
        if not is_allowed(address, key.allowlist):
            raise Forbidden(
                f"The workspace may not be used from {address or 'here'}. Whoever runs the server can allow it: "
                "immutable workspaces allow."
            )
        if not may(key.workspace, key.scopes, scope):
            if key.workspace.name == ADMINISTRATION:
                raise Forbidden("The administrative log is written by the server alone; a key can only read it.")
            if scope == "owner":
                raise Forbidden("Only an owner may do this, signed in as a member: a key cannot.")
            raise Forbidden(
                f"This key does not have the scope '{scope}'. Make one that has it: immutable keys create --scope {scope}."
            )
        self._uses[key.id] = 0
        return key

    def flush_uses(self) -> None:
        """Record the uses since the last call."""
        uses = list(self._uses)
        for key_id in uses:  # one by one: a use that comes meanwhile stays for the next call
            self._uses.pop(key_id, None)
        if uses:
            self._catalog.note_key_uses(dict.fromkeys(uses, clock.now()))
