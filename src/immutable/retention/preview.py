"""What an erasure would do, from the indexes and from what was erased before: nothing is changed, and few events are read."""

import msgspec
from pyroaring import BitMap64

from immutable.log.system_events import PREFIX
from immutable.model.filters import EventFilter
from immutable.model.workspace import Workspace
from immutable.retention.archives import ToldErasures
from immutable.retention.holds import active_holds, held_places
from immutable.store.log_store import LogStore


class Preview(msgspec.Struct, frozen=True):
    """How many events are meant, and how many of them would lose their details (`erasable`) or not, each counted once."""

    events: int
    erasable: int
    held: int
    erased: int
    own: int
    pruned: int
    """Events that were pruned, of whom nobody knows from the indexes whether they are meant."""


def preview(store: LogStore, workspace: Workspace, wanted: EventFilter) -> Preview:
    """What erasing `wanted` (no text) would do now."""
    meant = BitMap64(store.matching(workspace, wanted))
    own = meant & BitMap64(store.matching(workspace, EventFilter(action=PREFIX + "*")))
    erased = ToldErasures(store, workspace).among(meant - own)
    left = meant - own - erased
    held = left & held_places(store, workspace, active_holds(store, workspace))
    pruned = store.reader().pruned(workspace).seq
    return Preview(len(meant), len(left) - len(held), len(held), len(erased), len(own), pruned)
