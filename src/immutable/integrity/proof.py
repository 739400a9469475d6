"""Inclusion and consistency proofs: made from tiles (RFC 9162 sections 2.1.3.1 and 2.1.4.1), and checked without them. Pure."""

from collections.abc import Sequence

from immutable.integrity.merkle import EMPTY_ROOT, HASH_BYTES, node_hash
from immutable.integrity.tiles import Tree

MAX_HASHES = 63
"""A longer proof belongs to no tree that can exist."""


class ProofError(ValueError):
    """A proof does not prove what it should; the message says what is wrong."""


def inclusion_proof(tree: Tree, index: int) -> list[bytes]:
    """The hashes that lead from leaf `index` to the root. Raises IndexError where the tree has no such leaf."""
    if not 0 <= index < tree.size:
        raise IndexError(f"There is no leaf {index} in a tree of {tree.size}.")
    hashes: list[bytes] = []
    start, end = 0, tree.size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            hashes.append(tree.range_hash(middle, end))
            end = middle
        else:
            hashes.append(tree.range_hash(start, middle))
            start = middle
    return hashes[::-1]


def consistency_proof(tree: Tree, old_size: int) -> list[bytes]:
    """The hashes that show that the first `old_size` leaves are the same in `tree`. Raises IndexError where it is smaller."""
    if not 0 <= old_size <= tree.size:
        raise IndexError(f"A tree of {tree.size} leaves does not contain one of {old_size}.")
    if old_size in (0, tree.size):
        return []
    hashes: list[bytes] = []
    start, end, is_whole = 0, tree.size, True
    while old_size != end:
        middle = start + _split(end - start)
        if old_size <= middle:
            hashes.append(tree.range_hash(middle, end))
            end = middle
        else:
            hashes.append(tree.range_hash(start, middle))
            start, is_whole = middle, False
    if not is_whole:
        hashes.append(tree.range_hash(start, end))
    return hashes[::-1]


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf with this hash is at `index` of the tree (RFC 9162 section 2.1.3.2). Raises ProofError."""
    if not 0 <= index < size:
        raise ProofError(f"There is no leaf {index} in a tree of {size}.")
    _check_form(proof, leaf, root)
    place, last, found = index, size - 1, leaf
    for one in proof:
        if last == 0:
            raise ProofError("The inclusion proof is too long.")
        if place & 1 or place == last:
            found = node_hash(one, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, one)
        place, last = place >> 1, last >> 1
    if last != 0:
        raise ProofError("The inclusion proof is too short.")
    if found != root:
        raise ProofError("The inclusion proof does not lead to the root.")


def check_consistency(old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree of `size` begins with the tree of `old_size` (RFC 9162 section 2.1.4.2). Raises ProofError."""
    if not 0 <= old_size <= size:
        raise ProofError(f"A tree of {size} leaves does not contain one of {old_size}.")
    _check_form(proof, old_root, root)
    if old_size in (0, size):
        _check_nothing_between(proof, old_root, EMPTY_ROOT if old_size == 0 else root)
        return
    hashes = list(proof)
    if old_size & (old_size - 1) == 0:
        hashes.insert(0, old_root)
    elif not hashes:
        raise ProofError("The consistency proof is empty.")
    place, last = old_size - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old_found = found = hashes[0]
    for one in hashes[1:]:
        if last == 0:
            raise ProofError("The consistency proof is too long.")
        if place & 1 or place == last:
            old_found, found = node_hash(one, old_found), node_hash(one, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, one)
        place, last = place >> 1, last >> 1
    if last != 0:
        raise ProofError("The consistency proof is too short.")
    if old_found != old_root or found != root:
        raise ProofError("The consistency proof does not lead to both roots: the log was rewritten.")


def _check_nothing_between(proof: Sequence[bytes], old_root: bytes, right: bytes) -> None:
    if old_root != right:
        raise ProofError("The roots differ although nothing lies between the trees: the log was rewritten.")
    if proof:
        raise ProofError("The consistency proof is too long.")


def _split(length: int) -> int:
    """The largest power of two below `length`."""
    return 1 << (length - 1).bit_length() - 1


def _check_form(proof: Sequence[bytes], *others: bytes) -> None:
    if len(proof) > MAX_HASHES or any(len(one) != HASH_BYTES for one in (*proof, *others)):
        raise ProofError("The proof is not made of at most 63 hashes of 32 bytes.")
