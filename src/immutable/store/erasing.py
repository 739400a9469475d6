"""What an engine promises to the one module that erases details (`retention/erasure.py`); nothing else may ask for it.

The log itself stays: no verb here changes a record, a hash or an order. `LogStore` cannot express any of this.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from immutable.model.session import SessionSummary
from immutable.model.workspace import Workspace
from immutable.store.log_store import AppendTransaction, LogStore


class ErasingTransaction(Protocol):
    """An append that may also forget details. All of it commits together, or leaves no trace."""

    @property
    def append(self) -> AppendTransaction:
        """The same transaction's append verbs. Lock the head before anything else."""

    def erase_details(self, workspace: Workspace, seqs: Sequence[int]) -> None:
        """Forget the details and salts of the events at these places."""

    def replace_summaries(self, workspace: Workspace, summaries: Sequence[tuple[int, SessionSummary]]) -> None:
        """Store these summaries, by the sessions' numbers, instead of what was folded from the forgotten details."""


class ErasingStore(LogStore, Protocol):
    """A store that can forget details."""

    def erasing(self) -> AbstractContextManager[ErasingTransaction]:
        """One transaction: commits durably when the block ends, and leaves no trace where it raises."""

    def overwrite_traces(self) -> None:
        """Overwrite what the engine still holds of forgotten details beside the rows, as far as it can."""

    def sessions_at(self, workspace: Workspace, seqs: Sequence[int]) -> list[tuple[int, SessionSummary]]:
        """The sessions that the events at these places belong to, with their numbers."""
