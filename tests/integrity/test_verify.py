"""The rules of verification: each with the smallest break of it, and any change of a byte is found."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from tests.logs import START, drafts, event

from immutable.integrity import chain, record
from immutable.integrity.chain import event_hash
from immutable.integrity.verify import Break, walk
from immutable.model.event import EMPTY_HEAD, EventDraft, Head, LogEntry

WORKSPACE = "ws_1"
change = msgspec.structs.replace


def make_log(some: list[EventDraft]) -> tuple[list[LogEntry], Head]:
    """A log of these events."""
    placed, head = chain.extend(EMPTY_HEAD, WORKSPACE, some, START)
    return [one.entry for one in placed], head


LOG, HEAD = make_log([event(session_id=f"s{number}") for number in range(5)])


def breaks_of(entries: list[LogEntry], head: Head = HEAD) -> list[Break]:
    """What a walk over the whole log finds."""
    state = walk(WORKSPACE, EMPTY_HEAD, entries)
    state.finish(head)
    return state.breaks


def found(entries: list[LogEntry], head: Head = HEAD) -> list[tuple[int, str]]:
    """Place and kind of each break."""
    return [(one.sequence, one.type) for one in breaks_of(entries, head)]


def with_third(**fields: object) -> list[LogEntry]:
    """The log with its third entry changed."""
    return [*LOG[:2], change(LOG[2], **fields), *LOG[3:]]


def test_an_untouched_log_is_whole() -> None:
    """No break where nothing was done."""
    assert breaks_of(LOG) == []


def test_an_edited_record_is_a_hash_mismatch_with_both_hashes() -> None:
    """The event is named, with the hash that was stored and the one its bytes have now."""
    edited = LOG[2].record.replace(b"document.viewed", b"document.edited")
    (one,) = breaks_of(with_third(record=edited))
    assert one == Break(
        event_id=record.decode_record(LOG[2].record).id,
        sequence=3,
        type="hash_mismatch",
        kind="edited",
        expected_hash=LOG[2].event_hash.hex(),
        actual_hash=event_hash(LOG[2].previous_hash, edited).hex(),
        message="The stored bytes do not hash to the stored hash.",
    )


def test_an_unreadable_record_is_a_hash_mismatch() -> None:
    """A record that is no JSON is named by its place."""
    assert found(with_third(record=b"\xff")) == [(3, "hash_mismatch")]


def test_an_unreadable_record_with_its_own_hash_is_still_a_mismatch() -> None:
    """Whoever hashes nonsense does not make a record of it; the next event no longer follows."""
    forged = event_hash(LOG[2].previous_hash, b"nonsense")
    assert found(with_third(record=b"nonsense", event_hash=forged)) == [(3, "hash_mismatch"), (4, "chain_break")]


def test_an_edited_record_with_a_new_hash_breaks_the_chain_at_the_next() -> None:
    """Hashing an edited event again moves the break to its successor."""
    edited = LOG[2].record.replace(b"document.viewed", b"document.edited")
    forged = with_third(record=edited, event_hash=event_hash(LOG[2].previous_hash, edited))
    assert found(forged) == [(4, "chain_break")]


def test_an_edited_hash_is_a_hash_mismatch_and_breaks_the_chain() -> None:
    """The stored hash is neither that of its bytes nor the one that the next event follows."""
    assert found(with_third(event_hash=bytes(32))) == [(3, "hash_mismatch"), (4, "chain_break")]


def test_an_edited_previous_hash_is_a_hash_mismatch_and_a_chain_break() -> None:
    """The previous hash is covered by the event's own hash."""
    assert found(with_third(previous_hash=bytes(32))) == [(3, "hash_mismatch"), (3, "chain_break")]


def test_edited_or_missing_details_are_a_details_mismatch() -> None:
    """Details and salt are covered by the record's digest."""
    for fields in ({"details": b'{"metadata":{}}'}, {"salt": bytes(16)}, {"details": None}, {"salt": None}):
        assert found(with_third(**fields)) == [(3, "details_mismatch")]


def test_a_missing_event_is_a_chain_break_where_it_was() -> None:
    """The event after the gap says which is missing."""
    (one,) = breaks_of([*LOG[:2], *LOG[3:]])
    assert (one.sequence, one.type, one.message) == (4, "chain_break", "Event 3 is missing.")


def test_swapped_events_are_chain_breaks() -> None:
    """An event that lies where another was recorded is named with both places."""
    swapped = [*LOG[:2], change(LOG[3], seq=3), change(LOG[2], seq=4), LOG[4]]
    assert [one for one in found(swapped) if one[0] in (3, 4)] == [
        (3, "chain_break"), (3, "chain_break"), (4, "chain_break"), (4, "chain_break"),
    ]  # fmt: skip


def test_an_event_of_another_workspace_is_a_chain_break() -> None:
    """A log that was hashed for one workspace does not pass for another's."""
    foreign, _ = chain.extend(EMPTY_HEAD, "ws_2", [event()], START)
    assert found([foreign[0].entry], Head(1, foreign[0].entry.event_hash, START)) == [(1, "chain_break")]


def test_an_event_created_before_its_predecessor_is_a_chain_break() -> None:
    """Time rises along the log; an event hashed with an earlier time was put in afterwards."""
    (earlier,), head = chain.extend(Head(2, LOG[1].event_hash, 0), WORKSPACE, [event()], START - 10)
    assert found([*LOG[:2], earlier.entry], head) == [(3, "chain_break")]


def test_a_log_cut_off_at_its_end_is_a_chain_break() -> None:
    """The head says how far the log went."""
    (one,) = breaks_of(LOG[:3])
    assert (one.sequence, one.type, one.message) == (5, "chain_break", "Events 4 to 5 are missing.")


def test_a_head_that_is_not_the_last_event_is_a_chain_break() -> None:
    """The head's hash must be the last event's."""
    assert found(LOG, Head(5, bytes(32), START)) == [(5, "chain_break")]


@given(st.lists(drafts, max_size=5))
def test_any_log_verifies(some: list[EventDraft]) -> None:
    """Whatever is appended, the walk finds nothing wrong."""
    entries, head = make_log(some)
    assert breaks_of(entries, head) == []


@given(st.lists(drafts, min_size=1, max_size=4), st.data())
def test_any_single_byte_changed_is_found_and_named(some: list[EventDraft], data: st.DataObject) -> None:
    """A change of one byte in any part of any entry is a break at that entry's place."""
    entries, head = make_log(some)
    index = data.draw(st.integers(0, len(entries) - 1))
    field = data.draw(st.sampled_from(["record", "details", "salt", "event_hash", "previous_hash"]))
    was: bytes = getattr(entries[index], field)
    at = data.draw(st.integers(0, len(was) - 1))
    changed = was[:at] + bytes([was[at] ^ data.draw(st.integers(1, 255))]) + was[at + 1 :]
    entries[index] = change(entries[index], **{field: changed})
    assert index + 1 in {one.sequence for one in breaks_of(entries, head)}


@given(st.lists(drafts, min_size=2, max_size=5), st.data())
def test_any_event_taken_out_or_moved_is_found(some: list[EventDraft], data: st.DataObject) -> None:
    """No event can be dropped or exchanged with another, with or without numbering them anew."""
    entries, head = make_log(some)
    one, other = data.draw(st.lists(st.integers(0, len(entries) - 1), min_size=2, max_size=2, unique=True))
    if data.draw(st.booleans()):
        del entries[one]
    else:
        entries[one], entries[other] = entries[other], entries[one]
    if data.draw(st.booleans()):
        entries = [change(entry, seq=place) for place, entry in enumerate(entries, 1)]
    assert breaks_of(entries, head) != []
