"""The one transaction by which events enter the log. Start reading here.

    lock the head · drop duplicates · number, encode and hash · insert · touch sessions · move the head

Crash argument: all of it happens inside one database transaction, and the caller acknowledges nothing before that has
committed. A crash before the commit leaves no trace; a crash after it leaves the whole batch, durable and chained, and at
worst an acknowledgement that never reached the client, whose retry then finds its idempotency key and gets a receipt for
the same event. There is no state in between, and recovery is opening the database.
"""

from collections.abc import Sequence

from immutable.integrity import chain
from immutable.integrity.chain import Placed
from immutable.integrity.record import decode_record
from immutable.model.event import EventDraft, Head, LogEntry, Receipt
from immutable.model.workspace import Workspace
from immutable.sessions.fold import fold
from immutable.store.log_store import AppendTransaction


def append_batch(
    transaction: AppendTransaction, workspace: Workspace, drafts: Sequence[EventDraft], *, now: int, silence: int
) -> list[Receipt]:
    """Append `drafts` to the workspace's log; a receipt for each, in their order.

    A draft whose idempotency key the log (or an earlier draft) carries is dropped, and its receipt is the first event's.
    `now`: server time; `silence`: what ends an inferred session; both in microseconds.
    """
    head = transaction.lock_head(workspace)
    keys = [draft.idempotency_key for draft in drafts if draft.idempotency_key is not None]
    seen = transaction.seen(workspace, keys) if keys else {}
    fresh, answers = _split(drafts, seen) if keys else (drafts, None)
    if not fresh:
        return [_again(seen[draft.idempotency_key or ""]) for draft in drafts]

    placed, new_head = chain.extend(head, workspace.id, fresh, now)
    store_placed(transaction, workspace, placed, new_head, silence)

    receipts = [Receipt(one.id, one.seq, one.entry.event_hash, False) for one in placed]
    return receipts if answers is None else [_receipt(answer, receipts) for answer in answers]


def store_placed(
    transaction: AppendTransaction, workspace: Workspace, placed: Sequence[Placed], new_head: Head, silence: int
) -> None:
    """Insert events that have their places after the locked head, fold them into their sessions, and move the head."""
    transaction.insert(workspace, placed)
    session_ids = {one.draft.session_id for one in placed if one.draft.session_id is not None}
    actor_ids = {one.draft.actor_id for one in placed if one.draft.session_id is None}
    sessions = transaction.open_sessions(workspace, session_ids, actor_ids)
    transaction.touch_sessions(workspace, fold(placed, sessions, silence))
    transaction.move_head(workspace, new_head)


_Answer = tuple[int, bool] | LogEntry
"""The index of a fresh draft and whether it is a repetition of it, or the entry that was there before."""


def _split(drafts: Sequence[EventDraft], seen: dict[str, LogEntry]) -> tuple[list[EventDraft], list[_Answer]]:
    fresh: list[EventDraft] = []
    answers: list[_Answer] = []
    index_of_key: dict[str, int] = {}
    for draft in drafts:
        key = draft.idempotency_key
        if key is not None:
            if key in seen:
                answers.append(seen[key])
                continue
            if key in index_of_key:
                answers.append((index_of_key[key], True))
                continue
            index_of_key[key] = len(fresh)
        answers.append((len(fresh), False))
        fresh.append(draft)
    return fresh, answers


def _receipt(answer: _Answer, receipts: Sequence[Receipt]) -> Receipt:
    if isinstance(answer, LogEntry):
        return _again(answer)
    index, is_repetition = answer
    receipt = receipts[index]
    return Receipt(receipt.id, receipt.seq, receipt.event_hash, True) if is_repetition else receipt


def _again(entry: LogEntry) -> Receipt:
    return Receipt(decode_record(entry.record).id, entry.seq, entry.event_hash, True)
