"""The id of a request: the caller's own where it sends a sane one, so that its logs and ours can be laid side by side."""

import os
import re

from starlette.types import Scope

_SANE = re.compile(rb"[A-Za-z0-9._:/+=-]{1,128}").fullmatch


def request_id(scope: Scope) -> bytes:
    """What the header X-Request-Id says, or 16 new hex digits. It is in the answer, and in whatever we log of the request."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _SANE(value):
            return bytes(value)
    return os.urandom(8).hex().encode()
