"""The keys that sign a workspace's checkpoints: made when first needed, sealed in the database or given from outside.

A checkpoint's origin is the name of the key: `<origin>/<workspace id>`. A retired key signs nothing more, and what it signed
keeps verifying, because all public keys are kept and shown.
"""

import threading
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from immutable import clock
from immutable.checkpoints.secret import Sealer, sealer_of
from immutable.errors import Conflict, StartError
from immutable.integrity.note import NoteError, Signer, Verifier, parse_signer
from immutable.model.workspace import Workspace
from immutable.settings import Settings
from immutable.store.proof_store import SigningKeyStore, StoredKey


class SigningKeys:
    """The signing keys of all workspaces. The secret is read, or made, when it is first needed."""

    def __init__(self, store: SigningKeyStore, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._making = threading.Lock()

    def check(self) -> None:
        """See that the secret is there and opens every key that signs. Raises StartError."""
        _ = self._given
        for workspace_id, key in self._store.all_signing_keys():
            if key.seed is not None and key.retired_at is None:
                self._sealer.open(key.seed, belongs_to=_belongs_to(workspace_id, key.public))
        _ = self._sealer

    def signer(self, workspace: Workspace, size: int) -> Signer:
        """The key that signs now; made, for a tree that has `size` leaves, where there is none. Raises StartError."""
        found = self.current(workspace, size)
        if found is not None:
            return found
        self.make(workspace, size)
        return self.signer(workspace, size)

    def current(self, workspace: Workspace, size: int) -> Signer | None:
        """As `signer`, but none is made."""
        key = self._current(workspace)
        given = self._given_for(workspace, key)
        if given is not None:
            if key is None or given.verifier.public_key != key.public:
                self._add(workspace, given, size, is_given=True)
            return given
        if key is None:
            return None
        if key.seed is None:
            raise StartError(f"The signing key {key.name} is given from outside: set IMMUTABLE_SIGNING_KEY_FILE.")
        return Signer(key.name, self._sealer.open(key.seed, belongs_to=_belongs_to(workspace.id, key.public)))

    def make(self, workspace: Workspace, size: int) -> StoredKey:
        """A new key that signs from now on, for the same origin; the others retire."""
        with self._making:
            key = self._current(workspace)
            if self._given_for(workspace, key) is not None:
                raise Conflict(
                    "This workspace's key is given from outside: put another one into IMMUTABLE_SIGNING_KEY_FILE."
                )
            name = key.name if key is not None else f"{self._settings.origin}/{workspace.id}"
            return self._add(workspace, _new_signer(name), size, is_given=False)

    def next_origin(self, workspace: Workspace) -> Signer:
        """A key for the origin of a log that begins anew, where the old one can no longer be continued; kept nowhere yet."""
        origins = {key.name for key in self._store.signing_keys(workspace)}
        return _new_signer(f"{self._settings.origin}/{workspace.id}/{len(origins) + 1}")

    def succeed(self, workspace: Workspace, signer: Signer, size: int) -> StoredKey:
        """Let the key of another origin sign from now on; the others retire."""
        with self._making:
            return self._add(workspace, signer, size, is_given=False)

    def _add(self, workspace: Workspace, signer: Signer, size: int, *, is_given: bool) -> StoredKey:
        public = signer.verifier.public_key
        seed = None if is_given else self._sealer.seal(signer.seed, belongs_to=_belongs_to(workspace.id, public))
        key = StoredKey(signer.name, public, seed, clock.now(), size)
        self._store.add_signing_key(workspace, key)
        return key

    def _current(self, workspace: Workspace) -> StoredKey | None:
        keys = [key for key in self._store.signing_keys(workspace) if key.retired_at is None]
        return keys[-1] if keys else None

    def _given_for(self, workspace: Workspace, key: StoredKey | None) -> Signer | None:
        return self._given.get(key.name if key is not None else f"{self._settings.origin}/{workspace.id}")

    @cached_property
    def _sealer(self) -> Sealer:
        has_keys = any(key.seed is not None for _, key in self._store.all_signing_keys())
        return sealer_of(self._settings, has_keys=has_keys)

    @cached_property
    def _given(self) -> Mapping[str, Signer]:
        path = self._settings.signing_key_file
        if not path:
            return {}
        try:
            lines = Path(path).read_text("utf-8").split()
            return {signer.name: signer for signer in map(parse_signer, lines)}
        except (OSError, UnicodeDecodeError, NoteError) as error:
            raise StartError(f"The signing keys in {path} cannot be read: {error}") from error


def verifier_of(key: StoredKey) -> Verifier:
    """The public half of a key, as others check signatures with it."""
    return Verifier(key.name, key.public)


def _new_signer(name: str) -> Signer:
    return Signer(name, Ed25519PrivateKey.generate().private_bytes_raw())


def _belongs_to(workspace_id: str, public: bytes) -> bytes:
    return workspace_id.encode() + b"\n" + public
