"""Which actions a workspace's newest events have, from the lookup index alone: no event is read for it."""

from immutable.model.found import KnownActions
from immutable.model.workspace import Workspace
from immutable.store import lookup
from immutable.store.lookup import EPOCH_BITS, LookupIndex
from immutable.store.reader import LogReader
from immutable.store.terms import ACTION

MOST_EPOCHS = 128
"""Epochs of the log (2 million events) that are looked through."""


def known_actions(index: LookupIndex, reader: LogReader, workspace: Workspace, most: int) -> KnownActions:
    """The actions of the newest events, at most `most`: where there are more, those of the newest epochs."""
    first, last = reader.extent(workspace)
    if first > last:
        return KnownActions({}, 1, True)
    last_epoch = last - 1 >> EPOCH_BITS
    from_sequence = max(first, (last_epoch - MOST_EPOCHS + 1 << EPOCH_BITS) + 1)
    epochs = (from_sequence - 1 >> EPOCH_BITS, last_epoch)
    terms = index.terms_with(reader, workspace, ACTION, epochs, most + 1)
    counts = {
        term.removeprefix(ACTION): lookup.count(index.places(reader, workspace, [term], None, from_sequence, last))
        for term in sorted(terms[:most])
    }
    return KnownActions(counts, from_sequence, is_whole=len(terms) <= most and from_sequence == first)
