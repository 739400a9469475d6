"""What an engine promises to the one module that prunes (`retention/prune.py`); nothing else may ask for it.

Pruning takes a prefix of the log, which was archived, verified and put on the record before: first the prefix is recorded, in
one transaction with the event that tells of it, and only what is recorded can then be deleted, bit by bit.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

import msgspec

from immutable.model.event import Head
from immutable.model.workspace import Workspace
from immutable.sessions.fold import SessionState
from immutable.store.erasing import ErasingStore
from immutable.store.log_store import AppendTransaction


class DroppedSession(msgspec.Struct, frozen=True):
    """A session that goes, or is replaced by what is left of it: its number and what finds it."""

    number: int
    sorted_at: int
    actors: frozenset[str]


class PruningTransaction(Protocol):
    """An append that also moves the beginning of the log. All of it commits together, or leaves no trace."""

    @property
    def append(self) -> AppendTransaction:
        """The same transaction's append verbs. Lock the head before anything else."""

    def prune(self, workspace: Workspace, through: Head) -> None:
        """Let the log begin after this event. It must not begin earlier than before."""

    def replace_sessions(
        self, workspace: Workspace, dropped: Sequence[DroppedSession], states: Sequence[SessionState]
    ) -> None:
        """Drop these sessions, and store new ones for what is left of them."""


class PruningStore(ErasingStore, Protocol):
    """A store that can prune."""

    def pruning_alone(self) -> AbstractContextManager[bool]:
        """Whether nobody else archives and prunes until the block ends: two would write each other's archives over."""

    def pruning(self) -> AbstractContextManager[PruningTransaction]:
        """One transaction: commits durably when the block ends, and leaves no trace where it raises."""

    def sweep(self, workspace: Workspace, most: int) -> int:
        """Delete at most so many events of the recorded prefix, with all that finds them; how many it were."""
