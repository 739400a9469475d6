"""What the server itself puts into a log."""

from tests.logs import SILENCE, Log

from immutable.integrity.record import decode_details, decode_record
from immutable.log.system_events import Responsible, append_system_event, system_event
from immutable.model.event import Target


def test_it_is_an_event_like_any_other(log: Log) -> None:
    """It is numbered, hashed and found as all others are, and names who had it done."""
    by = Responsible("key_1", "api_key", "ops", "192.0.2.1")
    draft = system_event("hold_placed", by, resource=("hold", "hold_1"), targets=[Target("t", "1")], metadata={"n": 1})
    receipt = append_system_event(log.store, log.workspace, draft, SILENCE)
    (entry,) = log.find(action="immutable.hold_placed").entries
    record = decode_record(entry.record)
    assert (receipt.seq, receipt.id, receipt.event_hash) == (1, record.id, entry.event_hash)
    assert (record.actor.id, record.actor.type, record.action) == ("key_1", "api_key", "immutable.hold_placed")
    assert entry.details is not None
    assert decode_details(entry.details).metadata == {"n": 1}
    assert log.verify().valid
