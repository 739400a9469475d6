"""From the bytes of a request to event drafts, or to errors that name the fields. Strict and bounded.

What an event may hold is defined in `event_input.py`; here is what types cannot say.
"""

import re
from collections.abc import Callable
from typing import Any

import msgspec

from immutable import clock
from immutable.api.event_input import (
    MAX_DEPTH,
    MAX_FREE_FORM_BYTES,
    MAX_TEXT,
    BatchInput,
    EventInput,
    ResourceInput,
)
from immutable.errors import BadRequest, InvalidEvent
from immutable.geo.locate import Location
from immutable.log.system_events import PREFIX as RESERVED
from immutable.model.event import EventDraft, Named, Producer, Target
from immutable.sessions.fold import INFERRED_PREFIX

_ESCAPED_NUL = b"\\u0000"
_has_nul = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000").search  # an even number of backslashes before it escape themselves
_MAX_ERRORS = 100
"""How many wrong fields an answer names; a hostile body could have a million."""


class _RawBatch(msgspec.Struct, forbid_unknown_fields=True):
    events: list[msgspec.Raw]


_decode_event = msgspec.json.Decoder(EventInput).decode
_decode_batch = msgspec.json.Decoder(BatchInput).decode
_decode_raw_batch = msgspec.json.Decoder(_RawBatch).decode
_encode = msgspec.json.encode
_FIELDS = {field.name: field for field in msgspec.structs.fields(EventInput)}

Locate = Callable[[str], Location]
Decoded = EventDraft | InvalidEvent


class _Suspect(msgspec.Struct, frozen=True, gc=False):
    """What a whole body gives reason to check in each of its events, at a cost."""

    is_large: bool
    has_nul: bool


class Decoder:
    """Turns bodies into drafts. `locate` finds an address; `caller` is used where an event names none."""

    def __init__(self, locate: Locate, batch_max_events: int) -> None:
        self._locate = locate
        self._batch_max_events = batch_max_events

    def event(self, body: bytes, caller: str | None) -> EventDraft:
        """One event. Raises BadRequest (not JSON) or InvalidEvent."""
        try:
            return self._draft(_decode_event(body), caller, _suspect(body))
        except msgspec.ValidationError as error:
            raise _all_errors(body, error) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise malformed(error) from None

    def batch(self, body: bytes, caller: str | None) -> list[Decoded]:
        """The events of a batch; in the place of an invalid one, what is wrong with it."""
        try:
            inputs = _decode_batch(body).events
            self._check_count(len(inputs))
            suspect = _suspect(body)
            return [self._draft(event, caller, suspect) for event in inputs]
        except (msgspec.ValidationError, InvalidEvent):
            return self._batch_one_by_one(body, caller)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise malformed(error) from None

    def _batch_one_by_one(self, body: bytes, caller: str | None) -> list[Decoded]:
        """Some event is invalid: look at each alone."""
        try:
            raws = _decode_raw_batch(body).events
        except msgspec.ValidationError as error:
            _any_json(body)
            path, text = field_error(error)
            raise InvalidEvent('The body must be {"events": [...]}.', {path or "events": [text]}) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise malformed(error) from None
        self._check_count(len(raws))
        decoded: list[Decoded] = []
        for raw in raws:
            try:
                decoded.append(self.event(bytes(raw), caller))
            except InvalidEvent as error:
                decoded.append(error)
        return decoded

    def _check_count(self, count: int) -> None:
        if not 1 <= count <= self._batch_max_events:
            text = f"Send 1 to {self._batch_max_events} events at once; these are {count}."
            raise InvalidEvent(text, {"events": [text]})

    def _draft(self, event: EventInput, caller: str | None, suspect: _Suspect) -> EventDraft:
        """The draft of an event whose types are right. Raises InvalidEvent."""
        errors: dict[str, list[str]] = {}
        resource_type, resource_id, resource_name = event.resource, event.resource_id, event.resource_name
        if isinstance(resource_type, ResourceInput):
            whole = resource_type
            resource_type = whole.type
            resource_id = whole.id if resource_id is None else resource_id
            resource_name = whole.name if resource_name is None else resource_name
        if suspect.is_large:
            _check_size(event, errors)
        if suspect.has_nul and not errors:
            _check_nul(event, errors)
        if event.metadata is not None or event.changes is not None or event.targets is not None:
            _check_depth(event, errors)
        occurred_at = None
        if event.occurred_at is not None:
            try:
                occurred_at = clock.from_text(event.occurred_at)
            except ValueError as error:
                errors["occurred_at"] = [str(error)]
        location = None
        if event.ip_address or caller is not None:
            try:
                location = self._locate(event.ip_address or caller or "")
            except ValueError:
                if event.ip_address:
                    errors["ip_address"] = ["Use an IPv4 or IPv6 address."]
        if event.action.startswith(RESERVED):
            errors["action"] = [f"Actions that begin with {RESERVED} are the server's own; use another."]
        if errors:
            raise invalid(errors)
        behalf, changes, producer = event.on_behalf_of, event.changes, event.producer
        return EventDraft(  # by position: twenty keywords cost more than decoding the event
            _text(event.actor_id, "actor_id") or "",
            event.action,
            event.actor_name or None,
            event.actor_type or None,
            event.action_category or None,
            resource_type or None,
            _text(resource_id, "resource_id"),
            resource_name or None,
            ()
            if not event.targets
            else tuple(
                Target(one.type, _text(one.id, f"targets.{index}.id"), one.name, one.metadata)
                for index, one in enumerate(event.targets)
            ),
            event.metadata,
            _text(event.tenant_id, "tenant_id"),
            _session_id(event.session_id),
            occurred_at,
            None if location is None else location.address,
            None if location is None else location.country,
            None if location is None else location.city,
            event.user_agent or None,
            _text(event.idempotency_key, "idempotency_key"),
            event.version,
            None if changes is None else {name: {"old": c.old, "new": c.new} for name, c in changes.items()},
            None if behalf is None else Named(behalf.type, _text(behalf.id, "on_behalf_of.id"), behalf.name),
            _text(event.trace_id, "trace_id"),
            _text(event.request_id, "request_id"),
            None
            if producer is None
            else Producer(_text(producer.id, "producer.id") or "", producer.run or None, producer.sequence),
        )


def invalid(errors: dict[str, list[str]]) -> InvalidEvent:
    """The error for these fields; its message tells the first of them."""
    path, texts = next(iter(errors.items()))
    return InvalidEvent(f"{path}: {texts[0]}" if path else texts[0], errors)


def malformed(error: Exception) -> BadRequest:
    """The error for a body that is not JSON."""
    if isinstance(error, RecursionError):
        return BadRequest("The body is nested too deeply.")
    if isinstance(error, UnicodeDecodeError):
        return BadRequest("The body is not valid UTF-8.")
    return BadRequest(f"The body is not valid JSON: {error}.")


def _text(value: str | int | None, path: str) -> str | None:
    """An id as text; a number as its decimals, nothing as None. Raises InvalidEvent for a number that is too long."""
    if type(value) is str:
        return value or None
    if value is None:
        return None
    text = str(value)
    if len(text) > MAX_TEXT:
        raise invalid({path: [f"A number given as an id may have {MAX_TEXT} digits."]})
    return text


def _session_id(value: str | int | None) -> str | None:
    """A session's id as text. Raises InvalidEvent for one that would stand in the way of an inferred session."""
    text = _text(value, "session_id")
    if text is not None and text.startswith(INFERRED_PREFIX):
        raise invalid(
            {"session_id": [f"Ids that begin with {INFERRED_PREFIX} are given to inferred sessions; use another."]}
        )
    return text


def _suspect(body: bytes) -> _Suspect:
    return _Suspect(len(body) > MAX_FREE_FORM_BYTES, _ESCAPED_NUL in body)


def _check_size(event: EventInput, errors: dict[str, list[str]]) -> None:
    size = sum(len(_encode(form)) for form in (event.metadata, event.changes) if form is not None)
    if size > MAX_FREE_FORM_BYTES:
        errors["metadata"] = [f"Metadata and changes may take {MAX_FREE_FORM_BYTES} bytes as JSON; these take {size}."]
    for index, target in enumerate(event.targets or ()):
        if target.metadata is not None and len(_encode(target.metadata)) > MAX_FREE_FORM_BYTES:
            errors[f"targets.{index}.metadata"] = [f"Metadata may take {MAX_FREE_FORM_BYTES} bytes as JSON."]


def _check_nul(event: EventInput, errors: dict[str, list[str]]) -> None:
    """NUL is refused: not every database keeps it in a text."""
    for name in _FIELDS:
        if _has_nul(_encode(getattr(event, name))):
            errors[name] = ["Texts must not contain NUL (\\u0000)."]


def _check_depth(event: EventInput, errors: dict[str, list[str]]) -> None:
    forms: list[tuple[str, Any]] = [("metadata", event.metadata)]
    if event.changes is not None:
        forms += [("changes", [change.old, change.new]) for change in event.changes.values()]
    if event.targets is not None:
        forms += [(f"targets.{index}.metadata", target.metadata) for index, target in enumerate(event.targets)]
    for path, form in forms:
        if form is not None and not _is_shallow(form, MAX_DEPTH):
            errors[path] = [f"Values may be nested {MAX_DEPTH} levels deep."]


def _is_shallow(form: Any, depth: int) -> bool:
    """Whether an object or array has at most `depth` levels, itself counted."""
    for inner in form.values() if type(form) is dict else form:
        if (type(inner) is dict or type(inner) is list) and (depth == 1 or not _is_shallow(inner, depth - 1)):
            return False
    return True


def _any_json(body: bytes) -> Any:
    """The body as plain values, None where a number in it is too large. Raises BadRequest where it is not JSON.

    A wrong field may come before the place where the JSON breaks, and hides it from the typed decoders.
    """
    try:
        return msgspec.json.decode(body)
    except msgspec.ValidationError:
        return None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise malformed(error) from None


def _all_errors(body: bytes, first: msgspec.ValidationError) -> InvalidEvent:
    """Every field that is wrong, not only the first that the decoder met."""
    fields = _any_json(body)
    errors: dict[str, list[str]] = {}
    if isinstance(fields, dict):
        for name, value in fields.items():
            if len(errors) >= _MAX_ERRORS:
                break
            field = _FIELDS.get(name)
            if field is None:
                errors[name[:255]] = ["There is no such field."]
                continue
            try:
                msgspec.convert(value, field.type)
            except msgspec.ValidationError as error:
                path, text = field_error(error)
                errors[f"{name}.{path}" if path else name] = [text]
        for name, field in _FIELDS.items():
            if field.required and fields.get(name) is None:
                errors[name] = ["This field is required."]
    if isinstance(fields, list):
        errors[""] = ["One event is expected here, as an object. Send several to /api/v1/events/batch."]
    if not errors:
        path, text = field_error(first)
        errors[path] = [text]
    return invalid(errors)


_PATH = re.compile(r"(.*) - at `\$?(.*)`$", re.DOTALL)
_FIELD_NAME = re.compile(r"Object (?:missing required|contains unknown) field `(.*)`$", re.DOTALL)


def field_error(error: msgspec.ValidationError) -> tuple[str, str]:
    """Msgspec's message as a path (`targets.0.type`) and a sentence."""
    text, path = str(error), ""
    if match := _PATH.match(text):
        text, path = match.groups()
        path = re.sub(r"\[(\d+|\.\.\.)\]", r".\1", path).strip(".").replace("`", "")
    if match := _FIELD_NAME.match(text):
        path = f"{path}.{match[1]}" if path else match[1]
        text = "This field is required." if "missing" in text else "There is no such field."
    return path, text if text.endswith(".") else text + "."
