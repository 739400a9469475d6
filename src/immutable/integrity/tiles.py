"""The tree cut into tiles (C2SP tlog-tiles): 256 hashes each, so that a proof needs a handful of them. Pure.

Tile `index` at `level` holds the hashes of the nodes at height 8 · level, from 256 · index on. A tile that is not full is a
prefix of the full one, so of each only its widest version need be kept. Reading is the caller's: a function from level, index
and width to the bytes.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

import msgspec

from immutable.integrity.merkle import EMPTY_ROOT, HASH_BYTES, node_hash, root_of

HEIGHT = 8
WIDTH = 1 << HEIGHT
MAX_LEVEL = 63
"""Tlog-tiles, "Merkle Tree": levels are 0 to 63."""

ReadTile = Callable[[int, int, int], bytes]
"""Level, index, width: the first `width` hashes of the tile. Raises LookupError where it has not so many."""


class Tile(msgspec.Struct, frozen=True, order=True, gc=False):
    """Which tile: `width` is how many hashes it holds, 1 to 256."""

    level: int
    index: int
    width: int = WIDTH


def tile_path(tile: Tile, *, entries: bool = False) -> str:
    """Where a tile, or with `entries` the bundle of entries beside it, is published: `tile/0/x001/234.p/5`."""
    number = tile.index
    parts = [f"{number % 1000:03d}"]
    while number >= 1000:
        number //= 1000
        parts.append(f"x{number % 1000:03d}")
    suffix = "" if tile.width == WIDTH else f".p/{tile.width}"
    return f"tile/{'entries' if entries else tile.level}/{'/'.join(reversed(parts))}{suffix}"


_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/(?P<index>(?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?",
    re.ASCII,
)


def parse_path(path: str) -> tuple[Tile, bool]:
    """The tile of a path, and whether its entries are meant. Raises ValueError where it is no path of a tile."""
    match = _PATH.fullmatch(path)
    if match is None:
        raise ValueError("This is not the path of a tile.")
    entries = match["level"] == "entries"
    tile = Tile(
        0 if entries else int(match["level"]),
        int(match["index"].replace("x", "").replace("/", "")),
        WIDTH if match["width"] is None else int(match["width"]),
    )
    if (
        tile.level > MAX_LEVEL
        or (match["width"] is not None and tile.width >= WIDTH)
        or tile_path(tile, entries=entries) != path
    ):
        raise ValueError("This is not the path of a tile.")
    return tile, entries


def width_at(level: int, index: int, size: int) -> int:
    """How many hashes a tile has in a tree of `size` leaves: 0 where it does not exist."""
    return max(0, min((size >> HEIGHT * level) - index * WIDTH, WIDTH))


def tiles_of(size: int) -> Iterator[Tile]:
    """All tiles of a tree, the partial ones at their width; level by level."""
    for level in range(MAX_LEVEL + 1):
        count = size >> HEIGHT * level
        if count == 0:
            return
        for index in range((count + WIDTH - 1) // WIDTH):
            yield Tile(level, index, width_at(level, index, size))


def extend(read_tile: ReadTile, old_size: int, leaf_hashes: Sequence[bytes]) -> list[tuple[Tile, bytes]]:
    """The tiles that are new or wider once these leaves follow the first `old_size`, with their hashes."""
    changed: list[tuple[Tile, bytes]] = []
    added: Sequence[bytes] = leaf_hashes
    level = 0
    while added:
        count = old_size >> HEIGHT * level
        index, held = divmod(count, WIDTH)
        hashes = [*_split(read_tile(level, index, held))] if held else []
        hashes += added
        above: list[bytes] = []
        for start in range(0, len(hashes), WIDTH):
            part = hashes[start : start + WIDTH]
            changed.append((Tile(level, index + start // WIDTH, len(part)), b"".join(part)))
            if len(part) == WIDTH:
                above.append(root_of(part))
        added = above
        level += 1
    return changed


class Tree:
    """A tree of `size` leaves that is read tile by tile; each tile is read once."""

    def __init__(self, read_tile: ReadTile, size: int) -> None:
        self.size = size
        self._read = lru_cache(maxsize=None)(
            lambda level, index: _split(read_tile(level, index, width_at(level, index, size)))
        )

    def root(self) -> bytes:
        """The root."""
        return self.range_hash(0, self.size) if self.size else EMPTY_ROOT

    def leaf(self, index: int) -> bytes:
        """The hash of a leaf."""
        return self._read(0, index // WIDTH)[index % WIDTH]

    def range_hash(self, start: int, end: int) -> bytes:
        """MTH(D[start:end]); `start` must be a multiple of the power of two that the range's left part spans."""
        length = end - start
        height = length.bit_length() - 1
        if length == 1 << height:
            return self._node(height, start >> height)
        middle = start + (1 << height)
        return node_hash(self._node(height, start >> height), self.range_hash(middle, end))

    def _node(self, height: int, index: int) -> bytes:
        """The hash of a complete subtree of 2**height leaves."""
        level, rest = divmod(height, HEIGHT)
        first = index << rest
        hashes = self._read(level, first // WIDTH)
        place = first % WIDTH
        return root_of(hashes[place : place + (1 << rest)])


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Entries as tlog-tiles publishes them: each after its length as two bytes, the larger first."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def decode_bundle(bundle: bytes) -> list[bytes]:
    """The entries of a bundle. Raises ValueError where it is cut off."""
    entries: list[bytes] = []
    at = 0
    while at < len(bundle):
        end = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
        if at + 2 > len(bundle) or end > len(bundle):
            raise ValueError("The bundle ends within an entry.")
        entries.append(bundle[at + 2 : end])
        at = end
    return entries


def _split(hashes: bytes) -> list[bytes]:
    return [hashes[start : start + HASH_BYTES] for start in range(0, len(hashes), HASH_BYTES)]
