"""What every engine's store does alike to forget: transactions that erase and prune, and the sweep of what was pruned."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Generic, TypeVar

from immutable.model.workspace import Workspace
from immutable.store.erasing import ErasingTransaction
from immutable.store.finding_store import FindingStore
from immutable.store.log_store import AppendTransaction
from immutable.store.pruning import PruningTransaction

T = TypeVar("T", bound=AppendTransaction)


class ForgettingStore(FindingStore, Generic[T]):
    """Erases and prunes with an engine's verbs, over its appending transaction."""

    @abstractmethod
    def append(self) -> AbstractContextManager[T]:
        """One transaction, durable when the block ends."""

    @abstractmethod
    def _erases(self, transaction: T) -> ErasingTransaction:
        """The transaction with its erasing verbs."""

    @abstractmethod
    def _prunes(self, transaction: T) -> PruningTransaction:
        """The transaction with its pruning verbs."""

    @abstractmethod
    def _sweeps(self, transaction: T, workspace: Workspace, through: int, most: int) -> Sequence[int]:
        """Delete at most so many events up to `through`; those it were."""

    @abstractmethod
    def _sweep_index(self, workspace: Workspace, through: int) -> None:
        """Take what is gone out of the indexes."""

    @contextmanager
    def erasing(self) -> Iterator[ErasingTransaction]:
        """One transaction that may also forget details."""
        with self.append() as transaction:
            yield self._erases(transaction)

    @contextmanager
    def pruning(self) -> Iterator[PruningTransaction]:
        """One transaction that may also move the beginning of a log."""
        with self.append() as transaction:
            yield self._prunes(transaction)

    def sweep(self, workspace: Workspace, most: int) -> int:
        """Delete at most so many events of the recorded prefix, with all that finds them; how many it were."""
        through = self.reader().pruned(workspace).seq
        if through == 0:
            return 0
        with self.append() as transaction:
            transaction.lock_heads([workspace])
            swept = self._sweeps(transaction, workspace, through, most)
        if not swept:
            self._sweep_index(workspace, through)
        return len(swept)
