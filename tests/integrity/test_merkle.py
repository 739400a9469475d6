"""The tree: the vectors of RFC 6962's reference logs, and the RFC's own definition word by word."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from immutable.integrity.merkle import EMPTY_ROOT, leaf_hash, node_hash, root_of

LEAVES = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"
)]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def mth(data: list[bytes]) -> bytes:
    """MTH as RFC 6962 section 2.1 defines it."""
    if not data:
        return hashlib.sha256().digest()
    if len(data) == 1:
        return hashlib.sha256(b"\x00" + data[0]).digest()
    split = 1
    while split * 2 < len(data):
        split *= 2
    return hashlib.sha256(b"\x01" + mth(data[:split]) + mth(data[split:])).digest()


@pytest.mark.parametrize("size", range(9))
def test_the_reference_roots(size: int) -> None:
    """The roots that Certificate Transparency's reference implementations agree on."""
    assert root_of([leaf_hash(leaf) for leaf in LEAVES[:size]]).hex() == ROOTS[size]


def test_leaves_and_nodes_cannot_be_taken_for_each_other() -> None:
    """Each kind is hashed behind a byte of its own."""
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert node_hash(left, right) != leaf_hash(left + right)
    assert root_of([]) == EMPTY_ROOT


@given(st.lists(st.binary(max_size=40), max_size=300))
def test_any_tree_is_the_rfcs(data: list[bytes]) -> None:
    """Level by level gives what the recursive definition gives."""
    assert root_of([leaf_hash(one) for one in data]) == mth(data)
