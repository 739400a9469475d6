"""Trees in memory for tests: leaves and tiles of any size."""

import hashlib

from immutable.integrity import tiles
from immutable.integrity.merkle import leaf_hash


def leaves(count: int, kind: bytes = b"") -> list[bytes]:
    """So many leaf hashes, each of its own."""
    return [leaf_hash(hashlib.sha256(kind + number.to_bytes(8, "big")).digest()) for number in range(count)]


class Tiles:
    """Tiles kept as a log keeps them: of each its widest version."""

    def __init__(self, *growth: int, kind: bytes = b"") -> None:
        self.size = 0
        self._kind = kind
        self.held: dict[tuple[int, int], bytes] = {}
        for size in growth:
            self.grow(size)

    def grow(self, size: int) -> None:
        """Add leaves until there are so many."""
        for tile, hashes in tiles.extend(self.read, self.size, leaves(size, self._kind)[self.size :]):
            assert len(hashes) == 32 * tile.width
            self.held[tile.level, tile.index] = hashes
        self.size = size

    def read(self, level: int, index: int, width: int) -> bytes:
        """The first hashes of a tile."""
        held = self.held[level, index]
        assert 0 < width * 32 <= len(held)
        return held[: width * 32]

    def tree(self, size: int | None = None) -> tiles.Tree:
        """The tree at a size that it has or had."""
        return tiles.Tree(self.read, self.size if size is None else size)
