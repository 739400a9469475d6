"""The JSON bodies of administrative requests, by the types that describe them. Events have their own decoder (`decode.py`)."""

from typing import TypeVar

import msgspec

from immutable.api.decode import field_error, invalid, malformed

T = TypeVar("T")


def body_as(body: bytes, kind: type[T]) -> T:
    """The body as `kind`. Raises BadRequest where it is no JSON, InvalidEvent where a field is wrong."""
    try:
        found = msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        path, text = field_error(error)
        raise invalid({path: [text]}) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise malformed(error) from None
    if b"\\u0000" in body:  # in any field: no text of ours may hold it
        raise invalid({"": ["No text may contain NUL."]})
    return found
