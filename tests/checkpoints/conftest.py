"""Logs whose trees are kept up by an integrator of the test's own, on both engines."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.logs import Log
from tests.postgres import new_database

from immutable.checkpoints.integrate import Integrator
from immutable.checkpoints.kept import Kept
from immutable.checkpoints.keys import SigningKeys
from immutable.settings import Settings
from immutable.store.log_store import LogStore
from immutable.store.open import open_store


class Tree:
    """A log, and what keeps its tree up."""

    def __init__(self, settings: Settings, store: LogStore | None = None) -> None:
        self.settings = settings
        self.store = store or open_store(settings.database_url)
        self.log = Log(self.store)
        self.workspace = self.log.workspace
        self.proofs = self.store.proofs
        self.store.lock_for_appending()
        self.kept = Kept.of(settings)
        self.start()

    def start(self) -> None:
        """An integrator that knows nothing of what was before."""
        self.keys = SigningKeys(self.proofs, self.settings)
        self.integrator = Integrator(self.store, self.keys, self.kept, 0)

    def settle(self) -> None:
        """Integrate all there is."""
        while self.integrator.step():
            pass


NewTree = Callable[[], Tree]


@pytest.fixture(params=["sqlite", "postgres"])
def tree(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Tree]:
    """An empty log on each engine."""
    url = new_database() if request.param == "postgres" else f"sqlite:///{tmp_path}/log.db"
    made = Tree(Settings(database_url=url, secret_file=str(tmp_path / "the.secret"), origin="log.example"))
    yield made
    made.store.close()
