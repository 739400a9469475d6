"""Page cursors: opaque, URL-safe, encrypted and signed, and good for one workspace and one list only.

They are encrypted because a position can tell what the list does not: a viewer's list of sessions goes by when each began, which
may be an event that its token does not cover.
"""

import base64
import hashlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from immutable.errors import BadRequest
from immutable.model.workspace import Workspace


class Cursors:
    """Makes cursors and reads them back."""

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESSIV(hashlib.sha512(secret).digest())

    def make(self, workspace: Workspace, kind: str, *position: int) -> str:
        """A cursor to go on from `position` in lists of this kind."""
        payload = ",".join(map(str, position)).encode()
        sealed = self._cipher.encrypt(payload, [workspace.id.encode(), kind.encode()])
        return _text(sealed)

    def read(self, workspace: Workspace, kind: str, cursor: str) -> list[int]:
        """The position in a cursor. Raises BadRequest where we did not make it for this list and workspace."""
        try:
            sealed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            payload = self._cipher.decrypt(sealed, [workspace.id.encode(), kind.encode()])
            is_ours = _text(sealed) == cursor  # base64 reads several texts as the same bytes
        except (ValueError, InvalidTag):
            is_ours = False
        if not is_ours:
            raise BadRequest("The cursor is not one of ours for this list; begin again without it.")
        return [int(part) for part in payload.split(b",")]


def _text(sealed: bytes) -> str:
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()
