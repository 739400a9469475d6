"""Our tiles and checkpoints, read by code that we did not write: aics-tlog, an independent reader of the C2SP formats."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.integrity.trees import Tiles

from immutable.integrity import checkpoint, note, proof, tiles
from immutable.integrity.checkpoint import Checkpoint
from immutable.integrity.note import COSIGNATURE, Signer

OUTSIDE = Path(__file__).parents[2] / ".venv" / "outside"
LOG = Signer("logs.example.com/ws_1", bytes(range(32)))
WITNESS = Signer("witness.example.org/w", bytes(range(1, 33)), COSIGNATURE)
READ = """
import json, sys
sys.path.insert(0, sys.argv[1])
import aics_tlog as outside

folder, old = sys.argv[2], int(sys.argv[3])
data = open(folder + "/checkpoint", "rb").read()
read, opened = outside.parse_checkpoint(outside.parse_note(data).text), outside.parse_note(data)
keys = [outside.parse_vkey(open(folder + "/" + name).read()) for name in ("log", "witness")]
result = outside.verify_checkpoint(opened, keys[0], [keys[1]], 1, expected_origin=read.origin)
reader = outside.FileSystemTileReader(folder)
root = outside.tree_root_from_tiles(reader, read.size)
index = read.size // 2
inclusion = outside.inclusion_proof_from_tiles(reader, index, read.size)
consistency = outside.consistency_proof_from_tiles(reader, old, read.size)
print(json.dumps({
    "ok": result.ok, "origin": read.origin, "size": read.size, "root": read.root.hex(),
    "tiles": root.hex(), "inclusion": [one.hex() for one in inclusion], "consistency": [one.hex() for one in consistency],
}))
"""


@pytest.mark.parametrize("size", [2, 255, 256, 257, 65_536, 65_537])
def test_a_stranger_reads_our_log(tmp_path: Path, size: int) -> None:
    """Another's code accepts our checkpoint and cosignature, comes to our root from our tiles, and makes the same proofs."""
    assert OUTSIDE.is_dir(), "Run `make .venv/outside.stamp`."
    log = Tiles(size)
    for tile in tiles.tiles_of(size):
        place = tmp_path / tiles.tile_path(tile)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(log.read(tile.level, tile.index, tile.width))
    tree = log.tree()
    text = checkpoint.format_checkpoint(Checkpoint(LOG.name, size, tree.root()))
    signed = note.sign(text, [LOG]) + note.signature_line(WITNESS, text, 1_700_000_000) + "\n"
    for name, content in (("checkpoint", signed), ("log", str(LOG.verifier)), ("witness", str(WITNESS.verifier))):
        (tmp_path / name).write_text(content, "utf-8")
    old = size // 2
    command = [sys.executable, "-c", READ, str(OUTSIDE), str(tmp_path), str(old)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == {
        "ok": True,
        "origin": LOG.name,
        "size": size,
        "root": tree.root().hex(),
        "tiles": tree.root().hex(),
        "inclusion": [one.hex() for one in proof.inclusion_proof(tree, size // 2)],
        "consistency": [one.hex() for one in proof.consistency_proof(tree, old)],
    }
