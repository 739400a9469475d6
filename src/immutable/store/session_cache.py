"""The open sessions that an appending process has just written, so that it need not read them back.

Only the engine knows when they may be believed: `forget` one workspace's, or all, whenever somebody else may have appended.
"""

from collections import OrderedDict
from collections.abc import Iterable

from immutable.model.workspace import Workspace
from immutable.sessions.fold import SessionState

MAX_OPEN_SESSIONS = 10_000

_Sessions = OrderedDict[tuple[int, str], tuple[int, SessionState]]
"""By workspace and name: the workspace's age when it was kept, and the session. Of another age, it is not believed."""


class SessionCache:
    """The sessions last touched, by id and by actor. Not for several threads."""

    def __init__(self, most: int = MAX_OPEN_SESSIONS) -> None:
        """`most`: so many are kept of each kind."""
        self._most = most
        self._by_id: _Sessions = OrderedDict()
        self._inferred: _Sessions = OrderedDict()
        self._ages: dict[int, int] = {}

    def by_id(self, workspace: Workspace, session_ids: Iterable[str]) -> tuple[dict[str, SessionState], list[str]]:
        """The client's sessions that are known, and the ids of those that are not."""
        return self._known(self._by_id, workspace, session_ids)

    def inferred(self, workspace: Workspace, actor_ids: Iterable[str]) -> tuple[dict[str, SessionState], list[str]]:
        """The latest inferred sessions that are known, by actor, and the actors of those that are not."""
        return self._known(self._inferred, workspace, actor_ids)

    def keep(self, workspace: Workspace, state: SessionState) -> None:
        """Keep a session that was just written."""
        summary = state.summary
        cache = self._inferred if summary.inferred else self._by_id
        name = next(iter(summary.actors)) if summary.inferred else summary.session_id
        key = (workspace.number, name)
        cache[key] = self._ages.get(workspace.number, 0), state  # also in the place of one that is believed no more
        cache.move_to_end(key)
        if len(cache) > self._most:
            cache.popitem(last=False)

    def forget(self, workspace: Workspace) -> None:
        """Believe nothing about a workspace that was kept before now."""
        self._ages[workspace.number] = self._ages.get(workspace.number, 0) + 1

    def clear(self) -> None:
        """Forget all."""
        self._by_id.clear()
        self._inferred.clear()

    def _known(
        self, cache: _Sessions, workspace: Workspace, names: Iterable[str]
    ) -> tuple[dict[str, SessionState], list[str]]:
        age = self._ages.get(workspace.number, 0)
        known: dict[str, SessionState] = {}
        missing: list[str] = []
        for name in names:
            kept = cache.get((workspace.number, name))
            if kept is None or kept[0] != age:
                missing.append(name)
            else:
                known[name] = kept[1]
        return known, missing
