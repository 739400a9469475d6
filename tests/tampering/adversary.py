"""A log with its tree, and somebody who puts another history in its place: with or without the key that signs."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import apsw
from tests.logs import SILENCE, Log, event

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
from immutable.store.proof_store import StoredCheckpoint, StoredKey, StoredTile
from immutable.store.proof_tiles import tile_reader
from immutable.store.sqlite.store import SqliteLogStore

OLD, LENGTH = 5, 12
"""What an older copy holds, and the log now; a checkpoint was signed of each."""


def told(number: int) -> EventDraft:
    """What really happened."""
    return event(actor_id=f"u{number}", session_id="s", resource_type="doc", resource_id=f"d{number}")


HONEST = [told(number) for number in range(1, LENGTH + 1)]


def drop_guards(connection: apsw.Connection) -> None:
    """Take away the triggers that guard against our own mistakes."""
    for (name,) in connection.execute("SELECT name FROM main.sqlite_schema WHERE type='trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")


class Installation:
    """A database, the secret and the checkpoints beside it, and a process that signs."""

    def __init__(self, folder: Path, *witnesses: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.path = folder / "log.db"
        self.settings = Settings(
            database_url=f"sqlite:///{self.path}", secret_file=str(folder / "log.secret"), origin="log.example",
            checkpoints_folder=str(folder / "kept"), witnesses=witnesses,
        )  # fmt: skip
        self.open()

    def open(self) -> None:
        """Open the files as they are now."""
        self.store = SqliteLogStore(self.path)
        self.store.lock_for_appending()
        self.log = Log(self.store)
        self.workspace = self.log.workspace
        self.proofs = self.store.proofs
        self.kept = Kept.of(self.settings)
        self.keys = SigningKeys(self.proofs, self.settings)
        self.integrator = Integrator(self.store, self.keys, self.kept, 0)

    def close(self) -> None:
        """Fold everything into the files, and let go of them."""
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

    def edit(self, *statements: str) -> None:
        """Run statements without the triggers that guard against our own mistakes."""
        connection = apsw.Connection(str(self.path))
        connection.execute("PRAGMA foreign_keys=OFF")
        drop_guards(connection)
        for sql in statements:
            connection.execute(sql)
        connection.close()

    def verify(self, *, known: bool = True, notes: Sequence[bytes] = (), chain_only: bool = False) -> Verdict:
        """`known`: with what this host knows outside the database."""
        what = outside(self.settings, self.kept, self.workspace, *notes) if known else Outside(tuple(notes))
        return log_verify.verify(
            self.store, self.workspace, 1, 1 << 40, silence=SILENCE, outside=what, chain_only=chain_only
        )


class Attack:
    """The honest log, and an older copy of its files that the adversary has."""

    def __init__(self, folder: Path, *witnesses: str) -> None:
        self.folder = folder
        self.honest = Installation(folder / "honest", *witnesses)
        self.honest.append(HONEST[:OLD])
        self.first = self.honest.checkpoint()
        self.honest.close()
        shutil.copytree(self.honest.folder, folder / "copy")
        self.honest.open()
        self.honest.log.now += OLD * 1_000_000
        self.honest.append(HONEST[OLD:])
        self.second = self.honest.checkpoint()
        self.receipts = [entry.event_hash for entry in self.honest.log.entries()]

    def forge(self, drafts: Sequence[EventDraft], *, has_key: bool) -> Installation:
        """A history that goes on from the older copy with other events, whole in itself; `has_key`: and signed."""
        self.honest.close()
        folder = self.folder / "forged"
        shutil.copytree(self.folder / "copy", folder)
        forged = Installation(folder, *self.honest.settings.witnesses)
        forged.log.now += OLD * 1_000_000
        forged.log.append(*drafts)
        forged.log.settle()
        if has_key:
            forged.sign()
        return forged

    def put(self, forged: Installation, *, keeps: Sequence[str] = (), with_kept: bool = False) -> Installation:
        """Put the forged files in the place of the honest ones; `keeps`: tables left as they were.

        `with_kept`: also the checkpoints that are kept beside the database.
        """
        kept = [f"DELETE FROM {one}; INSERT INTO {one} SELECT * FROM honest.{one}" for one in keeps]
        forged.close()
        connection = apsw.Connection(str(forged.path))
        connection.execute("ATTACH ? AS honest", (str(self.honest.path),))
        drop_guards(connection)
        for sql in kept:
            connection.execute(sql)
        connection.close()
        for suffix in ("", ".index"):
            shutil.copy(f"{forged.path}{suffix}", f"{self.honest.path}{suffix}")
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
