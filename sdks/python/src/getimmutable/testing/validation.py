"""What the server would refuse in an event, so that an application's tests find it. Pure.

The limits that matter to an application are here; the server's own checks are the last word.
"""

import ipaddress
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

MAX_BATCH = 100
_MAX_FREE_FORM_BYTES = 65_536
_NAMES = ("actor_name", "actor_type", "action_category", "resource_name")
_IDS = ("resource_id", "tenant_id", "session_id", "idempotency_key", "trace_id", "request_id")
_OTHERS = (
    "resource",
    "targets",
    "metadata",
    "occurred_at",
    "ip_address",
    "user_agent",
    "version",
    "changes",
    "on_behalf_of",
    "producer",
)
_FIELDS = frozenset({"actor_id", "action", *_NAMES, *_IDS, *_OTHERS})

Errors = dict[str, list[str]]


def errors_of(event: Mapping[str, Any]) -> Errors:
    """What is wrong with the event, by field; empty for a valid one. Null counts as absent."""
    given = {name: value for name, value in event.items() if value is not None}
    errors: Errors = {name: ["There is no such field."] for name in given if name not in _FIELDS}
    for name in ("actor_id", "action"):
        if given.get(name) in (None, ""):
            errors[name] = ["This field is required."]
    for name in (*_NAMES, "action"):
        _check(errors, name, _is_text(given.get(name, ""), 255), "Use text of up to 255 characters.")
    for name in (*_IDS, "actor_id"):
        _check(errors, name, _is_id(given.get(name, "")), "Use text of up to 255 characters.")
    _check(errors, "user_agent", _is_text(given.get("user_agent", ""), 1024), "Use text of up to 1024 characters.")
    _check(errors, "resource", _is_resource(given.get("resource", "")), "Use a type, or a dict of type, id and name.")
    _check(errors, "targets", _are_targets(given.get("targets", [])), "Use up to 100 dicts with a type.")
    for name in ("metadata", "changes", "on_behalf_of"):
        value = given.get(name, {})
        _check(errors, name, isinstance(value, Mapping) and len(value) <= 50, "Use a dict of up to 50 keys.")
    free_form = [given.get("metadata"), given.get("changes")]
    _check(errors, "metadata", len(json.dumps(free_form)) <= _MAX_FREE_FORM_BYTES, "Use up to 64 KiB.")
    version = given.get("version", 1)
    _check(errors, "version", type(version) is int and version >= 1, "Use a whole number from 1.")
    _check(
        errors, "producer", _is_producer(given.get("producer")), "Use a dict of id, sequence (from 1) and maybe run."
    )
    _check(
        errors, "occurred_at", _is_readable(datetime.fromisoformat, given.get("occurred_at")), "Use an RFC 3339 time."
    )
    _check(
        errors,
        "ip_address",
        _is_readable(ipaddress.ip_address, given.get("ip_address")),
        "Use an IPv4 or IPv6 address.",
    )
    return errors


def _check(errors: Errors, name: str, is_right: bool, otherwise: str) -> None:
    if not is_right:
        errors.setdefault(name, []).append(otherwise)


def _is_text(value: object, longest: int) -> bool:
    return isinstance(value, str) and len(value) <= longest


def _is_id(value: object) -> bool:
    return type(value) is int or _is_text(value, 255)


def _is_producer(value: object) -> bool:
    if value is None:
        return True
    if not isinstance(value, Mapping) or not {"id", "sequence"} <= set(value) <= {"id", "run", "sequence"}:
        return False
    number, run = value["sequence"], value.get("run")
    is_number = type(number) is int and 1 <= number < 2**53
    return is_number and value["id"] != "" and _is_id(value["id"]) and (run is None or _is_text(run, 64))


def _is_resource(value: object) -> bool:
    if isinstance(value, Mapping):
        return set(value) <= {"type", "id", "name"} and all(part is None or _is_id(part) for part in value.values())
    return _is_text(value, 255)


def _are_targets(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= 100
        and all(isinstance(one, Mapping) and one.get("type") for one in value)
    )


def _is_readable(read: Any, value: object) -> bool:
    if value is None:
        return True
    try:
        read(value)
    except (TypeError, ValueError):
        return False
    return isinstance(value, str)
