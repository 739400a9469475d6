"""How each workspace's log is shown: its own rule of what is destructive and its own links, over the server's settings.

Remembered until something in the catalogue changes, in whatever process; so every answer goes by what was decided last.
"""

import threading

import msgspec

from immutable.api.links import Links, links_of
from immutable.model.display import DEFAULT_DISPLAY, DestructiveChoice, Display
from immutable.model.workspace import Workspace
from immutable.sessions.destructive import DestructiveRule
from immutable.settings import Settings
from immutable.store.catalog import Catalog

_MOST_REMEMBERED = 1_000


class Shown(msgspec.Struct, frozen=True):
    """What one workspace's log is shown by."""

    rule: DestructiveRule
    links: Links


class Showing:
    """What every workspace's log is shown by."""

    def __init__(self, settings: Settings, catalog: Catalog) -> None:
        """Raises StartError where a setting is wrong."""
        self._settings, self._catalog = settings, catalog
        self.default = Shown(DestructiveRule(settings.destructive_actions), links_of(settings))
        self._generation = -1
        self._known: dict[int, Shown] = {}
        self._lock = threading.Lock()

    def remembered(self, workspace: Workspace) -> Shown | None:
        """What is known without asking the database; None where `of` has to."""
        generation = self._catalog.generation()
        with self._lock:
            return self._known.get(workspace.number) if generation == self._generation else None

    def of(self, workspace: Workspace) -> Shown:
        """What the workspace's log is shown by."""
        found = self.remembered(workspace)
        if found is not None:
            return found
        generation = self._catalog.generation()  # before it is read, which is then at least as new
        found = self.by(self._catalog.displays.of(workspace))
        with self._lock:
            if generation != self._generation or len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
                self._generation = generation
            self._known[workspace.number] = found
        return found

    def by(self, display: Display) -> Shown:
        """What a log is shown by where a workspace decides this."""
        if display == DEFAULT_DISPLAY:
            return self.default
        return Shown(self.rule_by(display.destructive), self.default.links.but(display.links))

    def rule_by(self, choice: DestructiveChoice) -> DestructiveRule:
        """The rule where a workspace decides this."""
        if choice == DEFAULT_DISPLAY.destructive:
            return self.default.rule
        theirs = self._settings.destructive_actions if choice.uses_default else ()
        return DestructiveRule((*theirs, *choice.patterns), choice.exceptions)
