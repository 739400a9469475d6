"""Idempotency keys: an event sent again is not stored again, and its receipt is the first one's."""

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.logs import Log, event

from immutable.model.event import Receipt

batches = st.lists(
    st.lists(st.none() | st.sampled_from(["k1", "k2", "k3", 'k"4', "K1"]), min_size=1, max_size=6), max_size=6
)


@given(batches)
@settings(max_examples=60)
def test_every_key_is_stored_once(new_log: Callable[[], Log], batches: list[list[str | None]]) -> None:
    """Within a batch and across batches, in the order sent, each repetition gets the first event's receipt."""
    log = new_log()
    first: dict[str, Receipt] = {}
    seq = 0
    for batch in batches:
        receipts = log.append(*[event(idempotency_key=key) for key in batch])
        assert len(receipts) == len(batch)
        for key, receipt in zip(batch, receipts, strict=True):
            if key in first:
                was = first[key]
                assert receipt == Receipt(was.id, was.seq, was.event_hash, True)
                continue
            seq += 1
            assert (receipt.seq, receipt.is_duplicate) == (seq, False)
            if key is not None:
                first[key] = receipt
    assert log.store.head(log.workspace).seq == seq
    assert log.verify().valid


def test_the_first_event_stands_whatever_the_second_says(log: Log) -> None:
    """A repetition changes nothing, though it tells something else."""
    log.append(event(idempotency_key="k", action="first", session_id="s"))
    (again,) = log.append(event(idempotency_key="k", action="second", session_id="t"))
    assert (again.seq, again.is_duplicate) == (1, True)
    assert log.found(action="second") == []
    assert [one.session_id for one in log.sessions()] == ["s"]


def test_a_batch_of_repetitions_leaves_the_log_as_it_was(log: Log) -> None:
    """Nothing is written where nothing is new."""
    log.append(event(idempotency_key="k1"), event(idempotency_key="k2"))
    head = log.store.head(log.workspace)
    receipts = log.append(event(idempotency_key="k2"), event(idempotency_key="k1"), event(idempotency_key="k2"))
    assert [receipt.seq for receipt in receipts] == [2, 1, 2]
    assert log.store.head(log.workspace) == head


def test_a_key_is_one_workspaces(new_log: Callable[[], Log]) -> None:
    """The same key in another workspace is another key."""
    for log in (new_log(), new_log()):
        (receipt,) = log.append(event(idempotency_key="shared"))
        assert not receipt.is_duplicate


def test_a_thousand_keys_in_one_batch(log: Log) -> None:
    """A large batch may consist of repetitions and new events in any mixture."""
    log.append(*[event(idempotency_key=f"k{number}") for number in range(0, 1_000, 2)])
    receipts = log.append(*[event(idempotency_key=f"k{number}") for number in range(1_000)])
    assert [receipt.is_duplicate for receipt in receipts] == [True, False] * 500
    assert [receipt.seq for receipt in receipts[::2]] == list(range(1, 501))
    assert [receipt.seq for receipt in receipts[1::2]] == list(range(501, 1_001))
