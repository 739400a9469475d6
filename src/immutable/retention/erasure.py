"""Erases the details of events (GDPR Art. 17): the only code that may, and it never does so without a word in the log.

The events stay, with their places, hashes and proofs: who did what, when, on which resource. What goes is what was free-form
or personal: names, metadata, changes, address, city, device. Each erasure is an event itself, which names the places
(`integrity/erasure.py`), so that verification tells what was lawfully forgotten from what was lost.

Crash argument: the details, the sessions' summaries and the event that tells of it change in one transaction, a thousand
events at a time; a crash in between leaves some events erased, each on the record, and the same call goes on with the rest.
What is built behind the log (the text index) follows the erasures by itself.
"""

from collections.abc import Callable, Sequence
from itertools import islice

import msgspec

from immutable import clock
from immutable.integrity import erasure
from immutable.integrity.record import decode_record
from immutable.log.append import append_batch
from immutable.log.system_events import PREFIX, Responsible, system_event, tell_administration
from immutable.model.event import LogEntry, Receipt
from immutable.model.filters import EventFilter
from immutable.model.session import SessionSummary
from immutable.model.workspace import Workspace
from immutable.retention.holds import active_holds, held_places
from immutable.sessions.fold import OpenSessions, fold
from immutable.store.check_sessions import occurrence_of
from immutable.store.erasing import ErasingStore

_CHUNK = 1_000
"""Events that one transaction erases at most."""


class Erasure(msgspec.Struct):
    """What came of an erasure. `held`: events that a hold kept; `last_seq`: how far it went, to go on from there."""

    erased: int = 0
    held: int = 0
    receipts: list[Receipt] = []
    last_seq: int = 0
    is_complete: bool = False


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
    """Erase the details of the events that meet `wanted` (no text), from after `after_seq`, looking at `most` at most.

    Passes over what is erased already, what is under a hold, and the server's own events. `progress` is told of every number
    of events done. `silence`: what ends an inferred session, in microseconds.
    """
    done = Erasure(receipts=[], last_seq=after_seq)
    seqs = store.matching(workspace, wanted, after_seq=after_seq)
    if most is not None:
        seqs = islice(seqs, most)
    looked_at = 0
    while chunk := list(islice(seqs, _CHUNK)):
        _erase_chunk(store, workspace, chunk, done, by, reason, silence)
        done.last_seq = chunk[-1]
        looked_at += len(chunk)
        progress(len(chunk))
    done.is_complete = most is None or looked_at < most
    if done.erased:
        store.overwrite_traces()
    told = {"reason": reason, "events": done.erased, "held": done.held}
    tell_administration(store, workspace, system_event("erasure_requested", by, metadata=told))
    return done


def _erase_chunk(
    store: ErasingStore,
    workspace: Workspace,
    seqs: Sequence[int],
    done: Erasure,
    by: Responsible,
    reason: str,
    silence: int,
) -> None:
    with store.erasing() as erasing:
        erasing.append.lock_heads([workspace])
        erasing.append.lock_head(workspace)  # from here on nobody appends, and no session changes
        candidates = [entry.seq for entry in store.places(workspace, seqs) if _is_erasable(entry)]
        held = held_places(store, workspace, active_holds(store, workspace)) if candidates else ()
        victims = [seq for seq in candidates if seq not in held]
        done.held += len(candidates) - len(victims)
        if not victims:
            return
        erasing.erase_details(workspace, victims)
        forgotten = frozenset(victims)
        erasing.replace_summaries(
            workspace,
            [
                (number, _fold_again(store, workspace, summary, forgotten, silence))
                for number, summary in store.sessions_at(workspace, victims)
            ],
        )
        event = system_event(
            "details_erased",
            by,
            resource=("events", None),
            targets=erasure.range_targets(erasure.ranges_of(victims)),
            metadata={"reason": reason, "events": len(victims)},
        )
        done.receipts += append_batch(erasing.append, workspace, [event], now=clock.now(), silence=silence)
    done.erased += len(victims)


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
