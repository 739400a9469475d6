"""Proofs: those of any tree verify, and nothing else does."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.integrity.trees import Tiles, leaves

from immutable.integrity.merkle import EMPTY_ROOT, root_of
from immutable.integrity.proof import (
    ProofError,
    check_consistency,
    check_inclusion,
    consistency_proof,
    inclusion_proof,
)

LARGE = Tiles(70_000)
sizes = st.integers(1, 70_000)


@given(size=sizes, place=st.integers(0, 10**9))
def test_an_inclusion_proof_verifies(size: int, place: int) -> None:
    """For any leaf of any tree."""
    index = place % size
    tree = LARGE.tree(size)
    check_inclusion(tree.leaf(index), index, size, inclusion_proof(tree, index), tree.root())


@given(size=sizes, other=st.integers(0, 10**9))
def test_a_consistency_proof_verifies(size: int, other: int) -> None:
    """Between any two sizes of a log."""
    old_size = other % (size + 1)
    tree, old = LARGE.tree(size), LARGE.tree(old_size)
    check_consistency(old_size, old.root(), size, tree.root(), consistency_proof(tree, old_size))


@pytest.mark.parametrize("size", range(1, 70))
def test_every_small_tree(size: int) -> None:
    """All leaves and all earlier sizes of the first trees."""
    tree = LARGE.tree(size)
    assert tree.root() == root_of(leaves(size))
    for index in range(size):
        check_inclusion(tree.leaf(index), index, size, inclusion_proof(tree, index), tree.root())
    for old_size in range(size + 1):
        old_root = LARGE.tree(old_size).root()
        check_consistency(old_size, old_root, size, tree.root(), consistency_proof(tree, old_size))


@settings(max_examples=300)
@given(
    size=st.integers(2, 2_000), place=st.integers(0, 10**9), which=st.integers(0, 10**9), bit=st.integers(0, 255),
    part=st.sampled_from(["leaf", "index", "size", "proof", "root", "shorter", "longer"]),
)  # fmt: skip
def test_no_other_inclusion_verifies(size: int, place: int, which: int, bit: int, part: str) -> None:
    """One bit of leaf, proof or root, another index or size, a hash more or less: none of it passes.

    Another size may have the very same path to the same root hash only where it is the same tree.
    """
    index = place % size
    tree = LARGE.tree(size)
    leaf, root, proof = tree.leaf(index), tree.root(), inclusion_proof(tree, index)
    new_index, new_size = index, size
    match part:
        case "leaf":
            leaf = _flipped(leaf, bit)
        case "root":
            root = _flipped(root, bit)
        case "index":
            new_index = which % size
            if new_index == index:
                return
        case "size":
            new_size = 1 + which % 4_000
            if new_size == size or _same_path(index, size, new_size):
                return
        case "proof":
            proof[which % len(proof)] = _flipped(proof[which % len(proof)], bit)
        case "shorter":
            del proof[which % len(proof)]
        case _:
            proof.insert(which % (len(proof) + 1), leaf)
    with pytest.raises(ProofError):
        check_inclusion(leaf, new_index, new_size, proof, root)


def _same_path(index: int, size: int, other: int) -> bool:
    """Whether a leaf's path turns the same way in both trees, so that only the root tells them apart."""
    return _turns(index, size) == _turns(index, other)


def _turns(index: int, size: int) -> list[bool] | None:
    if index >= size:
        return None
    turns, place, last = [], index, size - 1
    while last:
        if place & 1 or place == last:
            turns.append(True)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            turns.append(False)
        place, last = place >> 1, last >> 1
    return turns


@settings(max_examples=300)
@given(
    size=st.integers(2, 2_000), other=st.integers(0, 10**9), which=st.integers(0, 10**9), bit=st.integers(0, 255),
    part=st.sampled_from(["old root", "root", "proof", "shorter", "longer", "forked"]),
)  # fmt: skip
def test_no_other_consistency_verifies(size: int, other: int, which: int, bit: int, part: str) -> None:
    """Whoever rewrote what was signed before finds no proof that says otherwise."""
    old_size = 1 + other % (size - 1)
    tree = LARGE.tree(size)
    old_root, root, proof = LARGE.tree(old_size).root(), tree.root(), consistency_proof(tree, old_size)
    match part:
        case "old root":
            old_root = _flipped(old_root, bit)
        case "root":
            root = _flipped(root, bit)
        case "proof":
            proof[which % len(proof)] = _flipped(proof[which % len(proof)], bit)
        case "shorter":
            del proof[which % len(proof)]
        case "longer":
            proof.insert(which % (len(proof) + 1), root)
        case _:
            forked = Tiles(size, kind=b"forked").tree()
            root, proof = forked.root(), consistency_proof(forked, old_size)
    with pytest.raises(ProofError):
        check_consistency(old_size, old_root, size, root, proof)


def _flipped(content: bytes, bit: int) -> bytes:
    return (int.from_bytes(content, "big") ^ 1 << bit).to_bytes(32, "big")


def test_nothing_is_proved_of_what_is_not_there() -> None:
    """No proof is made or taken for a leaf, or a size, outside the tree."""
    tree = LARGE.tree(10)
    for index in (-1, 10):
        with pytest.raises(IndexError):
            inclusion_proof(tree, index)
        with pytest.raises(ProofError):
            check_inclusion(tree.leaf(0), index, 10, [], tree.root())
    for old_size in (-1, 11):
        with pytest.raises(IndexError):
            consistency_proof(tree, old_size)
        with pytest.raises(ProofError):
            check_consistency(old_size, tree.root(), 10, tree.root(), [])


def test_the_ends_of_consistency() -> None:
    """An empty log is the beginning of every log, and each log that of itself; with no hash to spare."""
    root = LARGE.tree(5).root()
    check_consistency(0, EMPTY_ROOT, 5, root, [])
    check_consistency(5, root, 5, root, [])
    for old_size, old_root, proof in ((0, root, []), (0, EMPTY_ROOT, [root]), (5, EMPTY_ROOT, []), (5, root, [root])):
        with pytest.raises(ProofError):
            check_consistency(old_size, old_root, 5, root, proof)


@pytest.mark.parametrize("proof", [[b""], [b"x" * 31], [b"x" * 33], [b"x" * 32] * 64])
def test_a_proof_of_another_form_is_refused(proof: list[bytes]) -> None:
    """Whatever is not a short list of hashes."""
    root = LARGE.tree(2).root()
    with pytest.raises(ProofError, match="hashes"):
        check_inclusion(root, 0, 2, proof, root)
    with pytest.raises(ProofError, match="hashes"):
        check_consistency(1, root, 2, root, proof)
