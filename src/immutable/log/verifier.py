"""The background verifier: goes over every log again and again, a piece at a time, and raises an alarm on what is new.

It remembers in the catalogue how far it is, so a restart does not begin anew; one process at a time does it. A piece that looks
broken is looked at once more before anybody is told, because a log may be pruned or erased while it is read. What only the whole
log can tell is checked at the end of a pass; session summaries only where the log is short, for they need it at one moment.
"""

import time
from collections.abc import Callable, Sequence

import msgspec
import structlog
from pyroaring import BitMap64

from immutable.integrity.scope import Outside
from immutable.integrity.verify import Break
from immutable.log.system_events import SERVER, append_system_event, system_event
from immutable.log.verify_whole import check_end, check_pruned, check_sessions, check_tree, erased_on_the_record
from immutable.model.workspace import Workspace
from immutable.store.check import Checked, Checker
from immutable.store.log_store import LogStore
from immutable.store.lookup import stretches
from immutable.telemetry import metrics

_log = structlog.get_logger(__name__)

_PIECE = 4_096
_SHARE, _SHARE_WHEN_BUSY = 9, 60
"""Seconds of rest for each second of work."""
_SAVE_SECONDS = 10.0
_MOST_TOLD = 1_000
"""Breaks of a workspace that are told one by one."""
_MOST_FOR_SESSIONS = 250_000
"""Events of a log whose sessions are folded anew at the end of a pass."""
_WHOLE = {"cut_off", "rolled_back", "forked", "forged_origin", "tree_damaged"}
"""Kinds whose place moves as the log grows: they are told once, wherever they are."""


class _Pass(msgspec.Struct):
    """A pass over one log, as it is remembered. Times in seconds since the epoch."""

    started_at: float = 0.0
    is_over: bool = True
    next: int = 1
    missing: bytes = b""
    erased: bytes = b""
    changed: bytes = b""
    wrong: bytes = b""
    told: list[str] = []
    """Breaks, by their marks, that somebody was told of."""
    found: list[str] = []
    """Those that this pass has found."""


class BackgroundVerifier:
    """Verifies all logs of a store, slowly. Not for several threads."""

    def __init__(
        self,
        store: LogStore,
        *,
        silence: int,
        outside: Callable[[Workspace], Outside],
        is_holder: Callable[[], bool],
        is_busy: Callable[[], bool],
        pass_seconds: float,
        first_rest: float = 60.0,
        look_again: float = 1.0,
    ) -> None:
        """`pass_seconds`: a pass over a log begins no sooner than this after the last. `first_rest`: seconds before the first."""
        self._store = store
        self._silence = silence
        self._outside = outside
        self._is_holder = is_holder
        self._is_busy = is_busy
        self._pass_seconds = pass_seconds
        self._look_again = look_again
        self._rest_until = time.monotonic() + first_rest
        self._passes: dict[int, _Pass] = {}
        self._saved_at = 0.0
        self._broken: dict[int, int] = {}

    def step(self) -> bool:
        """Check the next piece of each log that is due; False where there is nothing to do now."""
        if time.monotonic() < self._rest_until:
            return False
        if not self._is_holder():
            self._passes.clear()
            return False
        started = time.monotonic()
        due = [self._advance(workspace) for workspace in self._store.catalog.workspaces()]
        taken = time.monotonic() - started
        self._rest_until = time.monotonic() + taken * (_SHARE_WHEN_BUSY if self._is_busy() else _SHARE)
        return any(due)

    def _advance(self, workspace: Workspace) -> bool:
        """Check a piece of one log, or its end; whether there was anything to do."""
        state = self._passes.get(workspace.number)
        if state is None:
            state = self._passes[workspace.number] = self._load(workspace)
        if state.is_over:
            if not 0 <= time.time() - state.started_at < self._pass_seconds:
                state = self._passes[workspace.number] = _Pass(time.time(), is_over=False, told=state.told)
            else:
                return False
        reader = self._store.reader()
        first = max(state.next, reader.pruned(workspace).seq + 1)
        last = min(first + _PIECE - 1, reader.head(workspace).seq)
        is_end = first > last
        breaks = self._end(workspace, state) if is_end else self._piece(workspace, state, first, last)
        self._tell(workspace, state, breaks)
        if is_end:
            self._broken[workspace.number] = len(state.found)
            metrics.VERIFICATION_BROKEN.set(sum(self._broken.values()))
            self._passes[workspace.number] = state = _Pass(state.started_at, told=state.found)
            metrics.VERIFICATION_PASSES.inc()
        else:
            state.next = last + 1
        if is_end or breaks or time.monotonic() - self._saved_at > _SAVE_SECONDS:
            self._store.catalog.put_note(_name(workspace), msgspec.msgpack.encode(state))
            self._saved_at = time.monotonic()
        return True

    def _piece(self, workspace: Workspace, state: _Pass, first: int, last: int) -> list[Break]:
        """Check these events; what is broken for certain."""
        found = self._check(workspace, first, last)
        if found.breaks or found.changed or found.wrong_tiles:
            time.sleep(self._look_again)
            again = self._check(workspace, max(first, self._store.reader().pruned(workspace).seq + 1), last)
            found.breaks = _both(found.breaks, again.breaks)
            found.changed &= again.changed
            found.wrong_tiles &= again.wrong_tiles
        metrics.VERIFICATION_EVENTS.inc(found.events)
        for name, more in (
            ("missing", found.missing), ("erased", found.erased), ("changed", found.changed), ("wrong", found.wrong_tiles),
        ):  # fmt: skip
            if more:
                setattr(state, name, (_map(getattr(state, name)) | more).serialize())
        return found.breaks

    def _check(self, workspace: Workspace, first: int, last: int) -> Checked:
        checker = Checker(self._store.reader(), self._store.proofs)
        size = self._store.proofs.tree(workspace).size
        found = Checked(breaks=[])
        for start, end in stretches(first, last):
            part = checker.check_stretch(workspace, start, end, tree_size=size)
            part.breaks += checker.check_keys(workspace, start, end, part.keyed_events)
            found.add(part)
        return found

    def _end(self, workspace: Workspace, state: _Pass) -> list[Break]:
        """Check what only the whole log can tell; what is broken for certain."""
        breaks = self._whole(workspace, state)
        if breaks:
            time.sleep(self._look_again)
            breaks = _both(breaks, self._whole(workspace, state))
        return breaks

    def _whole(self, workspace: Workspace, state: _Pass) -> list[Break]:
        store, reader = self._store, self._store.reader()
        tree, pruned = store.proofs.tree(workspace), reader.pruned(workspace)
        outside = self._outside(workspace)
        found = Checked(breaks=[], missing=_map(state.missing), erased=_map(state.erased))
        found.changed, found.wrong_tiles = _map(state.changed), _map(state.wrong)
        for places in (found.missing, found.changed):  # what was pruned since is accounted for by the pruning
            places.remove_range(0, pruned.seq + 1)
        through = reader.head(workspace).seq
        check_end(store, workspace, (through + 1, through), found, indexes=True)
        checker = Checker(reader)
        found.breaks += check_pruned(store, workspace, reader.pruned(workspace))
        found.breaks += checker.check_index(workspace)
        found.breaks += checker.lost_details(workspace, found.missing - erased_on_the_record(store, workspace, found))
        span = (pruned.seq + 1, through)
        found.breaks += check_tree(store, workspace, span, found, tree.size, outside).breaks
        if not found.breaks and not state.told and through - pruned.seq <= _MOST_FOR_SESSIONS:
            found.breaks += check_sessions(store, workspace, self._silence)
        return found.breaks

    def _tell(self, workspace: Workspace, state: _Pass, breaks: Sequence[Break]) -> None:
        """Raise an alarm on what was not told before: log, metric, and an event in the log itself."""
        new = {_mark(one): one for one in breaks if _mark(one) not in state.told}
        state.found += [one for one in map(_mark, breaks) if one not in state.found][: _MOST_TOLD - len(state.found)]
        self._broken[workspace.number] = max(len(state.found), len(state.told))
        metrics.VERIFICATION_BROKEN.set(sum(self._broken.values()))
        if not new or len(state.told) >= _MOST_TOLD:
            return
        first = next(iter(new.values()))
        told = {"sequence": first.sequence, "type": first.type, "kind": first.kind, "message": first.message}
        _log.error("verification_failed", workspace=workspace.name, new_breaks=len(new), **told)
        metrics.VERIFY_BREAKS.inc(len(new))
        metadata = {"breaks": len(new), "first": told}
        append_system_event(
            self._store, workspace, system_event("verification_failed", SERVER, metadata=metadata), self._silence
        )
        state.told += list(new)[: _MOST_TOLD - len(state.told)]

    def _load(self, workspace: Workspace) -> _Pass:
        kept = self._store.catalog.note(_name(workspace))
        try:
            return _Pass() if kept is None else msgspec.msgpack.decode(kept, type=_Pass)
        except msgspec.MsgspecError:
            return _Pass()


def _name(workspace: Workspace) -> str:
    return f"verification:{workspace.number}"


def _map(stored: bytes) -> BitMap64:
    return BitMap64.deserialize(stored) if stored else BitMap64()


def _mark(one: Break) -> str:
    return one.kind if one.kind in _WHOLE else f"{one.type} {one.kind} {one.sequence}"


def _both(first: Sequence[Break], second: Sequence[Break]) -> list[Break]:
    """What was found both times."""
    marks = {_mark(one) for one in second}
    return [one for one in first if _mark(one) in marks]
