"""The follower: every event gets into the tree once, and what is signed is the tree over the log."""

import pytest
from tests.checkpoints.conftest import Tree
from tests.logs import event

from immutable.checkpoints import integrate
from immutable.checkpoints.keys import verifier_of
from immutable.errors import Overloaded
from immutable.integrity.checkpoint import parse_checkpoint
from immutable.integrity.merkle import leaf_hash, root_of
from immutable.integrity.note import open_note
from immutable.integrity.proof import check_consistency, check_inclusion, consistency_proof, inclusion_proof
from immutable.integrity.tiles import Tree as MerkleTree
from immutable.store.proof_tiles import tile_reader


def _leaves(tree: Tree) -> list[bytes]:
    return [leaf_hash(entry.event_hash) for entry in tree.log.entries()]


def test_the_checkpoint_is_the_root_over_all_events(tree: Tree) -> None:
    """At any length, also where a batch or a tile is just full; computed here from the log alone."""
    for count in (1, 1, 253, 1, 1, 300):
        tree.log.append(*[event() for _ in range(count)])
        tree.settle()
        (stored,) = tree.proofs.checkpoints(tree.workspace)
        leaves = _leaves(tree)
        (key,) = tree.proofs.signing_keys(tree.workspace)
        said = parse_checkpoint(open_note(stored.note, [verifier_of(key)]).text)
        assert (said.origin, said.size) == (f"log.example/{tree.workspace.id}", len(leaves))
        assert said.root == stored.root == root_of(leaves)


def test_batches_lead_to_the_same_tree(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long log is integrated piece by piece and signed at the end; every proof holds."""
    monkeypatch.setattr(integrate, "BATCH", 100)
    tree.log.append(*[event() for _ in range(777)])
    assert tree.integrator.step()
    assert tree.proofs.checkpoints(tree.workspace) == []
    tree.settle()
    (stored,) = tree.proofs.checkpoints(tree.workspace, limit=9)
    leaves, whole = _leaves(tree), MerkleTree(tile_reader(tree.proofs, tree.workspace), 777)
    assert stored.root == root_of(leaves)
    for index in (0, 255, 256, 511, 776):
        check_inclusion(leaves[index], index, 777, inclusion_proof(whole, index), stored.root)
    for size in (1, 256, 500, 776):
        check_consistency(size, root_of(leaves[:size]), 777, stored.root, consistency_proof(whole, size))


def test_nothing_new_signs_nothing(tree: Tree) -> None:
    """And a process that starts anew goes on from where the last one was."""
    tree.log.append(event())
    tree.settle()
    tree.start()
    tree.settle()
    assert len(tree.proofs.checkpoints(tree.workspace, limit=9)) == 1
    tree.log.append(event())
    tree.settle()
    assert [one.size for one in tree.proofs.checkpoints(tree.workspace, limit=9)] == [2, 1]


def test_a_log_is_signed_once_in_the_interval(tree: Tree) -> None:
    """What comes meanwhile waits for the next one."""
    tree.integrator = integrate.Integrator(tree.store, tree.keys, tree.kept, 3_600)
    for _ in range(3):
        tree.log.append(event())
        tree.settle()
    assert [one.size for one in tree.proofs.checkpoints(tree.workspace, limit=9)] == [1]


def test_a_commit_that_fails_leaves_the_tree_as_it_was(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is kept outside of what was not committed, and the next try makes the same tree."""
    tree.log.append(event(), event())

    def fail(*_: object) -> bool:
        raise Overloaded("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(tree.proofs, "integrate", fail)
        with pytest.raises(Overloaded):
            tree.integrator.step()
    assert tree.kept.read(tree.workspace.id) is None
    tree.settle()
    (stored,) = tree.proofs.checkpoints(tree.workspace)
    assert stored.root == root_of(_leaves(tree))
    assert tree.kept.read(tree.workspace.id) == stored.note
