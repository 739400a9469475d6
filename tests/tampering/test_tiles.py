"""A history hashed anew with the lower part of its tree alone: what was signed is compared with the events, not with tiles."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.logs import event
from tests.tampering.adversary import OLD, Attack, Original, told
from tests.tampering.test_adversary import seals

from immutable.integrity.erasure import range_targets
from immutable.integrity.scope import ErasedRange
from immutable.log.system_events import SERVER, system_event
from immutable.store.proof_store import StoredTile

_LENGTH = 512  # two whole tiles of leaves, so that the root is made of the tile above them
_HONEST = [told(number) for number in range(1, _LENGTH + 1)]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def original(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Original:
    """An honest log with a tree of two levels, and an older copy of it."""
    return Original(tmp_path_factory.mktemp("original"), request.param, _HONEST)


@pytest.fixture
def attack(tmp_path: Path, original: Original) -> Iterator[Attack]:
    """The log with the older copy in the wrong hands."""
    made = Attack(tmp_path, original)
    yield made
    made.close()


@pytest.mark.parametrize("kept", [[(1, 0)], [(1, 0), (0, 1)]], ids=["the upper tile", "the upper and the last tile"])
def test_leaves_made_anew_below_what_was_signed_are_a_rewritten_history(
    attack: Attack, kept: list[tuple[int, int]]
) -> None:
    """The tile above still leads to the signed root; the events do not, and nothing vouches for any of the forged ones."""
    honest = attack.honest.proofs.tiles(attack.honest.workspace, kept)
    forged = attack.forge([event(actor_id="somebody else"), *_HONEST[OLD + 1 :]], has_key=True)
    installation = attack.put(forged, keeps=("checkpoints", "signing_keys"))
    upper = [StoredTile(level, index, hashes) for (level, index), hashes in honest.items()]
    assert installation.proofs.integrate(installation.workspace, (_LENGTH, _LENGTH), upper, None)
    verdict = installation.verify(known=False)
    assert ("rewritten", OLD + 1) in {(one.kind, one.sequence) for one in verdict.breaks}
    assert "tree_damaged" not in {one.kind for one in verdict.breaks}
    assert seals(verdict) == [(1, OLD, ("signed",)), (OLD + 1, _LENGTH, ())]


def test_the_limit_an_erasure_put_in_by_whoever_has_the_database(attack: Attack) -> None:
    """It is no break, for only its maker knows that nobody asked for it; but it is on the record, and names what is gone."""
    attack.honest.append([system_event("details_erased", SERVER, targets=range_targets([(3, 3)]))])
    attack.honest.close()
    attack.honest.database.edit("UPDATE entries SET details = NULL, salt = NULL WHERE {seq} = 3")
    attack.honest.open()
    verdict = attack.honest.verify(known=False)
    assert (verdict.valid, verdict.erased) == (True, [ErasedRange(3, 3)])


def test_lower_tiles_that_are_lost_are_no_rewritten_history(attack: Attack) -> None:
    """Where the events still lead to what was signed, only the tree is damaged."""
    attack.honest.close()
    attack.honest.database.edit("DELETE FROM tiles WHERE level = 0 AND idx = 0")
    attack.honest.open()
    verdict = attack.honest.verify(known=False)
    assert {one.kind for one in verdict.breaks} == {"tree_damaged"}
    assert seals(verdict) == [(1, _LENGTH, ("signed",))]
