"""Signing keys: sealed with a secret from outside the database, rotated on the record of the database, or given."""

import stat
from pathlib import Path

import msgspec
import pytest
from tests.checkpoints.conftest import Tree
from tests.logs import event

from immutable.checkpoints.keys import SigningKeys, verifier_of
from immutable.errors import Conflict, StartError
from immutable.integrity.note import Signer, open_note


def _with(tree: Tree, **changes: object) -> SigningKeys:
    return SigningKeys(tree.proofs, msgspec.structs.replace(tree.settings, **changes))


def test_the_secret_is_made_once_for_its_owner_alone(tree: Tree) -> None:
    """With mode 0600, and the same for every process that starts."""
    tree.keys.check()
    file = Path(tree.settings.secret_file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_text()
    _with(tree).check()
    assert file.read_text() == before
    assert len(before.strip()) >= 43


def test_a_seed_never_lies_open_in_the_database(tree: Tree) -> None:
    """What is stored is longer than the seed and does not hold it; another secret does not open it."""
    signer = tree.keys.signer(tree.workspace, 0)
    (key,) = tree.proofs.signing_keys(tree.workspace)
    assert key.seed is not None
    assert signer.seed not in key.seed
    with pytest.raises(StartError, match="Copy the secret file"):
        _with(tree, secret="another secret of the operator").check()
    Path(tree.settings.secret_file).unlink()
    with pytest.raises(StartError, match="holds signing keys, but there is no secret"):
        _with(tree).check()


def test_a_seed_copied_to_another_workspace_does_not_open(tree: Tree) -> None:
    """It is bound to its workspace and its public key."""
    tree.keys.signer(tree.workspace, 0)
    (key,) = tree.proofs.signing_keys(tree.workspace)
    other = tree.store.catalog.create_workspace("other")
    tree.proofs.add_signing_key(other, key)
    with pytest.raises(StartError):
        tree.keys.signer(other, 0)


@pytest.mark.parametrize("secret", ["short", " "])
def test_a_short_secret_is_refused(tree: Tree, secret: str) -> None:
    """It would be guessed."""
    with pytest.raises(StartError, match="too short"):
        _with(tree, secret=secret).check()


def test_old_checkpoints_survive_a_rotation(tree: Tree) -> None:
    """The new key signs what comes, the old one's public half checks what was; the origin stays."""
    tree.log.append(event())
    tree.settle()
    tree.keys.make(tree.workspace, 1)
    tree.log.append(event())
    tree.settle()
    old, new = tree.proofs.signing_keys(tree.workspace)
    second, first = tree.proofs.checkpoints(tree.workspace, limit=9)
    assert first.origin == second.origin == old.name == new.name
    assert (old.first_size, new.first_size, new.retired_at) == (0, 1, None)
    assert old.retired_at is not None
    assert open_note(first.note, [verifier_of(old)]).signatures
    assert open_note(second.note, [verifier_of(new)]).signatures


def test_a_key_from_outside_signs_and_is_not_stored(tree: Tree, tmp_path: Path) -> None:
    """The database holds its public half alone; without the file nothing is signed, and it is not replaced by itself."""
    signer = Signer(f"log.example/{tree.workspace.id}", b"7" * 32)
    file = tmp_path / "keys"
    file.write_text(signer.exported() + "\n")
    keys = _with(tree, signing_key_file=str(file))
    keys.check()
    assert keys.signer(tree.workspace, 0) == signer
    (key,) = tree.proofs.signing_keys(tree.workspace)
    assert (key.public, key.seed) == (signer.verifier.public_key, None)
    with pytest.raises(Conflict):
        keys.make(tree.workspace, 0)
    with pytest.raises(StartError, match="IMMUTABLE_SIGNING_KEY_FILE"):
        _with(tree).signer(tree.workspace, 0)
    file.write_text("no key\n")
    with pytest.raises(StartError, match="cannot be read"):
        _with(tree, signing_key_file=str(file)).check()
