"""Tiles: paths and widths as C2SP tlog-tiles writes them, and trees that grow in any steps."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.integrity.trees import Tiles, leaves

from immutable.integrity.merkle import root_of
from immutable.integrity.tiles import (
    Tile,
    decode_bundle,
    encode_bundle,
    parse_path,
    tile_path,
    tiles_of,
    width_at,
)

EDGES = [0, 1, 2, 3, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 70_000]


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 1234067), "tile/0/x001/x234/067"),
        (Tile(1, 999, 5), "tile/1/999.p/5"),
        (Tile(63, 1000, 255), "tile/63/x001/000.p/255"),
    ],
)
def test_paths_are_those_of_the_specification(tile: Tile, path: str) -> None:
    """A path says which tile it is and nothing else, and reads back."""
    assert tile_path(tile) == path
    assert parse_path(path) == (tile, False)


def test_entries_have_paths_beside_the_tiles() -> None:
    """A bundle's path has `entries` where a tile's has the level."""
    assert tile_path(Tile(0, 1000, 3), entries=True) == "tile/entries/x001/000.p/3"
    assert parse_path("tile/entries/x001/000.p/3") == (Tile(0, 1000, 3), True)


@pytest.mark.parametrize(
    "path",
    ["", "tile/0/0", "tile/00/000", "tile/64/000", "tile/0/x000/001", "tile/0/1000", "tile/0/000.p/0", "tile/0/000.p/256",
     "tile/0/000.p/05", "tile/-1/000", "tile/0/000/", "/tile/0/000", "tile/0/001/x000", "tile/entries/1",
     "tile/0/\u0661\u0661\u0661",
     "tile/0/000\n", "tile/0/x001/x001/x001/x001/x001/x001/000"],
)  # fmt: skip
def test_what_is_no_path_is_refused(path: str) -> None:
    """Only the one way in which a path is written is taken."""
    with pytest.raises(ValueError, match="no"):
        parse_path(path)


@given(st.integers(0, 63), st.integers(0, 10**15 - 1), st.integers(1, 256))
def test_any_path_reads_back(level: int, index: int, width: int) -> None:
    """Whatever tile it is."""
    assert parse_path(tile_path(Tile(level, index, width))) == (Tile(level, index, width), False)


def test_a_tree_of_70_000_has_the_tiles_of_the_specifications_example() -> None:
    """273 full tiles and one of 112; one full tile and one of 17; one of 1."""
    found = list(tiles_of(70_000))
    assert len([tile for tile in found if tile.level == 0 and tile.width == 256]) == 273
    assert [tile for tile in found if tile.width < 256 or tile.level] == [
        Tile(0, 273, 112), Tile(1, 0, 256), Tile(1, 1, 17), Tile(2, 0, 1)
    ]  # fmt: skip
    assert list(tiles_of(256)) == [Tile(0, 0, 256), Tile(1, 0, 1)]
    assert (width_at(0, 273, 70_000), width_at(0, 274, 70_000), width_at(2, 0, 65_535)) == (112, 0, 0)


@pytest.mark.parametrize("size", EDGES)
def test_the_root_from_tiles_is_the_root_of_the_leaves(size: int) -> None:
    """At every size where tiles fill or begin, all tiles of the tree are there at their widths."""
    grown = Tiles(size)
    assert grown.tree().root() == root_of(leaves(size))
    assert {(level, index, len(hashes) // 32) for (level, index), hashes in grown.held.items()} == {
        (tile.level, tile.index, tile.width) for tile in tiles_of(size)
    }


@settings(max_examples=40)
@given(st.lists(st.integers(0, 1_500), min_size=1, max_size=6).map(sorted))
def test_growing_in_any_steps_gives_the_same_tiles(growth: list[int]) -> None:
    """What is kept does not depend on how it came, and every earlier tree can still be read from it."""
    grown = Tiles(*growth)
    assert grown.held == Tiles(growth[-1]).held
    for size in growth:
        assert grown.tree(size).root() == root_of(leaves(size))


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_bundles_read_back(entries: list[bytes]) -> None:
    """Each entry lies after its length; a bundle cut short is refused."""
    bundle = encode_bundle(entries)
    assert decode_bundle(bundle) == entries
    if bundle:
        with pytest.raises(ValueError, match="within an entry"):
            decode_bundle(bundle[:-1])
