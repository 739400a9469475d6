"""Verification by recomputation: a log that was rewritten, and anchors that were, are caught."""

from pathlib import Path

import apsw
import pytest
from msgspec.structs import replace
from tests.anchors.authority import Authority
from tests.anchors.conftest import Anchored
from tests.logs import SILENCE, event, small_epochs

from immutable.anchors.follower import link
from immutable.anchors.verify import verify_anchor
from immutable.integrity.merkle import leaf_hash, root_of
from immutable.log.system_events import SERVER
from immutable.retention.archive_folder import ArchiveFolder
from immutable.retention.prune import prunable, prune_epoch
from immutable.store.open import path_of


def _edit(anchored: Anchored, *statements: str) -> None:
    """As somebody with all rights on the database does it: our triggers are gone first."""
    connection = apsw.Connection(str(path_of(anchored.settings.database_url)))
    triggers = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type='trigger'")]
    for name in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        connection.execute(statement)
        assert connection.changes() > 0
    connection.close()


def test_the_root_is_computed_again_from_the_log(anchored: Anchored) -> None:
    """Over tiles of earlier anchors and the hashes of each one's own events, at sizes around a tile's width."""
    anchors = []
    for count in (1, 254, 1, 1, 255, 88):
        anchored.add(count)
        anchors.append(anchored.anchor())
    leaves = [leaf_hash(entry.event_hash) for entry in anchored.log.entries()]
    for anchor in anchors:
        verdict = anchored.verdict(anchor)
        assert (verdict.valid, verdict.chain_valid) == (True, True)
        assert verdict.actual == root_of(leaves[: anchor.size])
    assert [one.first_seq for one in anchors] == [1, 2, 256, 257, 258, 513]
    assert [one.previous_hash for one in anchors] == [
        None, *(link(one.root, one.tx_hash or "") for one in anchors[:-1]),
    ]  # fmt: skip


@pytest.mark.parametrize("place", [1, 150, 300])
def test_a_rewritten_log_is_caught(anchored: Anchored, place: int) -> None:
    """An event's hash is exchanged, as rewriting does from there on: the log no longer leads to the anchored root."""
    anchored.add(300)
    anchor = anchored.anchor()
    assert anchored.verdict(anchor).valid
    _edit(
        anchored,
        f"UPDATE entries SET event_hash = randomblob(32) WHERE id = (SELECT min(id) FROM entries) + {place - 1}",
    )
    verdict = anchored.verdict(anchor)
    assert not verdict.valid
    assert verdict.actual not in (None, verdict.expected)
    assert "rewritten" in verdict.problems[0]


def test_a_log_rewritten_with_its_tree_and_anchors_is_caught(anchored: Anchored, settings: object) -> None:
    """Events, tiles, checkpoint and the anchor's own columns are all those of another history: the time-stamp is not."""
    anchored.add(3)
    anchor = anchored.anchor()
    anchored.add(3)
    other = anchored.anchor()
    _edit(
        anchored,
        f"UPDATE anchors SET (root, note, size) = (SELECT root, note, size FROM anchors WHERE id='{other.id}') "
        f"WHERE id='{anchor.id}'",
    )
    verdict = anchored.verdict(anchor)
    assert not verdict.valid
    assert "not good" in verdict.problems[0]


def test_tiles_that_were_changed_are_caught(anchored: Anchored) -> None:
    """The tree before an anchor's own events comes from tiles: changed ones lead elsewhere, missing ones nowhere."""
    anchored.add(300)
    anchored.anchor()
    anchored.add(5)
    anchor = anchored.anchor()
    _edit(anchored, "UPDATE tiles SET hashes = randomblob(32) WHERE level = 1")
    assert "rewritten" in anchored.verdict(anchor).problems[0]
    _edit(anchored, "DELETE FROM tiles WHERE level = 1")
    assert anchored.verdict(anchor).actual is None


def test_events_that_are_gone_are_caught(anchored: Anchored) -> None:
    """The end that was cut off is missed."""
    anchored.add(5)
    anchor = anchored.anchor()
    _edit(anchored, "DELETE FROM entries WHERE id = (SELECT max(id) FROM entries)")
    verdict = anchored.verdict(anchor)
    assert (verdict.valid, verdict.actual) == (False, None)


def test_an_anchor_taken_out_breaks_the_chain(anchored: Anchored) -> None:
    """Each names the one before it, so none goes missing in the middle."""
    anchors = []
    for _ in range(3):
        anchored.add(1)
        anchors.append(anchored.anchor())
    _edit(anchored, f"DELETE FROM anchors WHERE id = '{anchors[1].id}'")
    assert anchored.verdict(anchors[0]).chain_valid
    verdict = anchored.verdict(anchors[2])
    assert (verdict.valid, verdict.chain_valid) == (True, False)


def test_nobody_vouches_for_what_was_not_confirmed(anchored: Anchored, authority: Authority) -> None:
    """An anchor that is pending is not valid, nor one whose authority is not configured any more."""
    authority.mood = "away"
    anchored.add(1)
    anchor = anchored.anchor()
    assert anchored.verdict(anchor).problems == ["The anchor is pending: nobody outside vouches for it."]
    authority.mood = "good"
    anchored.step()
    verdict = verify_anchor(anchored.store, anchored.workspace, anchored.stored(anchor), None)
    assert (verdict.valid, verdict.anchored_at) == (False, None)
    assert "not configured" in verdict.problems[0]


def test_what_was_appended_after_an_anchor_is_not_its_business(anchored: Anchored) -> None:
    """Events behind an anchor, signed or not, change nothing of it."""
    anchored.add(2)
    anchor = anchored.anchor()
    anchored.log.append(event(), event())
    assert anchored.verdict(anchor).valid
    anchored.settle()
    assert anchored.verdict(anchor).valid


def test_the_sizes_in_the_database_are_not_believed(anchored: Anchored) -> None:
    """Another size is not the anchored one; a later beginning leaves no event out of the recomputation."""
    anchored.add(4)
    anchor = anchored.anchor()
    anchored.add(4)
    for size in (0, 5, 1 << 40):
        forged = replace(anchor, size=size)
        assert not verify_anchor(anchored.store, anchored.workspace, forged, anchored.anchorer).valid
    _edit(anchored, "UPDATE entries SET event_hash = randomblob(32) WHERE id = (SELECT min(id) FROM entries)")
    forged = replace(anchor, first_seq=9)
    assert not verify_anchor(anchored.store, anchored.workspace, forged, anchored.anchorer).valid


def test_pruned_events_are_taken_from_the_tree(anchored: Anchored, tmp_path: Path) -> None:
    """A prefix that was pruned on the record does not make an anchor bad: its leaves are still in the tiles."""
    with small_epochs():
        anchored.add(30)
        anchor = anchored.anchor()
        anchored.log.settle()
        archives = ArchiveFolder(str(tmp_path / "archives"))
        assert prunable(anchored.store, anchored.workspace, 1 << 60, None)
        prune_epoch(anchored.store, anchored.workspace, archives, by=SERVER, silence=SILENCE)
    assert anchored.proofs.event_hashes(anchored.workspace, 1, 1) == []
    verdict = anchored.verdict(anchor)
    assert (verdict.valid, verdict.problems) == (True, [])
    anchored.settle()
    assert anchored.anchor().first_seq == 31
