r"""Lines of JSON to events: the wire form of POST /events, or an event as the API answers it and `immutable export` writes.

An exported event becomes the wire form thus:

    actor {id, name, type}         -> actor_id, actor_name, actor_type
    resource {type, id, name}      -> resource, as it is
    everything a client may send   -> as it is, nulls left out
    id, sequence, created_at, integrity, ip_country, ip_city, and the flat repetitions -> dropped: the server makes them

An event that carries no idempotency key gets one from its line's number and content. So a file that is imported again,
whole, continued, or with a bad line mended in its place, adds nothing twice.
"""

import hashlib
from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec

from immutable.api.decode import Decoder
from immutable.api.event_input import EventInput
from immutable.errors import BadRequest, InvalidEvent
from immutable.log.system_events import PREFIX as RESERVED
from immutable.model.event import EventDraft

MAX_LINE_BYTES = 16 * 1_048_576
_SENT = {field.name for field in msgspec.structs.fields(EventInput)}


class Line(msgspec.Struct, frozen=True):
    """A line that holds an event: what to send, and the draft that it makes."""

    number: int
    body: bytes
    draft: EventDraft


class BadLine(msgspec.Struct, frozen=True):
    """A line that holds none, and why."""

    number: int
    why: str


def read_lines(stream: BinaryIO, decoder: Decoder) -> Iterator[Line | BadLine]:
    """Each line of the stream, checked; empty ones are left out, and what an exporting server itself put into its log."""
    number = 0
    while raw := stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(raw) > MAX_LINE_BYTES:
            _skip_line(stream, raw)
            yield BadLine(number, f"The line is longer than {MAX_LINE_BYTES} bytes.")
        elif raw.strip():
            line = _line(number, raw.strip(), decoder)
            if line is not None:
                yield line


def _line(number: int, raw: bytes, decoder: Decoder) -> Line | BadLine | None:  # noqa: PLR0911 - a reason each
    try:
        event = msgspec.json.decode(raw)
        if not isinstance(event, dict):
            return BadLine(number, "The line is JSON, but no object.")
        if "integrity" in event and str(event.get("action")).startswith(RESERVED):
            return None  # it tells what was done to the other log
        event = wire_form(event)
        if event.get("idempotency_key") in (None, ""):
            event["idempotency_key"] = f"import:{number}:{hashlib.sha256(raw).hexdigest()[:32]}"
        body = msgspec.json.encode(event)
        return Line(number, body, decoder.event(body, None))
    except InvalidEvent as error:
        return BadLine(number, "; ".join(f"{path}: {texts[0]}" for path, texts in error.errors.items()))
    except BadRequest as error:
        return BadLine(number, error.message)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        return BadLine(number, f"The line is not JSON: {error}.")
    except (RecursionError, OverflowError):
        return BadLine(number, "The line is nested too deeply, or holds a number that is too large.")


def wire_form(event: dict[str, Any]) -> dict[str, Any]:
    """What to send for an event as the API answers it; any other object as it is."""
    actor, resource = event.get("actor"), event.get("resource")
    if "integrity" not in event or not isinstance(actor, dict):
        return event
    sent = {name: value for name, value in event.items() if name in _SENT and value not in (None, [])}
    sent |= {f"actor_{name}": value for name, value in actor.items() if value is not None}
    for repeated in ("resource", "resource_id", "resource_name"):
        sent.pop(repeated, None)
    if isinstance(resource, dict) and any(value is not None for value in resource.values()):
        sent["resource"] = resource
    return sent


def _skip_line(stream: BinaryIO, raw: bytes) -> None:
    while raw and not raw.endswith(b"\n"):
        raw = stream.readline(MAX_LINE_BYTES)
