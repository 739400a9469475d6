"""Erases the details of events (GDPR Art. 17): the only code that may, and it never does so without a word in the log.

The events stay, with their places, hashes and proofs: who did what, when, on which resource. What goes is what was free-form
or personal: names, metadata, changes, address, city, device. Each erasure is an event itself, which names the places
(`integrity/erasure.py`), so that verification tells what was lawfully forgotten from what was lost.

Crash argument: the details, the sessions' summaries and the event that tells of it change in one transaction, a thousand
events at a time; a crash in between leaves some events erased, each on the record, and the same call goes on with the rest.
What is built behind the log (the text index) follows the erasures by itself. What retention archived before is erased in the
archives, which have a crash argument of their own (`archived_erasure.py`); an epoch that is pruned meanwhile is looked for there.
"""

from collections.abc import Callable, Sequence
from itertools import islice

import msgspec

from immutable import clock
from immutable.integrity import erasure
from immutable.integrity.record import decode_record
from immutable.log.append import append_batch
from immutable.log.system_events import PREFIX, Responsible, system_event, tell_administration
from immutable.model.erasure import Erasure
from immutable.model.event import LogEntry
from immutable.model.filters import EventFilter
from immutable.model.session import SessionSummary
from immutable.model.workspace import Workspace
from immutable.retention.archived_erasure import ArchivedEraser, Order, unreached_of
from immutable.retention.archives import ToldErasures
from immutable.retention.holds import active_holds, held_places
from immutable.sessions.fold import OpenSessions, fold
from immutable.store.check_sessions import occurrence_of
from immutable.store.erasing import ErasingStore, ErasingTransaction

_CHUNK = 1_000
"""Events that one transaction erases at most."""


def erase(  # noqa: PLR0913 - what, who, why and how far
    store: ErasingStore,
    workspace: Workspace,
    wanted: EventFilter,
    *,
    by: Responsible,
    reason: str,
    silence: int,
    after_seq: int = 0,
    most: int | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Erasure:
    """Erase the details of the events that meet `wanted` (no text), from after `after_seq`, looking at `most` or a few more.

    The archives of what was pruned come first, of which every event is looked at, then the log. Passes over what is erased
    already, what is under a hold, and the server's own events. `progress` is told of every number of events done. `silence`:
    what ends an inferred session, in microseconds.
    """
    done = Erasure(receipts=[], unreached=[], last_seq=after_seq)
    order = Order(wanted, by, reason, silence)
    eraser = ArchivedEraser(store, workspace, order, done)
    in_log = 0
    while not done.is_complete:
        pruned = store.reader().pruned(workspace).seq
        eraser.run(most, progress)
        in_log += _erase_in_log(store, workspace, order, done, pruned, most, progress)
        if most is not None and done.looked_at >= most:
            break
        done.is_complete = store.reader().pruned(workspace).seq == pruned  # else some are in a new archive now
    if in_log:
        store.overwrite_traces()
    if done.is_complete or done.erased or done.held or done.unreached:
        told = {"reason": reason, "events": done.erased, "held": done.held, **unreached_of(done)}
        tell_administration(store, workspace, system_event("erasure_requested", by, metadata=told))
    return done


def _erase_in_log(
    store: ErasingStore,
    workspace: Workspace,
    order: Order,
    done: Erasure,
    pruned: int,
    most: int | None,
    progress: Callable[[int], None],
) -> int:
    """Erase behind `done.last_seq`, until all is done or more was pruned than through `pruned`; how many were erased."""
    if order.wanted is None or (most is not None and done.looked_at >= most):
        return 0
    before = done.erased
    seqs = store.matching(workspace, order.wanted, after_seq=done.last_seq)
    if most is not None:
        seqs = islice(seqs, most - done.looked_at)
    while chunk := list(islice(seqs, _CHUNK)):
        if not _erase_chunk(store, workspace, chunk, order, done, pruned):
            break
        done.last_seq = chunk[-1]
        done.looked_at += len(chunk)
        progress(len(chunk))
    return done.erased - before


def _erase_chunk(
    store: ErasingStore, workspace: Workspace, seqs: Sequence[int], order: Order, done: Erasure, pruned: int
) -> bool:
    """Erase some; False, and nothing is done, where the log does not begin behind `pruned` any more."""
    with store.erasing() as erasing:
        erasing.append.lock_heads([workspace])
        erasing.append.lock_head(workspace)  # from here on nobody appends or prunes, and no session changes
        if store.reader().pruned(workspace).seq != pruned:
            return False
        candidates = [entry.seq for entry in store.places(workspace, seqs) if _is_erasable(entry)]
        held = held_places(store, workspace, active_holds(store, workspace)) if candidates else ()
        victims = [seq for seq in candidates if seq not in held]
        done.held += len(candidates) - len(victims)
        if not victims:
            return True
        _forget(erasing, store, workspace, victims, order.silence)
        event = system_event(
            "details_erased",
            order.by,
            resource=("events", None),
            targets=erasure.range_targets(erasure.ranges_of(victims)),
            metadata={"reason": order.reason, "events": len(victims), **unreached_of(done)},
        )
        done.receipts += append_batch(erasing.append, workspace, [event], now=clock.now(), silence=order.silence)
    done.erased += len(victims)
    return True


def erase_as_told(store: ErasingStore, workspace: Workspace, silence: int) -> None:
    """Erase in a copy of a log what the log says is erased: it may have been copied before that.

    Nothing is said anew, for the copy has its source's word; and no hold is asked, for the source has asked them.
    """
    first, head = store.reader().extent(workspace)
    places = iter(ToldErasures(store, workspace).within(first, head))
    while chunk := list(islice(places, _CHUNK)):
        with store.erasing() as erasing:
            erasing.append.lock_heads([workspace])
            erasing.append.lock_head(workspace)
            victims = [entry.seq for entry in store.places(workspace, chunk) if _is_erasable(entry)]
            if victims:
                _forget(erasing, store, workspace, victims, silence)
    store.overwrite_traces()


def _forget(
    erasing: ErasingTransaction, store: ErasingStore, workspace: Workspace, victims: Sequence[int], silence: int
) -> None:
    """Forget these details, in the sessions' summaries too."""
    erasing.erase_details(workspace, victims)
    forgotten = frozenset(victims)
    erasing.replace_summaries(
        workspace,
        [
            (number, _fold_again(store, workspace, summary, forgotten, silence))
            for number, summary in store.sessions_at(workspace, victims)
        ],
    )


def _is_erasable(entry: LogEntry) -> bool:
    return entry.details is not None and not decode_record(entry.record).action.startswith(PREFIX)


def _fold_again(
    store: ErasingStore, workspace: Workspace, summary: SessionSummary, forgotten: frozenset[int], silence: int
) -> SessionSummary:
    """The summary as the session's events tell it once the details of `forgotten` are gone."""
    known = OpenSessions({}, {})
    for entry in store.whole_session(workspace, summary):
        left = msgspec.structs.replace(entry, details=None, salt=None) if entry.seq in forgotten else entry
        fold([occurrence_of(left)], known, silence)
    (state,) = [*known.by_id.values(), *known.inferred.values()]
    # Resources are in the records, and stay counted as they were.
    return msgspec.structs.replace(state.summary, resources_count=summary.resources_count)
