"""Writes conformance/records.jsonl: events and the exact bytes that the record format makes of them.

Run it after a change of the format (`python tools/write_conformance.py`); a test checks that the file is current.
Salts and the random parts of ids, which are random in life, are counted up here.
"""

import hashlib
import json
from pathlib import Path
from typing import Any
from unittest import mock

from immutable import clock
from immutable.api.decode import Decoder
from immutable.geo.locate import Location
from immutable.integrity import chain
from immutable.model.event import EMPTY_HEAD

PATH = Path(__file__).parents[1] / "conformance" / "records.jsonl"
WORKSPACE = "ws_0123456789abcdef"
NOW = clock.from_text("2026-03-27T09:53:11.000042Z")

EVENTS: list[dict[str, Any]] = [
    {"actor_id": "usr_8842", "action": "document.viewed"},
    {
        "actor_id": "usr_8842",
        "actor_name": "Zoë Müller",
        "actor_type": "user",
        "action": "invoice.updated",
        "action_category": "billing",
        "resource": "invoice",
        "resource_id": "inv_2041",
        "resource_name": "March",
        "targets": [{"type": "customer", "id": "cus_7", "name": "Acme", "metadata": {"vip": True}}, {"type": "note"}],
        "metadata": {"z": 1, "a": [1.5, None, "x"], "é": {"b": False, "a": True}},
        "tenant_id": "acme",
        "session_id": "sess_1",
        "occurred_at": "2026-03-27T10:53:10.5+01:00",
        "ip_address": "203.0.113.9",
        "user_agent": "Mozilla/5.0",
        "idempotency_key": "key-1",
        "version": 3,
        "changes": {"total": {"old": 100, "new": 250.25}},
        "on_behalf_of": {"id": "usr_1", "name": "Bo", "type": "user"},
        "trace_id": "4bf92f3577b34da6",
        "request_id": "req_1",
    },
    {"actor_id": 42, "action": "login", "resource": {"id": 7, "name": "only an id and a name"}},
    {"actor_id": "no-metadata", "action": "a.b", "metadata": None, "targets": []},
    {"actor_id": "empty-metadata", "action": "a.b", "metadata": {}},
    {"actor_id": "target-without-details", "action": "a.b", "targets": [{"type": "file", "id": "f1"}]},
    {"actor_id": "escapes", "action": 'quote " backslash \\ slash / tab \t newline \n bell \u0007 del \u007f'},
    {"actor_id": "unicode", "action": "日本語.更新", "actor_name": "😀 e\u0301 é \u2028 \ufeff"},
    {
        "actor_id": "numbers",
        "action": "a.b",
        "metadata": {
            "zero": 0,
            "minus": -1,
            "large": 2**63,
            "float": 0.1,
            "tiny": 1e-07,
            "huge": 1e22,
            "negative_zero": -0.0,
        },
    },
    {
        "actor_id": "key-order",
        "action": "a.b",
        "metadata": {"b": 1, "a": 2, "B": 3, "10": 4, "9": 5, "é": 6, "z": 7, "\uffff": 8, "😀": 9},
    },
    {"actor_id": "old", "action": "a.b", "occurred_at": "0001-01-01T00:00:00Z"},
    {"actor_id": "late", "action": "a.b", "occurred_at": "9999-12-31"},
    {"actor_id": "producer", "action": "a.b", "producer": {"id": "web-3", "run": "5f3a9c0e1b2d4f67", "sequence": 41}},
    {"actor_id": "producer-alone", "action": "a.b", "producer": {"id": 7, "run": "", "sequence": 2**53 - 1}},
]


def vectors() -> list[dict[str, Any]]:
    """One log of all events: what went in, and what was made of it. Bytes as text where they are text, else in hex."""
    decoder = Decoder(lambda address: Location(address, "DE", "Berlin"), batch_max_events=1)
    drafts = [decoder.event(json.dumps(event).encode(), None) for event in EVENTS]
    with mock.patch.object(chain.os, "urandom", _counted):
        placed, _ = chain.extend(EMPTY_HEAD, WORKSPACE, drafts, NOW)
    made = []
    for event, one in zip(EVENTS, placed, strict=True):
        entry = one.entry
        assert entry.details is not None
        assert entry.salt is not None
        made.append(
            {
                "event": event,
                "location": {"ip_country": one.draft.ip_country, "ip_city": one.draft.ip_city},
                "workspace_id": WORKSPACE,
                "seq": one.seq,
                "id": one.id,
                "created_at": one.record.created_at,
                "salt": entry.salt.hex(),
                "details": entry.details.decode(),
                "details_digest": one.record.details_digest,
                "record": entry.record.decode(),
                "previous_hash": entry.previous_hash.hex(),
                "event_hash": entry.event_hash.hex(),
            }
        )
    return made


def text() -> str:
    """The content of the file."""
    return "".join(json.dumps(vector) + "\n" for vector in vectors())


def _counted(size: int) -> bytes:
    """Bytes that look random and are always the same."""
    blocks = (hashlib.sha256(number.to_bytes(4, "big")).digest() for number in range(size // 32 + 1))
    return b"".join(blocks)[:size]


if __name__ == "__main__":
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(text(), "utf-8")
