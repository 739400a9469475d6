"""Merkle hashing and proofs, straight from RFC 9162 section 2.1. Raises Refused."""

import hashlib
from collections.abc import Sequence

from immutable_verify.findings import Refused

EMPTY_ROOT = hashlib.sha256(b"").digest()
Subtrees = Sequence[tuple[int, bytes]]
"""How many leaves each has, and its hash."""


def leaf_hash(data: bytes) -> bytes:
    """Section 2.1.1; the data of a leaf is an event hash."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Section 2.1.1."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(leaves: list[bytes], before: Subtrees = ()) -> bytes:
    """The root over leaf hashes; `before`: the complete subtrees to their left, the largest first."""
    row = list(before)
    for leaf in leaves:
        count, node = 1, leaf
        while row and row[-1][0] == count:
            count, node = count * 2, node_hash(row.pop()[1], node)
        row.append((count, node))
    _, root = row.pop() if row else (0, EMPTY_ROOT)
    while row:
        root = node_hash(row.pop()[1], root)
    return root


def check_inclusion(leaf: bytes, index: int, size: int, path: list[bytes], root: bytes, what: str) -> None:
    """Section 2.1.3.2: the leaf hash is at this index of the tree."""
    if index >= size or _climb(index, size - 1, leaf, path, what)[1] != root:
        raise Refused(f"{what}: its proof does not lead to the checkpoint. It is not in this log as it is shown here.")


def check_consistency(old_size: int, old_root: bytes, size: int, root: bytes, path: list[bytes], what: str) -> None:
    """Section 2.1.4.2: the larger tree begins with the smaller one."""
    forked = Refused(f"{what}: the later one does not continue the earlier one. The log was rewritten or forked.")
    if old_size > size:
        raise forked
    if old_size in (0, size):
        if path or old_root != (root if old_size == size else EMPTY_ROOT):
            raise forked
        return
    if old_size & (old_size - 1) == 0:
        path = [old_root, *path]
    if not path:
        raise forked
    index, last = old_size - 1, size - 1
    while index % 2:
        index, last = index >> 1, last >> 1
    if _climb(index, last, path[0], path[1:], what) != (old_root, root):
        raise forked


def _climb(index: int, last: int, start: bytes, path: list[bytes], what: str) -> tuple[bytes, bytes]:
    """What lies above a node: over what is to its left alone, and over everything."""
    left = whole = start
    for sibling in path:
        if last == 0:
            raise Refused(f"{what}: the proof is too long.")
        if index % 2 or index == last:
            left, whole = node_hash(sibling, left), node_hash(sibling, whole)
            while index % 2 == 0 and index:
                index, last = index >> 1, last >> 1
        else:
            whole = node_hash(whole, sibling)
        index, last = index >> 1, last >> 1
    if last:
        raise Refused(f"{what}: the proof is too short.")
    return left, whole
