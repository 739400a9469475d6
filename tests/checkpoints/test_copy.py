"""Copying what was signed: broken off at any step and gone on with; never over another tree."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.checkpoints.conftest import Tree
from tests.logs import SILENCE, event
from tests.postgres import new_database

from immutable.checkpoints import copy
from immutable.errors import StartError
from immutable.integrity.tiles import Tree as Tiles
from immutable.log.copy import copy_catalog, copy_events
from immutable.store.open import open_store
from immutable.store.proof_store import StoredTile
from immutable.store.proof_tiles import tile_reader


def test_it_goes_on_after_every_step(tree: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each run dies after one step of the tree; in the end the tree has the source's root, and signs on from there."""
    monkeypatch.setattr(copy, "_STEP", 256)
    for count in (255, 2, 400):
        tree.log.append(*[event() for _ in range(count)])
        tree.settle()
    is_sqlite = tree.settings.database_url.startswith("sqlite")
    with closing(open_store(new_database() if is_sqlite else f"sqlite:///{tmp_path}/copy.db")) as target:
        target.lock_for_appending()
        (theirs,) = copy_catalog(tree.store.catalog, target.catalog, [tree.workspace])
        copy_events(tree.store, target, tree.workspace, theirs, silence_us=SILENCE, progress=lambda _: None)
        integrate = target.proofs.integrate
        sizes = []

        def once(*arguments: Any) -> bool:
            integrate(*arguments)
            sizes.append(arguments[1])
            raise KeyboardInterrupt

        def run() -> None:
            taken = copy.snapshot(tree.proofs, tree.workspace)
            copy.copy_signed(tree.proofs, target.proofs, tree.workspace, theirs, taken)

        with monkeypatch.context() as broken:
            broken.setattr(target.proofs, "integrate", once)
            for _ in range(3):
                with pytest.raises(KeyboardInterrupt):
                    run()
        assert sizes == [(0, 256), (256, 512), (512, 657)]
        run()
        roots = [
            Tiles(tile_reader(one, its), size).root()
            for one, its in ((tree.proofs, tree.workspace), (target.proofs, theirs))
            for size in (255, 257, 657)
        ]
        assert roots[:3] == roots[3:]
        assert target.proofs.checkpoints(theirs, limit=9) == tree.proofs.checkpoints(tree.workspace, limit=9)
        assert len(target.proofs.checkpoints(theirs, limit=9)) == 3


def test_another_tree_is_not_gone_on_with(tree: Tree, tmp_path: Path) -> None:
    """Where the target's tree is not the source's, as far as both go, nothing is mixed."""
    tree.log.append(*[event() for _ in range(3)])
    tree.settle()
    with closing(open_store(f"sqlite:///{tmp_path}/copy.db")) as target:
        target.lock_for_appending()
        (theirs,) = copy_catalog(tree.store.catalog, target.catalog, [tree.workspace])
        tiles = [StoredTile(0, 0, b"x" * 96)]
        assert target.proofs.integrate(theirs, (0, 3), tiles, None)
        with pytest.raises(StartError, match="not the source's"):
            copy.copy_signed(
                tree.proofs, target.proofs, tree.workspace, theirs, copy.snapshot(tree.proofs, tree.workspace)
            )
