"""Page cursors: opaque, URL-safe, signed, and good for one workspace and one list only."""

import base64
import hashlib
import hmac

from immutable.errors import BadRequest
from immutable.model.workspace import Workspace

_TAG_BYTES = 12


class Cursors:
    """Makes cursors and reads them back."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def make(self, workspace: Workspace, kind: str, *position: int) -> str:
        """A cursor to go on from `position` in lists of this kind."""
        payload = ",".join(map(str, position)).encode()
        return base64.urlsafe_b64encode(self._tag(workspace, kind, payload) + payload).rstrip(b"=").decode()

    def read(self, workspace: Workspace, kind: str, cursor: str) -> list[int]:
        """The position in a cursor. Raises BadRequest where we did not make it for this list and workspace."""
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except ValueError:
            raw = b""
        tag, payload = raw[:_TAG_BYTES], raw[_TAG_BYTES:]
        if len(tag) < _TAG_BYTES or not hmac.compare_digest(tag, self._tag(workspace, kind, payload)):
            raise BadRequest("The cursor is not one of ours for this list; begin again without it.")
        return [int(part) for part in payload.split(b",")]

    def _tag(self, workspace: Workspace, kind: str, payload: bytes) -> bytes:
        message = b"\0".join((workspace.id.encode(), kind.encode(), payload))
        return hmac.digest(self._secret, message, hashlib.sha256)[:_TAG_BYTES]
