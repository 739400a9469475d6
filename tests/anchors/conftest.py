"""A log that is signed and anchored by a real authority, step by step."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.anchors.authority import Authority, serving
from tests.checkpoints.conftest import Tree
from tests.logs import event

from immutable.anchors.anchorer import Anchorer
from immutable.anchors.follower import Anchoring
from immutable.anchors.rfc3161 import TimestampAuthority
from immutable.anchors.verify import AnchorVerdict, verify_anchor
from immutable.outbound.client import OutboundClient
from immutable.settings import Settings
from immutable.store.anchor_store import StoredAnchor


class Anchored(Tree):
    """A log, its tree and its anchors."""

    period_seconds = 366 * 86_400  # none ends in a test, also not in one that meets midnight

    def __init__(self, settings: Settings, anchorer: Anchorer) -> None:
        super().__init__(settings)
        self.anchorer = anchorer
        self.restart()

    def restart(self) -> None:
        """A follower that knows nothing of what was before."""
        self.anchoring = Anchoring(self.store, {self.anchorer.chain: self.anchorer}, self.period_seconds)

    def add(self, count: int) -> None:
        """Append events and sign them."""
        self.log.append(*[event() for _ in range(count)])
        self.settle()

    def anchor(self) -> StoredAnchor:
        """Anchor what is signed, now; the anchor after as many steps as can be taken."""
        (begun,) = self.anchoring.request(self.workspace)
        self.step()
        return self.stored(begun)

    def step(self) -> None:
        """Take all steps that can be taken now, whatever was to be waited for."""
        for workspace, anchor in self.store.anchors.unfinished():
            self.store.anchors.update(workspace, replace(anchor, attempts=anchor.attempts + 1, try_at=0))
        self.anchoring._look_at = 0.0
        while self.anchoring.step():
            pass

    def stored(self, anchor: StoredAnchor) -> StoredAnchor:
        """The anchor as it is stored now."""
        found = self.store.anchors.anchor(self.workspace, anchor.id)
        assert found is not None
        return found

    def verdict(self, anchor: StoredAnchor) -> AnchorVerdict:
        """What verification says of it."""
        return verify_anchor(self.store, self.workspace, self.stored(anchor), self.anchorer)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    """A time-stamping authority that answers over HTTP."""
    with serving(Authority(tmp_path_factory.mktemp("authority") / "tsa")) as running:
        yield running


@pytest.fixture
def client() -> Iterator[OutboundClient]:
    """A client that may go to this machine."""
    made = OutboundClient(private_addresses=True)
    yield made
    made.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a new log on SQLite."""
    return Settings(
        database_url=f"sqlite:///{tmp_path}/log.db", secret_file=str(tmp_path / "the.secret"), origin="log.example"
    )


@pytest.fixture
def anchored(settings: Settings, authority: Authority, client: OutboundClient) -> Iterator[Anchored]:
    """An empty log, to be anchored by the authority."""
    authority.mood = "good"
    made = Anchored(settings, TimestampAuthority(authority.url, authority.certificates, client))
    yield made
    made.store.close()
