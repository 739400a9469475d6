"""Holds the leaves of the tree against the events, and each tile against the one above it: beside the walk over the log.

What is signed of the tree is compared in `check_tree.py`. Together: tile by tile each event is bound to the root.
"""

from collections.abc import Iterator, Mapping

from immutable.integrity.merkle import HASH_BYTES, leaf_hash, root_of
from immutable.integrity.tiles import HEIGHT, WIDTH, width_at
from immutable.model.workspace import Workspace
from immutable.store.proof_store import TreeStore

_AT_ONCE = 64
"""Tiles of 8 KB that are read together."""


def changed_events(
    trees: TreeStore, workspace: Workspace, size: int, events: Mapping[int, bytes], span: tuple[int, int]
) -> tuple[list[int], list[int]]:
    """Places of `span` whose event is not the leaf of the tree, and the tiles that do not belong to the tiles above.

    `events`: hash by place; a place without an event was deleted or pruned, and is told elsewhere.
    """
    first, last = span[0], min(span[1], size)
    changed: list[int] = []
    wrong: list[int] = []
    for index, hashes, belongs in _tiles(trees, workspace, size, 0, (first - 1) // WIDTH, (last - 1) // WIDTH):
        if not belongs:
            wrong.append(index)
        start = index * WIDTH
        for seq in range(max(start + 1, first), min(start + WIDTH, last) + 1):
            event_hash = events.get(seq)
            at = (seq - 1 - start) * HASH_BYTES
            if event_hash is not None and leaf_hash(event_hash) != hashes[at : at + HASH_BYTES]:
                changed.append(seq)
    return changed, wrong


def wrong_tiles(trees: TreeStore, workspace: Workspace, size: int, level: int, span: tuple[int, int]) -> bool:
    """Whether the tiles over the places of `span`, from a level on upwards, do not belong to those above them."""
    first, last = span[0] - 1, min(span[1], size) - 1
    if last < first:
        return False
    while size >> HEIGHT * level:
        shift = HEIGHT * (level + 1)
        for _, _, belongs in _tiles(trees, workspace, size, level, first >> shift, last >> shift):
            if not belongs:
                return True
        level += 1
    return False


def _tiles(
    trees: TreeStore, workspace: Workspace, size: int, level: int, first: int, last: int
) -> Iterator[tuple[int, bytes, bool]]:
    """The tiles of a level with their hashes, and whether the tile above has the root of it. What is missing is empty."""
    above: tuple[int, bytes] = (-1, b"")
    while first <= last:
        end = min(first + _AT_ONCE - 1, last)
        tiles = trees.tiles(workspace, [(level, index) for index in range(first, end + 1)])
        for index in range(first, end + 1):
            width = width_at(level, index, size)
            if width == 0:
                continue
            hashes = tiles.get((level, index), b"")[: width * HASH_BYTES]
            belongs = len(hashes) == width * HASH_BYTES
            if belongs and width == WIDTH:
                parent, place = divmod(index, WIDTH)
                if above[0] != parent:
                    above = parent, trees.tiles(workspace, [(level + 1, parent)]).get((level + 1, parent), b"")
                split = [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]
                belongs = root_of(split) == above[1][place * HASH_BYTES : (place + 1) * HASH_BYTES]
            yield index, hashes, belongs
        first = end + 1
