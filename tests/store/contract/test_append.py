"""What goes in comes out: append, read, roll back, and keep workspaces apart."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.logs import SILENCE, START, Log, drafts, event

from immutable.integrity.record import decode_record
from immutable.integrity.verify import walk
from immutable.log.append import append_batch
from immutable.model.event import EMPTY_HEAD, EventDraft
from immutable.model.filters import EventFilter


def test_an_empty_log_is_empty(log: Log) -> None:
    """Before the first event the head is at 0, and nothing can be found."""
    assert log.store.head(log.workspace) == EMPTY_HEAD
    assert log.entries() == []
    page = log.find()
    assert (page.entries, page.has_more, page.total) == ([], False, 0)
    assert log.sessions() == []
    assert log.find(actor_id="usr_1").total == 0
    assert log.store.entry(log.workspace, "019d2eb6-4758-702a-9f3f-619804a92fdb") is None
    assert log.store.session(log.workspace, "s") is None


@given(st.lists(st.lists(drafts, min_size=1, max_size=4), max_size=4))
@settings(max_examples=50)
def test_any_events_are_kept_as_they_were_hashed(new_log: Callable[[], Log], batches: list[list[EventDraft]]) -> None:
    """Whatever is appended, in whatever batches, reads back in order, each by its id, and the chain is whole."""
    log = new_log()
    receipts = [receipt for batch in batches for receipt in log.append(*batch)]
    entries = log.entries()
    assert [receipt.seq for receipt in receipts] == list(range(1, len(receipts) + 1))
    assert [(entry.seq, entry.event_hash) for entry in entries] == [(one.seq, one.event_hash) for one in receipts]
    assert [decode_record(entry.record).id for entry in entries] == [receipt.id for receipt in receipts]
    state = walk(log.workspace.id, EMPTY_HEAD, entries)
    state.finish(log.store.head(log.workspace))
    assert state.breaks == []
    for receipt, entry in zip(receipts, entries, strict=True):
        assert log.store.entry(log.workspace, receipt.id) == entry


def test_a_range_is_read_with_both_ends(log: Log) -> None:
    """Ranges are inclusive, in order, and empty beyond the log."""
    log.append(*[event()] * 20)
    assert [entry.seq for entry in log.store.entries(log.workspace, 7, 9)] == [7, 8, 9]
    assert [entry.seq for entry in log.store.entries(log.workspace, 0, 1)] == [1]
    assert [entry.seq for entry in log.store.entries(log.workspace, 20, 1 << 41)] == [20]
    assert list(log.store.entries(log.workspace, 21, 30)) == []
    assert list(log.store.entries(log.workspace, 9, 7)) == []


@pytest.mark.parametrize("identifier", ["", "x", "0" * 36, "ffffffff-ffff-7fff-bfff-ffffffffffff", "évil" * 9])
def test_an_id_that_is_not_there_finds_nothing(log: Log, identifier: str) -> None:
    """Any text may be asked for; what is no id of this log gives None."""
    log.append(event(), event())
    assert log.store.entry(log.workspace, identifier) is None


def test_an_id_that_differs_in_its_random_part_finds_nothing(log: Log) -> None:
    """The time in an id leads to a place; the whole id must be there."""
    (receipt,) = log.append(event())
    other = receipt.id[:-1] + ("0" if receipt.id[-1] != "0" else "1")
    assert log.store.entry(log.workspace, other) is None


def append_and_fail(log: Log, *some: EventDraft) -> None:
    """Write everything, and raise before the commit."""
    with log.store.append() as transaction:
        append_batch(transaction, log.workspace, some, now=START, silence=SILENCE)
        raise RuntimeError("after all was written")


def test_a_batch_that_fails_leaves_no_trace(log: Log) -> None:
    """Events, sessions, keys and head are as before, and the next batch takes the places of the failed one."""
    log.append(event(session_id="s"), event(idempotency_key="k1"))
    head = log.store.head(log.workspace)
    with pytest.raises(UnicodeEncodeError):
        log.append(event(session_id="s"), event(idempotency_key="k2"), event(action="\ud800"))
    with pytest.raises(RuntimeError, match="after all was written"):
        append_and_fail(log, event(session_id="s"), event(session_id="new", idempotency_key="k3"))
    assert log.store.head(log.workspace) == head
    assert log.find().total == 2
    assert log.find(session_id="s").total == 1
    assert {one.session_id: one.events_count for one in log.sessions(inferred=False)} == {"s": 1}
    receipts = log.append(event(idempotency_key="k2"), event(idempotency_key="k3"), event(session_id="s"))
    assert [(one.seq, one.is_duplicate) for one in receipts] == [(3, False), (4, False), (5, False)]
    assert {one.session_id: one.events_count for one in log.sessions(inferred=False)} == {"s": 2}
    assert log.verify().breaks == []


def test_two_workspaces_in_one_transaction_keep_their_own_order(new_log: Callable[[], Log]) -> None:
    """One commit may hold events of several workspaces; each has a chain of its own."""
    one, other = new_log(), new_log()
    with one.store.append() as transaction:
        for log in (one, other, one):
            append_batch(transaction, log.workspace, [event(), event()], now=START, silence=SILENCE)
    assert [entry.seq for entry in one.entries()] == [1, 2, 3, 4]
    assert [entry.seq for entry in other.entries()] == [1, 2]
    assert one.verify().valid
    assert other.verify().valid


def test_workspaces_see_nothing_of_each_other(new_log: Callable[[], Log]) -> None:
    """The same names in another workspace are others: events, ids, sessions, keys and search."""
    one, other = new_log(), new_log()
    for log in (one, other):
        receipts = log.append(
            *[event(session_id="s", tenant_id="t", resource_id="r", actor_name=log.workspace.name)] * 12,
            event(idempotency_key="k"),
        )
        assert not receipts[-1].is_duplicate
        log.settle()
        log.append(event(session_id="s"))
    ours = {decode_record(entry.record).id for entry in one.entries()}
    theirs = {decode_record(entry.record).id for entry in other.entries()}
    assert not ours & theirs
    assert not any(one.store.entry(one.workspace, identifier) for identifier in theirs)
    for wanted in (
        EventFilter(),
        EventFilter(actor_id="usr_1"),
        EventFilter(action="document.*"),
        EventFilter(session_id="s"),
        EventFilter(tenant_id="t"),
        EventFilter(resource_id="r"),
        EventFilter(search="document"),
    ):
        page = one.store.find(one.workspace, wanted, ascending=True, after_seq=None, limit=1_000)
        assert {decode_record(entry.record).id for entry in page.entries} <= ours
        assert page.total == len(page.entries) > 0
    assert one.found(search=other.workspace.name) == []
    assert len(one.found(search=one.workspace.name)) == 12
    assert [session.events_count for session in one.sessions(inferred=False)] == [13]
    assert one.verify().valid
