"""The record format, byte for byte, and computed again by the standard library alone."""

import hashlib
import json
from typing import Any

from hypothesis import given
from tests.logs import START, drafts, event

from immutable.integrity import chain
from immutable.integrity.record import decode_details, decode_record, encode_details
from immutable.model.event import EMPTY_HEAD, EventDraft, LogEntry, Named, Producer, Target

FULL = EventDraft(
    actor_id="usr_1",
    action="invoice.updated",
    actor_name="Zoë",
    actor_type="user",
    action_category="billing",
    resource_type="invoice",
    resource_id="inv_1",
    resource_name="March",
    targets=(Target("customer", "cus_1", "Acme", {"vip": True}), Target("note")),
    metadata={"z": 1, "a": [1.5, None]},
    tenant_id="acme",
    session_id="s1",
    occurred_at=START,
    ip_address="203.0.113.9",
    ip_country="DE",
    ip_city="Köln",
    user_agent="curl/8",
    idempotency_key="k1",
    version=2,
    changes={"total": {"new": 2, "old": 1}},
    on_behalf_of=Named("user", "usr_2", "Bo"),
    trace_id="t1",
    request_id="r1",
)


def test_only_an_event_with_a_producer_has_one_in_its_record() -> None:
    """A producer's number stands in its sorted place; every other record has the bytes that it always had."""
    plain = EventDraft("u", "a.b")
    assert b"producer" not in place(plain).record
    numbered = EventDraft("u", "a.b", producer=Producer("web-3", None, 7), request_id="r1")
    assert b'"producer":{"id":"web-3","sequence":7},"request_id":"r1"' in place(numbered).record


def place(draft: EventDraft) -> LogEntry:
    """The first entry of a log."""
    placed, _ = chain.extend(EMPTY_HEAD, "ws_1", [draft], START)
    return placed[0].entry


def test_a_full_record_has_exactly_these_bytes() -> None:
    """Keys are sorted, nothing stands between tokens, and text is UTF-8 as it is."""
    entry = place(FULL)
    record = json.loads(entry.record)
    assert entry.record.decode() == (
        '{"action":"invoice.updated","action_category":"billing","actor":{"id":"usr_1","type":"user"},'
        f'"created_at":"2026-03-27T09:00:00.000000Z","details_digest":"{record["details_digest"]}","id":"{record["id"]}",'
        '"idempotency_key":"k1","ip_country":"DE","occurred_at":"2026-03-27T09:00:00.000000Z",'
        '"on_behalf_of":{"id":"usr_2","type":"user"},"request_id":"r1","resource":{"id":"inv_1","type":"invoice"},'
        '"seq":1,"session_id":"s1","targets":[{"id":"cus_1","type":"customer"},{"type":"note"}],"tenant_id":"acme",'
        '"trace_id":"t1","v":1,"version":2,"workspace_id":"ws_1"}'
    )


def test_full_details_have_exactly_these_bytes() -> None:
    """What may have to be forgotten is apart, in the same form; a target without details keeps its place."""
    details = place(FULL).details
    assert details is not None
    assert details.decode() == (
        '{"actor_name":"Zoë","changes":{"total":{"new":2,"old":1}},"ip_address":"203.0.113.9","ip_city":"Köln",'
        '"metadata":{"a":[1.5,null],"z":1},"on_behalf_of":{"name":"Bo"},"resource_name":"March",'
        '"targets":[{"metadata":{"vip":true},"name":"Acme"},{}],"user_agent":"curl/8"}'
    )


def test_absent_fields_are_left_out() -> None:
    """An event of two fields has the shortest record, and empty details."""
    entry = place(event(actor_id="usr_1", action="a.b"))
    record = json.loads(entry.record)
    assert list(record) == [
        "action", "actor", "created_at", "details_digest", "id", "occurred_at", "seq", "v", "workspace_id",
    ]  # fmt: skip
    assert record["actor"] == {"id": "usr_1"}
    assert entry.details == b"{}"


def test_empty_metadata_is_not_absent_metadata() -> None:
    """An empty object that was sent is kept; nothing that was sent is left out."""
    assert encode_details(event(metadata={})) == b'{"metadata":{}}'
    assert encode_details(event(metadata=None)) == b"{}"


def test_a_time_that_was_not_sent_is_the_time_of_creation() -> None:
    """`occurred_at` is always in the record."""
    record = decode_record(place(event()).record)
    assert record.occurred_at == record.created_at


def everything_sorted(value: Any) -> bool:
    """Whether every object in a JSON value has its keys in order."""
    if isinstance(value, dict):
        return list(value) == sorted(value) and all(map(everything_sorted, value.values()))
    return not isinstance(value, list) or all(map(everything_sorted, value))


@given(drafts)
def test_every_event_hashes_as_the_standard_library_says(draft: EventDraft) -> None:
    """Standard json and hashlib alone come to the same digest and hash, find all keys sorted, and no white space."""
    entry = place(draft)
    assert entry.details is not None
    assert entry.salt is not None
    record = json.loads(entry.record)
    assert record["details_digest"] == hashlib.sha256(entry.salt + entry.details).hexdigest()
    prefix = b"immutable:event:v1\n" + b"\0" * 32
    assert entry.event_hash == hashlib.sha256(prefix + entry.record).digest()
    assert everything_sorted(record)
    assert everything_sorted(json.loads(entry.details))
    compact = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    assert len(compact.encode()) == len(entry.record)


@given(drafts)
def test_nothing_of_an_event_is_lost(draft: EventDraft) -> None:
    """Every field of a draft can be read back from record and details."""
    entry = place(draft)
    assert entry.details is not None
    record, details = decode_record(entry.record), decode_details(entry.details)
    assert (record.actor.id, details.actor_name, record.actor.type) == (
        draft.actor_id, draft.actor_name, draft.actor_type,
    )  # fmt: skip
    assert (record.action, record.action_category) == (draft.action, draft.action_category)
    resource = (None, None) if record.resource is None else (record.resource.type, record.resource.id)
    assert (*resource, details.resource_name) == (draft.resource_type, draft.resource_id, draft.resource_name)
    assert [(one.type, one.id) for one in record.targets] == [(one.type, one.id) for one in draft.targets]
    if details.targets:
        assert [(one.name, one.metadata) for one in details.targets] == [(o.name, o.metadata) for o in draft.targets]
    else:
        assert not any(one.name is not None or one.metadata is not None for one in draft.targets)
    behalf = draft.on_behalf_of or Named()
    kept = (None, None) if record.on_behalf_of is None else (record.on_behalf_of.type, record.on_behalf_of.id)
    assert (*kept, details.on_behalf_of and details.on_behalf_of.name) == (behalf.type, behalf.id, behalf.name)
    for name in ("tenant_id", "session_id", "ip_country", "idempotency_key", "version", "trace_id", "request_id"):
        assert getattr(record, name) == getattr(draft, name)
    for name in ("metadata", "changes", "ip_address", "ip_city", "user_agent"):
        assert getattr(details, name) == getattr(draft, name)
