"""The one transaction: receipts come in the order of the drafts, duplicates among them."""

import pytest
from tests.logs import Log, event

from immutable.model.event import Receipt


def again(receipt: Receipt) -> Receipt:
    """The receipt of the same event, sent again."""
    return Receipt(receipt.id, receipt.seq, receipt.event_hash, True)


def test_receipts_come_in_the_order_of_the_drafts(log: Log) -> None:
    """New events, repetitions of stored ones and of the same batch, mixed."""
    (old,) = log.append(event(idempotency_key="old"))
    one, two, three, four, five, six, seven = log.append(
        event(idempotency_key="a"),
        event(idempotency_key="old"),
        event(),
        event(idempotency_key="a"),
        event(idempotency_key="b"),
        event(idempotency_key="old"),
        event(idempotency_key="b"),
    )
    assert (one.seq, three.seq, five.seq) == (2, 3, 4)
    assert not any(receipt.is_duplicate for receipt in (one, three, five))
    assert (two, six) == (again(old), again(old))
    assert four == again(one)
    assert seven == again(five)
    assert log.store.head(log.workspace).seq == 4


def test_the_first_of_equal_keys_is_stored(log: Log) -> None:
    """Of two drafts of one batch with the same key, the one that was sent first stands."""
    log.append(event(idempotency_key="k", action="first"), event(idempotency_key="k", action="second"))
    assert log.found(action="first") == [1]
    assert log.found(action="second") == []


def test_a_batch_of_repetitions_only_writes_nothing(log: Log) -> None:
    """Neither events nor sessions nor the head change."""
    (receipt,) = log.append(event(idempotency_key="k"))
    head, sessions = log.store.head(log.workspace), log.sessions()
    assert log.append(event(idempotency_key="k"), event(idempotency_key="k")) == [again(receipt)] * 2
    assert (log.store.head(log.workspace), log.sessions()) == (head, sessions)


def test_the_same_time_for_a_batch_still_rises(log: Log) -> None:
    """All events of a batch share the server's time, and each is a microsecond later than the one before."""
    log.append(event(), event(), event())
    log.now -= 5_000_000
    log.append(event())
    created = [entry.record.split(b'"created_at":"')[1][:27] for entry in log.entries()]
    assert created == [b"2026-03-27T09:00:00.00000%dZ" % number for number in range(4)]


@pytest.mark.parametrize("restart", [False, True])
def test_sessions_go_on_over_batches(log: Log, restart: bool) -> None:
    """Whether the process remembers a session or reads it again, its summary goes on."""
    for number in range(4):
        log.append(event(session_id="s", resource_id="r1"), event(resource_id=f"r{number}"), event(actor_id="u2"))
        if restart:
            assert log.store._appender is not None
            log.store._appender._forget()
    counts = {(one.inferred, *one.actors): (one.events_count, one.resources_count) for one in log.sessions()}
    assert counts == {(False, "usr_1"): (4, 1), (True, "usr_1"): (4, 4), (True, "u2"): (4, 0)}
    assert log.verify().valid
