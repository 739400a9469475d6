"""What a workspace decides about how its log is shown, in the catalogue, on every engine; and which actions its log has."""

import itertools

from tests.logs import Log, event

from immutable.model.act import Act
from immutable.model.display import DEFAULT_DISPLAY, DestructiveChoice, Display, LinkChoice
from immutable.store.catalog import Catalog

_numbers = itertools.count(1)


def test_nothing_is_decided_until_something_is(catalog: Catalog) -> None:
    """Each part by itself, in its workspace alone, and kept with its act."""
    place, other = (catalog.create_workspace(f"displays {next(_numbers)}") for _ in range(2))
    assert catalog.displays.of(place) == DEFAULT_DISPLAY
    destructive = DestructiveChoice(False, ("billing.*", 'é"🧨'), ("x.y",))
    catalog.displays.set_destructive(place, destructive, Act("act_d", 1, "workspace_changed", "mem_1", "member"))
    links = LinkChoice(trace="", ticket="https://t/{ticket}")
    catalog.displays.set_links(place, links)
    assert catalog.displays.of(place) == Display(destructive, links)
    assert catalog.displays.of(other) == DEFAULT_DISPLAY
    assert "act_d" in {act.id for act in catalog.acts.oldest(100)}
    catalog.displays.copy_to(catalog.displays, place, other)
    assert catalog.displays.of(other) == Display(destructive, links)
    catalog.displays.set_destructive(place, DestructiveChoice())
    assert catalog.displays.of(place).destructive == DestructiveChoice()


def test_the_actions_of_a_log_are_known(log: Log) -> None:
    """With how often each came, by name; the newest where there are more than wanted."""
    assert log.store.known_actions(log.workspace, most=9).counts == {}
    for action in ("b.done", "a.done", "b.done", "nine"):
        log.append(event(action=action))
    found = log.store.known_actions(log.workspace, most=9)
    assert list(found.counts.items()) == [("a.done", 1), ("b.done", 2), ("nine", 1)]
    assert (found.from_sequence, found.is_whole) == (1, True)
    assert len(log.store.known_actions(log.workspace, most=2).counts) == 2
    assert not log.store.known_actions(log.workspace, most=2).is_whole
