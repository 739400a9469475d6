"""The tree over a log as an engine keeps it: tiles grow, checkpoints stay, and nobody builds on a tree that moved on."""

import pytest
from tests.logs import Log, event

from immutable.model.workspace import Workspace
from immutable.store.log_store import LogStore
from immutable.store.proof_store import Cosignature, StoredCheckpoint, StoredKey, StoredTile, TreeState


@pytest.fixture
def workspace(log: Log) -> Workspace:
    """The workspace of an empty log, whose process may integrate."""
    log.store.lock_for_appending()
    assert log.store.proofs.hold()
    return log.workspace


def _checkpoint(size: int, origin: str = "o") -> StoredCheckpoint:
    return StoredCheckpoint(size, origin, bytes([size]) * 32, b"note %d" % size, size * 10)


def test_a_tree_goes_on_only_from_where_it_is(store: LogStore, workspace: Workspace) -> None:
    """Who builds on an older size stores nothing: neither the tile nor the checkpoint."""
    proofs = store.proofs
    assert proofs.tree(workspace) == TreeState(0, None)
    assert proofs.integrate(workspace, (0, 2), [StoredTile(0, 0, b"a" * 64)], _checkpoint(2))
    assert not proofs.integrate(workspace, (0, 3), [StoredTile(0, 0, b"b" * 96)], _checkpoint(3))
    assert proofs.tiles(workspace, [(0, 0), (0, 1)]) == {(0, 0): b"a" * 64}
    assert proofs.integrate(workspace, (2, 3), [StoredTile(0, 0, b"a" * 96), StoredTile(1, 0, b"c" * 32)], None)
    assert proofs.tiles(workspace, [(0, 0), (1, 0)]) == {(0, 0): b"a" * 96, (1, 0): b"c" * 32}
    assert proofs.tree(workspace) == TreeState(3, None)
    assert proofs.checkpoints(workspace, limit=9) == [_checkpoint(2)]


def test_a_halted_tree_stands_still(store: LogStore, workspace: Workspace) -> None:
    """Nothing is integrated until it is let go on, from the size that is said then."""
    proofs = store.proofs
    assert proofs.integrate(workspace, (0, 5), [], None)
    proofs.set_halted(workspace, "rolled back")
    assert proofs.tree(workspace) == TreeState(5, "rolled back")
    assert not proofs.integrate(workspace, (5, 6), [], None)
    proofs.set_halted(workspace, None, 4)
    assert proofs.integrate(workspace, (4, 6), [], None)


def test_trees_that_are_behind_are_told(store: LogStore, log: Log, workspace: Workspace) -> None:
    """With the length of the log; and the hashes of its events are there to be integrated."""
    proofs = store.proofs
    hashes = [receipt.event_hash for receipt in log.append(event(), event(), event())]
    assert (workspace, 3, TreeState(0, None)) in proofs.trees()
    assert proofs.event_hashes(workspace, 2, 9) == hashes[1:]
    assert proofs.previous_hashes(workspace, 3) == [hashes[1]]
    assert proofs.previous_hashes(workspace, 4) == []
    assert proofs.integrate(workspace, (0, 3), [], None)
    assert workspace not in [one for one, _, _ in proofs.trees()]
    assert workspace in [one for one, _, _ in proofs.trees(only_behind=False)]


def test_checkpoints_come_newest_first_with_what_witnesses_signed(store: LogStore, workspace: Workspace) -> None:
    """A cosignature is kept once, beside its checkpoint."""
    proofs = store.proofs
    for before, size in ((0, 1), (1, 4), (4, 9)):
        assert proofs.integrate(workspace, (before, size), [], _checkpoint(size))
    signed = Cosignature(4, "o", "witness+1", "— witness line", 50)
    proofs.add_cosignature(workspace, signed)
    proofs.add_cosignature(workspace, signed)
    assert [one.size for one in proofs.checkpoints(workspace, limit=2)] == [9, 4]
    assert proofs.checkpoints(workspace, before=90) == [_checkpoint(4)]
    assert proofs.checkpoints(workspace, size=4, limit=9) == [_checkpoint(4)]
    assert proofs.cosignatures(workspace, [9, 4]) == [signed]
    assert proofs.cosignatures(workspace, []) == []


def test_the_newest_key_signs(store: LogStore, workspace: Workspace) -> None:
    """Adding one retires the others; the same one is not added twice."""
    proofs = store.proofs
    first = StoredKey("origin", b"1" * 32, b"sealed", 10, 0)
    second = StoredKey("origin", b"2" * 32, None, 20, 7)
    assert proofs.add_signing_key(workspace, first)
    assert not proofs.add_signing_key(workspace, first)
    assert proofs.add_signing_key(workspace, second)
    assert [(key.public, key.retired_at) for key in proofs.signing_keys(workspace)] == [
        (first.public, 20), (second.public, None),
    ]  # fmt: skip
    assert (workspace.id, second) in proofs.all_signing_keys()


def test_a_tree_is_everybodys_to_read_when_it_is_said(store: LogStore, workspace: Workspace) -> None:
    """And nobody's again; other workspaces are not touched."""
    proofs = store.proofs
    assert proofs.published(workspace.id) is None
    proofs.set_published(workspace, True)
    assert proofs.published(workspace.id) == workspace
    assert proofs.is_published(workspace)
    assert proofs.published("ws_none") is None
    proofs.set_published(workspace, False)
    assert not proofs.is_published(workspace)


def test_one_workspace_never_reads_anothers_tree(store: LogStore, workspace: Workspace) -> None:
    """Tiles, checkpoints, cosignatures and keys belong to the workspace that they were stored under."""
    proofs = store.proofs
    other = store.catalog.create_workspace("another tree")
    assert proofs.integrate(workspace, (0, 1), [StoredTile(0, 0, b"a" * 32)], _checkpoint(1))
    proofs.add_cosignature(workspace, Cosignature(1, "o", "w", "line", 1))
    proofs.add_signing_key(workspace, StoredKey("origin", b"3" * 32, None, 1, 0))
    assert proofs.tree(other) == TreeState()
    assert (proofs.tiles(other, [(0, 0)]), proofs.checkpoints(other), proofs.cosignatures(other, [1])) == ({}, [], [])
    assert proofs.signing_keys(other) == []
