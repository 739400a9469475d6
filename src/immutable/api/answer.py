"""What a handler gives back: a status, bytes and headers."""

from collections.abc import AsyncIterator
from typing import IO, Any

import msgspec

JSON = b"application/json"
_encode = msgspec.json.Encoder().encode


class Answer(msgspec.Struct, frozen=True, gc=False):
    """An HTTP answer."""

    status: int
    body: bytes
    headers: list[tuple[bytes, bytes]] = []
    content_type: bytes = JSON
    file: tuple[IO[bytes], int] | None = None
    """Sent instead of the body, piece by piece, and closed: an open file and its length."""
    stream: AsyncIterator[bytes] | None = None
    """Sent instead of the body as it comes, until it ends or nobody listens any more."""


def json_answer(content: Any, status: int = 200) -> Answer:
    """An answer of JSON."""
    return Answer(status, _encode(content))
