"""Open sessions that an appending process keeps in memory."""

from immutable.model.session import SessionSummary
from immutable.model.workspace import Workspace
from immutable.sessions.fold import SessionState
from immutable.store.session_cache import SessionCache

_WORKSPACE = Workspace(1, "ws_1", "one")


def _state(session_id: str) -> SessionState:
    return SessionState(SessionSummary(session_id, False, 1, 1, 1, 1, 1))


def test_what_was_forgotten_is_not_believed() -> None:
    """After somebody else appended, a session has to be read again, and is then known again."""
    cache = SessionCache()
    cache.keep(_WORKSPACE, _state("a"))
    cache.forget(_WORKSPACE)
    assert cache.by_id(_WORKSPACE, ["a"]) == ({}, ["a"])
    read_again = _state("a")
    cache.keep(_WORKSPACE, read_again)
    assert cache.by_id(_WORKSPACE, ["a"]) == ({"a": read_again}, [])


def test_one_session_takes_one_place() -> None:
    """A session that is forgotten and read again and again does not push the others out."""
    other = Workspace(2, "ws_2", "two")
    kept = _state("kept")
    cache = SessionCache(2)
    cache.keep(other, kept)
    for _ in range(5):
        cache.keep(_WORKSPACE, _state("busy"))
        cache.forget(_WORKSPACE)
    assert cache.by_id(other, ["kept"]) == ({"kept": kept}, [])


def test_the_sessions_longest_untouched_go_first() -> None:
    """No more than the limit are kept."""
    cache = SessionCache(2)
    states = {name: _state(name) for name in "abc"}
    for name in "abac":
        cache.keep(_WORKSPACE, states[name])
    assert cache.by_id(_WORKSPACE, ["a", "b", "c"]) == ({"a": states["a"], "c": states["c"]}, ["b"])
