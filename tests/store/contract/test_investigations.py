"""Investigations in the catalogue, on every engine."""

import itertools

import pytest

from immutable.model.investigation import Investigation, Item
from immutable.model.workspace import Workspace
from immutable.store.catalog import Catalog

_numbers = itertools.count(1)


def opened(at: int = 0) -> Investigation:
    """An investigation of its own."""
    number = next(_numbers)
    return Investigation(f"case_{number:016x}", f"T-{number}", "Where is it?", "mem_1", at or number)


@pytest.fixture
def place(catalog: Catalog) -> Workspace:
    """A workspace of its own."""
    return catalog.create_workspace(f"investigations {next(_numbers)}")


def test_an_investigation_is_found_by_its_id(catalog: Catalog, place: Workspace) -> None:
    """In its workspace alone, as it was first stored."""
    one, elsewhere = opened(), catalog.create_workspace(f"elsewhere {next(_numbers)}")
    catalog.investigations.put(place, one)
    catalog.investigations.put(place, Investigation(one.id, "other", "other", "other", 9))
    assert catalog.investigations.one(place, one.id) == one
    assert catalog.investigations.one(elsewhere, one.id) is None
    assert catalog.investigations.page(elsewhere, is_closed=None, before=None, limit=9) == []


def test_pages_are_newest_first(catalog: Catalog, place: Workspace) -> None:
    """And go on behind one of several of the same moment; open ones and closed ones can be asked for."""
    kept = [opened(at) for at in (5, 7, 7, 7)]
    for one in kept:
        catalog.investigations.put(place, one)
    newest = sorted(kept, key=lambda one: (one.created_at, one.id), reverse=True)
    assert catalog.investigations.page(place, is_closed=None, before=None, limit=2) == newest[:2]
    before = (newest[1].created_at, newest[1].id)
    assert catalog.investigations.page(place, is_closed=None, before=before, limit=9) == newest[2:]
    catalog.investigations.set_closed(place, newest[0].id, 11)
    assert [one.closed_at for one in catalog.investigations.page(place, is_closed=True, before=None, limit=9)] == [11]
    assert catalog.investigations.page(place, is_closed=False, before=None, limit=9) == newest[1:]
    catalog.investigations.set_closed(place, newest[0].id, None)
    assert catalog.investigations.page(place, is_closed=False, before=None, limit=9) == newest


def test_items_are_held_once_and_in_order(catalog: Catalog, place: Workspace) -> None:
    """A session and an event of the same id are two; what is removed is gone, from this investigation only."""
    one, other = opened(), opened()
    session, event = Item("session", "x", 2), Item("event", "x", 1)
    for kept in (one, other):
        catalog.investigations.put(place, kept)
        for item in (session, event, Item("session", "x", 9)):
            catalog.investigations.add_item(place, kept.id, item)
    assert catalog.investigations.items(place, one.id) == [event, session]
    catalog.investigations.remove_item(place, one.id, event)
    assert catalog.investigations.items(place, one.id) == [session]
    assert catalog.investigations.items(place, other.id) == [event, session]


def test_a_copy_is_brought_up_to_date(catalog: Catalog, place: Workspace) -> None:
    """Copied again, what was closed and removed meanwhile is so there too."""
    one, theirs = opened(), catalog.create_workspace(f"copy {next(_numbers)}")
    item, later = Item("session", "s", 1), Item("event", "e", 2)
    catalog.investigations.put(place, one)
    catalog.investigations.add_item(place, one.id, item)
    catalog.investigations.copy_to(catalog.investigations, place, theirs)
    assert catalog.investigations.items(theirs, one.id) == [item]
    catalog.investigations.remove_item(place, one.id, item)
    catalog.investigations.add_item(place, one.id, later)
    catalog.investigations.set_closed(place, one.id, 5)
    catalog.investigations.copy_to(catalog.investigations, place, theirs)
    assert catalog.investigations.items(theirs, one.id) == [later]
    assert catalog.investigations.one(theirs, one.id) == catalog.investigations.one(place, one.id)
