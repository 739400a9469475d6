"""Batches of many workspaces in one transaction: what an engine reads ahead for all of them is what each would have found."""

from collections.abc import Callable, Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.logs import SILENCE, Log, event

from immutable.log.append import append_batch
from immutable.model.event import EventDraft, Receipt
from immutable.store.log_store import LogStore
from immutable.store.postgres.store import PostgresLogStore

names = st.none() | st.sampled_from(["a", "b", "c"])
drafts = st.builds(
    lambda key, session, actor, resource: event(
        idempotency_key=key, session_id=session, actor_id=actor, resource_type="document", resource_id=resource
    ),
    names, names, st.sampled_from(["usr_1", "usr_2"]), st.sampled_from(["doc_1", "doc_2", "doc_3"]),
)  # fmt: skip
turns = st.lists(st.tuples(st.booleans(), st.dictionaries(st.integers(0, 2), st.lists(drafts, min_size=1, max_size=4))))


@pytest.fixture(scope="module")
def other(store: LogStore) -> Iterator[LogStore]:
    """What another process would have open on the same database, where the engine lets another one append."""
    if not isinstance(store, PostgresLogStore):
        yield store
        return
    opened = PostgresLogStore(store.url)
    yield opened
    opened.close()


def append_together(store: LogStore, batches: Sequence[tuple[Log, list[EventDraft]]]) -> list[list[Receipt]]:
    """Append to several logs in one transaction, as the appender does."""
    with store.append() as transaction:
        transaction.lock_heads([log.workspace for log, _ in batches])
        transaction.read_ahead([(log.workspace, some) for log, some in batches])
        return [append_batch(transaction, log.workspace, some, now=log.now, silence=SILENCE) for log, some in batches]


@given(turns)
@settings(max_examples=25)
def test_workspaces_written_together_are_as_if_written_apart(
    store: LogStore, other: LogStore, new_log: Callable[[], Log], turns: list[tuple[bool, dict[int, list[EventDraft]]]]
) -> None:
    """By two processes in turns, each key counts once, each session goes on, and the whole log verifies."""
    logs = [new_log(), new_log(), new_log()]
    first: dict[tuple[int, str], Receipt] = {}
    seqs = [0, 0, 0]
    for is_other, by_number in turns:
        for log in logs:
            log.now += 1_000_000
        batches = sorted(by_number.items())
        together = append_together(other if is_other else store, [(logs[number], some) for number, some in batches])
        for (number, some), receipts in zip(batches, together, strict=True):
            for draft, receipt in zip(some, receipts, strict=True):
                was = first.get((number, draft.idempotency_key or ""))
                if was is not None:
                    assert receipt == Receipt(was.id, was.seq, was.event_hash, True)
                    continue
                seqs[number] += 1
                assert (receipt.seq, receipt.is_duplicate) == (seqs[number], False)
                if draft.idempotency_key is not None:
                    first[number, draft.idempotency_key] = receipt
    for log, seq in zip(logs, seqs, strict=True):
        assert store.head(log.workspace).seq == seq
        assert log.verify().valid


def test_a_second_batch_of_a_workspace_sees_the_first(new_log: Callable[[], Log]) -> None:
    """What was read ahead, before the first batch was written, is not believed for the second."""
    logs = [new_log(), new_log()]
    draft = event(session_id="s", idempotency_key="k", resource_type="document", resource_id="doc_1")
    with logs[0].store.append() as transaction:
        transaction.lock_heads([log.workspace for log in logs])
        transaction.read_ahead([(log.workspace, [draft]) for log in logs])
        for log in (*logs, *logs):
            (receipt,) = append_batch(transaction, log.workspace, [draft], now=log.now, silence=SILENCE)
    assert receipt.is_duplicate
    for log in logs:
        assert log.store.head(log.workspace).seq == 1
        assert [one.events_count for one in log.sessions()] == [1]
        assert log.verify().valid
