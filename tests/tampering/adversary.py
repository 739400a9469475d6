"""A log with its tree, and somebody who puts another history in its place: with or without the key that signs."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.logs import SILENCE, Log, event
from tests.tampering.databases import Database, database

from immutable import clock
from immutable.checkpoints.integrate import Integrator
from immutable.checkpoints.kept import Kept
from immutable.checkpoints.keys import SigningKeys
from immutable.checkpoints.known import outside
from immutable.integrity.checkpoint import Checkpoint, format_checkpoint
from immutable.integrity.merkle import leaf_hash
from immutable.integrity.note import Signer, sign
from immutable.integrity.scope import Outside
from immutable.integrity.tiles import Tree, extend
from immutable.log import verify as log_verify
from immutable.log.verify import Verdict
from immutable.model.event import EventDraft
from immutable.settings import Settings
from immutable.store.open import open_store
from immutable.store.proof_store import StoredCheckpoint, StoredKey, StoredTile
from immutable.store.proof_tiles import tile_reader
from immutable.store.sqlite.store import SqliteLogStore

OLD, LENGTH = 5, 12
"""What an older copy holds, and the log now; a checkpoint was signed of each."""


def told(number: int) -> EventDraft:
    """What really happened."""
    return event(actor_id=f"u{number}", session_id="s", resource_type="doc", resource_id=f"d{number}")


HONEST = [told(number) for number in range(1, LENGTH + 1)]


class Installation:
    """A database, the secret and the checkpoints beside it, and a process that signs."""

    def __init__(self, folder: Path, database: Database) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.database = folder, database
        self.settings = Settings(
            database_url=database.url, secret_file=str(folder / "log.secret"), origin="log.example",
            checkpoints_folder=str(folder / "kept"),
        )  # fmt: skip

    def open(self) -> None:
        """Open everything as it is now."""
        self.store = open_store(self.database.url)
        self.store.lock_for_appending()
        self.log = Log(self.store)
        self.workspace = self.log.workspace
        self.proofs = self.store.proofs
        self.kept = Kept.of(self.settings)
        self.keys = SigningKeys(self.proofs, self.settings)
        self.integrator = Integrator(self.store, self.keys, self.kept, 0)

    def close(self) -> None:
        """Fold everything into the files, and let go of them."""
        if isinstance(self.store, SqliteLogStore):
            self.store.database.reader().close()
        self.store.close()

    def append(self, drafts: Sequence[EventDraft]) -> None:
        """Append, index, and sign."""
        self.log.append(*drafts)
        self.log.settle()
        self.sign()

    def sign(self) -> None:
        """Take everything into the tree."""
        while self.integrator.step():
            pass

    def sign_as(self, signer: Signer) -> None:
        """Take everything into the tree, and sign it with a key of the adversary's own, whose name the database then lists."""
        self.proofs.add_signing_key(
            self.workspace, StoredKey(signer.name, signer.verifier.public_key, None, clock.now(), 0)
        )
        size, length = self.proofs.tree(self.workspace).size, self.store.head(self.workspace).seq
        read = tile_reader(self.proofs, self.workspace)
        leaves = [leaf_hash(one) for one in self.proofs.event_hashes(self.workspace, size + 1, length)]
        tiles = [StoredTile(tile.level, tile.index, hashes) for tile, hashes in extend(read, size, leaves)]
        assert self.proofs.integrate(self.workspace, (size, length), tiles, None)
        root = Tree(read, length).root()
        note = sign(format_checkpoint(Checkpoint(signer.name, length, root)), [signer]).encode()
        made = StoredCheckpoint(length, signer.name, root, note, clock.now())
        assert self.proofs.integrate(self.workspace, (length, length), [], made)

    def checkpoint(self) -> bytes:
        """The latest checkpoint, as a client keeps it."""
        return self.proofs.checkpoints(self.workspace)[0].note

    def verify(self, *, known: bool = True, notes: Sequence[bytes] = (), chain_only: bool = False) -> Verdict:
        """`known`: with what this host knows outside the database."""
        what = outside(self.settings, self.kept, self.workspace, *notes) if known else Outside(tuple(notes))
        return log_verify.verify(
            self.store, self.workspace, 1, 1 << 40, silence=SILENCE, outside=what, chain_only=chain_only
        )


class Original:
    """The honest log and an older copy of all of it, made once; each test tampers with copies of both."""

    def __init__(self, folder: Path, engine: str, drafts: Sequence[EventDraft] = HONEST) -> None:
        self.folder, self.engine = folder, engine
        honest = Installation(folder / "honest", database(engine, folder / "honest" / "log.db", is_there=True))
        honest.open()
        honest.append(drafts[:OLD])
        self.first = honest.checkpoint()
        honest.close()
        shutil.copytree(folder / "honest", folder / "copy")
        self.copy = database(engine, folder / "copy" / "log.db")
        honest.database.copy_to(self.copy)
        honest.open()
        honest.log.now += OLD * 1_000_000
        honest.append(drafts[OLD:])
        self.second = honest.checkpoint()
        self.receipts = [entry.event_hash for entry in honest.log.entries()]
        honest.close()
        self.honest = honest.database


class Attack:
    """The honest log, and an older copy of it that the adversary has: `forged`, which is not open yet."""

    def __init__(self, folder: Path, original: Original) -> None:
        self.folder = folder
        self.first, self.second, self.receipts = original.first, original.second, original.receipts
        shutil.copytree(original.folder / "honest", folder / "honest")
        shutil.copytree(original.folder / "copy", folder / "forged")
        self.honest = Installation(folder / "honest", database(original.engine, folder / "honest" / "log.db"))
        original.honest.copy_to(self.honest.database)
        self.forged = Installation(folder / "forged", database(original.engine, folder / "forged" / "log.db"))
        self._copy, self._is_taken = original.copy, False
        self.honest.open()

    def forge(self, drafts: Sequence[EventDraft], *, has_key: bool) -> Installation:
        """A history that goes on from the older copy with other events, whole in itself; `has_key`: and signed."""
        self.take_copy().open()
        self.forged.log.now += OLD * 1_000_000
        self.forged.log.append(*drafts)
        self.forged.log.settle()
        if has_key:
            self.forged.sign()
        return self.forged

    def take_copy(self) -> Installation:
        """The older copy as it is, not open yet; the honest log is let go of."""
        self.honest.close()
        if not self._is_taken:
            self._copy.copy_to(self.forged.database)
        self._is_taken = True
        return self.forged

    def forget_keys(self) -> None:
        """Let the copy be without the log's keys and the secret, so that it makes its own."""
        self.take_copy()
        (self.forged.folder / "log.secret").unlink()
        self.forged.database.edit("DELETE FROM signing_keys", "DELETE FROM checkpoints")

    def put(self, forged: Installation, *, keeps: Sequence[str] = (), with_kept: bool = False) -> Installation:
        """Put the forged database in the place of the honest one; `keeps`: tables left as they were.

        `with_kept`: also the checkpoints that are kept beside the database.
        """
        forged.close()
        if keeps:
            forged.database.take(tuple(keeps), self.honest.database)
        forged.database.copy_to(self.honest.database)
        if with_kept:
            shutil.rmtree(self.honest.folder / "kept")
            shutil.copytree(forged.folder / "kept", self.honest.folder / "kept")
        self.honest.open()
        return self.honest

    def close(self) -> None:
        """Close what is open."""
        self.honest.close()


Forgery = Callable[[], Sequence[EventDraft]]
"""What the adversary puts in the place of the events behind the older copy."""
