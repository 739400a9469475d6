"""Reads the tiles of one workspace's tree as the pure half asks for them (`integrity/tiles.py`)."""

from immutable.integrity.merkle import HASH_BYTES
from immutable.integrity.tiles import ReadTile
from immutable.model.workspace import Workspace
from immutable.store.proof_store import TreeStore


def tile_reader(trees: TreeStore, workspace: Workspace) -> ReadTile:
    """Reads tiles: each is kept at its widest, of which a narrower one is the beginning. Raises LookupError."""

    def read(level: int, index: int, width: int) -> bytes:
        hashes = trees.tiles(workspace, [(level, index)]).get((level, index), b"")
        if len(hashes) < width * HASH_BYTES:
            raise LookupError(f"The tile {level}/{index} of workspace {workspace.name} is missing.")
        return hashes[: width * HASH_BYTES]

    return read
