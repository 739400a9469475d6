"""Browsers in which a member has signed in before: what they try is counted apart from what strangers try.

Without this, whoever keeps guessing a member's password keeps the member out. A known browser holds a random name and a code
that binds it to one e-mail address; it lets nobody in, and is limited as strangers are, in a bucket of its own.
"""

import base64
import hmac
import secrets

from immutable.store.catalog import Catalog

SECONDS = 365 * 86_400
_NAME_BYTES, _CODE_BYTES = 12, 16


class KnownBrowsers:
    """Makes such names and recognises them."""

    def __init__(self, catalog: Catalog) -> None:
        self._secret = catalog.secret("known-browsers")

    def name(self, brought: str, email: str) -> str:
        """The browser's name, where what it brings was made for this address; empty for any other."""
        try:
            kept = base64.urlsafe_b64decode(brought)
        except ValueError:
            return ""
        name = kept[:_NAME_BYTES]
        return name.hex() if hmac.compare_digest(kept, name + self._code(name, email)) else ""

    def token(self, email: str, name: str = "") -> str:
        """What a browser keeps from now on; `name`: the one that it has already."""
        known = bytes.fromhex(name) or secrets.token_bytes(_NAME_BYTES)
        return base64.urlsafe_b64encode(known + self._code(known, email)).decode()

    def _code(self, name: bytes, email: str) -> bytes:
        return hmac.digest(self._secret, name + email.encode(), "sha256")[:_CODE_BYTES]
