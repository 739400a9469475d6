"""A log in memory: events appended, numbered and chained. What can be asked of it is in `memory_reads.py`.

Its hashes are real, SHA-256 over the previous hash and the event's JSON, but not the server's record format: nothing
that verifies a server's log verifies this one.
"""

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from getimmutable.errors import ImmutableError
from getimmutable.idempotency import new_key
from getimmutable.testing.validation import MAX_BATCH, errors_of
from getimmutable.types import BatchReceipt, Event, EventResponse

_PREFIX = b"getimmutable.testing:v1\n"
_FIELDS = (
    "action", "action_category", "targets", "metadata", "tenant_id", "session_id", "user_agent",
    "idempotency_key", "version", "changes", "on_behalf_of", "trace_id", "request_id", "producer",
)  # fmt: skip
_TEXT_IDS = ("actor_id", "resource_id", "tenant_id", "session_id", "idempotency_key", "trace_id", "request_id")


@dataclasses.dataclass
class Entry:
    """An event as it is kept. A test that wants a broken chain changes `record`."""

    record: bytes
    event_hash: str
    previous_event_hash: str | None

    def event(self) -> Event:
        """The event as the API shows it, a copy of its own each time."""
        integrity = {"event_hash": self.event_hash, "previous_event_hash": self.previous_event_hash}
        return cast("Event", {**json.loads(self.record), "integrity": integrity})


class MemoryLog:
    """Appends events and gives them back."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._by_key: dict[str, EventResponse] = {}
        self._last_time = datetime.min.replace(tzinfo=UTC)

    def events(self) -> list[Event]:
        """All events, oldest first."""
        return [entry.event() for entry in self.entries]

    def append(self, event: Mapping[str, Any]) -> EventResponse:
        """Keep one event. Raises ImmutableError (422) for an invalid one."""
        errors = errors_of(event)
        if errors:
            raise invalid(errors)
        key = event.get("idempotency_key")
        first = None if key is None else self._by_key.get(str(key))
        if first is not None:
            return {**first, "status": "duplicate"}
        receipt = self._place(_shown(event))
        if key is not None:
            self._by_key[str(key)] = receipt
        return receipt

    def append_batch(self, events: Sequence[Mapping[str, Any]], *, is_atomic: bool) -> list[BatchReceipt]:
        """Keep the valid events of a batch. Raises ImmutableError (422) with none valid, or one invalid if atomic."""
        if not 1 <= len(events) <= MAX_BATCH:
            raise invalid({"events": [f"Send 1 to {MAX_BATCH} events at once; these are {len(events)}."]})
        wrong = {index: errors for index, event in enumerate(events) if (errors := errors_of(event))}
        if len(wrong) == len(events) or (wrong and is_atomic):
            named = {
                f"events.{index}.{name}": texts for index, errors in wrong.items() for name, texts in errors.items()
            }
            raise invalid(named)
        return [
            _rejection(wrong[index]) if index in wrong else cast("BatchReceipt", self.append(event))
            for index, event in enumerate(events)
        ]

    def breaks(self) -> list[dict[str, str | None]]:
        """Where the chain does not hold, as the server's `verify` names it."""
        found: list[dict[str, str | None]] = []
        previous: str | None = None
        for entry in self.entries:
            name, actual = entry.event()["id"], _hash(entry.previous_event_hash, entry.record)
            if entry.previous_event_hash != previous:
                found.append(_break(name, "chain_break", previous, entry.previous_event_hash))
            if entry.event_hash != actual:
                found.append(_break(name, "hash_mismatch", entry.event_hash, actual))
            previous = entry.event_hash
        return found

    def _place(self, shown: dict[str, Any]) -> EventResponse:
        created_at = max(datetime.now(UTC), self._last_time + timedelta(microseconds=1))
        shown |= {"id": new_key(), "created_at": _text(created_at), "sequence": len(self.entries) + 1}
        if shown["occurred_at"] is None:
            shown["occurred_at"] = shown["created_at"]
        record = json.dumps(shown, sort_keys=True).encode()
        previous = self.entries[-1].event_hash if self.entries else None
        entry = Entry(record, _hash(previous, record), previous)
        self.entries.append(entry)
        self._last_time = created_at
        return {"id": shown["id"], "status": "queued", "sequence": shown["sequence"], "event_hash": entry.event_hash}


def invalid(errors: dict[str, list[str]]) -> ImmutableError:
    """The refusal of an event or a parameter."""
    return ImmutableError("validation_failed", 422, _refusal(errors))


def _refusal(errors: dict[str, list[str]]) -> dict[str, Any]:
    field, texts = next(iter(errors.items()))
    return {"error": "validation_failed", "message": f"{field}: {texts[0]}", "errors": errors}


def _rejection(errors: dict[str, list[str]]) -> BatchReceipt:
    return cast("BatchReceipt", {"id": None, "status": "rejected", **_refusal(errors)})


def _shown(event: Mapping[str, Any]) -> dict[str, Any]:
    """An event as it was sent, in the shape in which the API shows it."""
    given: dict[str, Any] = {
        name: str(value) if name in _TEXT_IDS and value is not None else value for name, value in event.items()
    }
    sent = given.get("resource")
    nested = dict(sent) if isinstance(sent, Mapping) else {"type": sent}
    resource = {
        "type": nested.get("type"),
        "id": nested.get("id") or given.get("resource_id"),
        "name": nested.get("name") or given.get("resource_name"),
    }
    actor = {part: given.get(f"actor_{part}") for part in ("id", "name", "type")}
    behalf, producer = given.get("on_behalf_of"), given.get("producer")
    occurred_at = given.get("occurred_at")
    return {
        **{name: given.get(name) for name in _FIELDS},
        "actor": actor,
        "resource": resource,
        "targets": [
            {part: one.get(part) for part in ("type", "id", "name", "metadata")} for one in given.get("targets") or []
        ],
        "producer": producer and {**producer, "id": str(producer["id"]), "run": producer.get("run") or None},
        "on_behalf_of": behalf and {part: behalf.get(part) for part in ("id", "name", "type")},
        "occurred_at": occurred_at and _text(instant_of(occurred_at)),
        "ip_address": given.get("ip_address") or "127.0.0.1",  # as for any event that names none: the caller's
        "ip_country": None,
        "ip_city": None,
        "actor_id": actor["id"],
        "actor_name": actor["name"],
        "actor_type": actor["type"],
        "resource_id": resource["id"],
        "resource_name": resource["name"],
    }


def instant_of(text: str) -> datetime:
    """A time of the API as a datetime in UTC; one without an offset is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _hash(previous: str | None, record: bytes) -> str:
    return hashlib.sha256(_PREFIX + bytes.fromhex(previous or "00" * 32) + record).hexdigest()


def _break(event_id: str, kind: str, expected: str | None, actual: str | None) -> dict[str, str | None]:
    return {"event_id": event_id, "type": kind, "expected_hash": expected, "actual_hash": actual}
