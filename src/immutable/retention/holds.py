"""Legal holds: placed and released on the record, and asked before anything is erased or pruned."""

import os
from collections.abc import Sequence

import msgspec
from pyroaring import BitMap64

from immutable import clock
from immutable.errors import Conflict, NotFound
from immutable.log.system_events import Responsible, append_system_event, system_event
from immutable.model.hold import HeldEvents, Hold
from immutable.model.workspace import Workspace
from immutable.store.log_store import LogStore


def place_hold(
    store: LogStore, workspace: Workspace, events: HeldEvents, *, by: Responsible, reason: str, silence: int
) -> Hold:
    """Hold these events from now on, those to come too, and say so in the log. `silence` in microseconds."""
    hold = Hold(f"hold_{os.urandom(8).hex()}", events, reason, clock.now())
    store.catalog.put_hold(workspace, hold)  # before the event: from the moment it is told, it holds
    metadata = {"reason": reason, "events": msgspec.to_builtins(events)}
    event = system_event("hold_placed", by, resource=("hold", hold.id), metadata=metadata)
    append_system_event(store, workspace, event, silence)
    return hold


def release_hold(
    store: LogStore, workspace: Workspace, hold_id: str, *, by: Responsible, reason: str, silence: int
) -> Hold:
    """Release a hold for good, and say so in the log. Raises NotFound, or Conflict where it was released before."""
    found = next((hold for hold in store.catalog.holds(workspace) if hold.id == hold_id), None)
    if found is None:
        raise NotFound(f"There is no hold {hold_id[:64]!r} in this workspace.")
    at = clock.now()
    if not store.catalog.release_hold(workspace, hold_id, at):
        raise Conflict(f"The hold {hold_id} was released already.")
    event = system_event("hold_released", by, resource=("hold", hold_id), metadata={"reason": reason})
    append_system_event(store, workspace, event, silence)
    return msgspec.structs.replace(found, released_at=at)


def active_holds(store: LogStore, workspace: Workspace) -> list[Hold]:
    """The holds that hold now, oldest first."""
    return [hold for hold in store.catalog.holds(workspace) if hold.released_at is None]


def held_places(store: LogStore, workspace: Workspace, holds: Sequence[Hold]) -> BitMap64:
    """The places of all events under these holds."""
    places = BitMap64()
    for hold in holds:
        places.update(store.matching(workspace, hold.events.as_filter()))
    return places
