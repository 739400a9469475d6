"""Workspaces, keys and holds on SQLite."""

import os
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

import apsw

from immutable import clock
from immutable.model.act import Act
from immutable.model.hold import Hold
from immutable.model.retention import Retention
from immutable.model.workspace import ApiKey, Scope, Spending, Workspace
from immutable.store.acts import WaitingActs, keep
from immutable.store.catalog_rows import HOLDS, KEY_COLUMNS, encode_held, hold_of, key_of
from immutable.store.displays import Displays
from immutable.store.investigations import Investigations
from immutable.store.members import Members
from immutable.store.sign_ins import SignIns
from immutable.store.sqlite.connection import Database, one
from immutable.store.sqlite.statements import SqliteStatements, sender

_GENERATION_SECONDS = 0.001
"""How long one look at the generation may serve: many requests in the same millisecond share it."""


class SqliteCatalog:
    """The catalogue of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._local = threading.local()
        self._generation = 0
        self._generation_until = 0.0
        statements = SqliteStatements(database, self._change)
        self.members, self.sign_ins, self.acts = Members(statements), SignIns(statements), WaitingActs(statements)
        self.investigations, self.displays = Investigations(statements), Displays(statements)

    def workspaces(self) -> list[Workspace]:
        """All workspaces, by name."""
        return [
            Workspace(*row) for row in self._reader().execute("SELECT number, id, name FROM workspaces ORDER BY name")
        ]

    def workspace(self, name: str) -> Workspace | None:
        """The workspace of this name."""
        row = self._reader().execute("SELECT number, id, name FROM workspaces WHERE name=?", (name,)).fetchone()
        return None if row is None else Workspace(*row)

    def create_workspace(self, name: str, act: Act | None = None) -> Workspace:
        """The workspace of this name, made if it is new."""
        workspace_id = f"ws_{os.urandom(8).hex()}"
        return self.put_workspace(workspace_id, name, None if act is None else act.about(workspace_id))

    def put_workspace(self, workspace_id: str, name: str, act: Act | None = None) -> Workspace:
        """The workspace of this name, made with this id if it is new."""
        with self._change(act=act) as writer:
            writer.execute(
                "INSERT OR IGNORE INTO workspaces (id, name, created_at) VALUES (?,?,?)",
                (workspace_id, name, clock.now()),
            )
        workspace = self.workspace(name)
        assert workspace is not None  # noqa: S101 - it was just made
        return workspace

    def allowlist(self, workspace: Workspace) -> tuple[str, ...]:
        """The addresses and ranges from which the workspace's keys may be used."""
        text: str = one(self._reader(), "SELECT allowlist FROM workspaces WHERE number=?", (workspace.number,)) or ""
        return tuple(text.split())

    def set_allowlist(self, workspace: Workspace, allowlist: Sequence[str], act: Act | None = None) -> None:
        """Allow these addresses and ranges, and no others."""
        with self._change(act=act) as writer:
            writer.execute("UPDATE workspaces SET allowlist=? WHERE number=?", (" ".join(allowlist), workspace.number))

    def add_key(
        self,
        workspace: Workspace,
        *,
        name: str,
        digest: bytes,
        hint: str,
        scopes: tuple[Scope, ...],
        act: Act | None = None,
    ) -> ApiKey:
        """Store a key by the digest of its secret."""
        key_id = f"key_{os.urandom(8).hex()}"
        with self._change(act=None if act is None else act.about(key_id)) as writer:
            writer.execute(
                "INSERT INTO keys VALUES (?,?,?,?,?,?,?,NULL,NULL)",
                (key_id, workspace.number, name, digest, hint, ",".join(scopes), clock.now()),
            )
        key = self.key(digest)
        assert key is not None  # noqa: S101 - it was just stored
        return key

    def key(self, digest: bytes) -> ApiKey | None:
        """The key with this digest, revoked or not."""
        row = self._reader().execute(f"SELECT {KEY_COLUMNS} WHERE k.digest=?", (digest,)).fetchone()
        return None if row is None else key_of(row)

    def keys(self, workspace: Workspace) -> list[ApiKey]:
        """A workspace's keys, oldest first."""
        rows = self._reader().execute(
            f"SELECT {KEY_COLUMNS} WHERE w.number=? ORDER BY k.created_at, k.id", (workspace.number,)
        )
        return [key_of(row) for row in rows]

    def key_digests(self, workspace: Workspace) -> list[tuple[ApiKey, bytes]]:
        """A workspace's keys with the digests of their secrets."""
        rows = self._reader().execute(
            f"SELECT k.digest, {KEY_COLUMNS} WHERE w.number=? ORDER BY k.created_at, k.id", (workspace.number,)
        )
        return [(key_of(row), digest) for digest, *row in rows]

    def put_key(self, workspace: Workspace, key: ApiKey, digest: bytes) -> None:
        """Store a copy of another store's key, or bring the copy up to date."""
        with self._change() as writer:
            writer.execute(
                "INSERT INTO keys VALUES (?,?,?,?,?,?,?,?,?) ON CONFLICT (id) DO UPDATE SET "
                "revoked_at = coalesce(revoked_at, excluded.revoked_at)",
                (key.id, workspace.number, key.name, digest, key.hint, ",".join(key.scopes), key.created_at,
                 key.last_used_at, key.revoked_at),
            )  # fmt: skip

    def revoke_key(self, workspace: Workspace, key_id: str, act: Act | None = None) -> bool:
        """Revoke a key for good; False where the workspace has none of this id."""
        with self._change() as writer:
            writer.execute(
                "UPDATE keys SET revoked_at = coalesce(revoked_at, ?) WHERE id=? AND workspace_number=?",
                (clock.now(), key_id, workspace.number),
            )
            is_known = bool(writer.changes())
            if is_known and act is not None:
                keep(sender(writer), act)
        return is_known

    def put_hold(self, workspace: Workspace, hold: Hold) -> None:
        """Store a hold, or release the stored one where this copy of it is released."""
        with self._change() as writer:
            writer.execute(
                "INSERT INTO holds VALUES (?,?,?,?,?,?) ON CONFLICT (id) DO UPDATE SET "
                "released_at = coalesce(released_at, excluded.released_at)",
                (hold.id, workspace.number, encode_held(hold.events), hold.reason, hold.created_at, hold.released_at),
            )

    def holds(self, workspace: Workspace) -> list[Hold]:
        """A workspace's holds, oldest first, released ones too."""
        rows = self._reader().execute(f"{HOLDS} WHERE workspace_number=? ORDER BY created_at, id", (workspace.number,))
        return [hold_of(row) for row in rows]

    def release_hold(self, workspace: Workspace, hold_id: str, at: int) -> bool:
        """Release a hold for good."""
        with self._change() as writer:
            writer.execute(
                "UPDATE holds SET released_at=? WHERE workspace_number=? AND id=? AND released_at IS NULL",
                (at, workspace.number, hold_id),
            )
            return bool(writer.changes())

    def retention(self, workspace: Workspace) -> Retention | None:
        """How long a workspace keeps its events."""
        sql = "SELECT days, archive FROM retention WHERE workspace_number=?"
        row: Any = self._reader().execute(sql, (workspace.number,)).fetchone()
        return None if row is None else Retention(*row)

    def set_retention(self, workspace: Workspace, retention: Retention | None, act: Act | None = None) -> None:
        """Change how long a workspace keeps its events."""
        with self._change(act=act) as writer:
            writer.execute("DELETE FROM retention WHERE workspace_number=?", (workspace.number,))
            if retention is not None:
                values = (workspace.number, retention.days, retention.archive)
                writer.execute("INSERT INTO retention VALUES (?,?,?)", values)

    def note_key_uses(self, uses: dict[str, int]) -> None:
        """Record when keys were last used: key id to microseconds."""
        with self._change(counts=False) as writer:
            writer.executemany("UPDATE keys SET last_used_at=? WHERE id=?", [(at, key) for key, at in uses.items()])

    def spend(self, spendings: Sequence[Spending]) -> Mapping[tuple[int, str], float]:  # noqa: ARG002 - see Catalog
        """Nothing to share: one process serves a file."""
        return {}

    def forget_spendings(self) -> None:
        """Nothing was kept."""

    def generation(self) -> int:
        """A number that changes whenever a key or workspace does."""
        now = time.monotonic()
        if now >= self._generation_until:
            self._generation = one(self._reader(), "SELECT value FROM meta WHERE name='catalog_generation'") or 0
            self._generation_until = now + _GENERATION_SECONDS
        return self._generation

    def first_number(self, name: str, value: int | None) -> int | None:
        """The number first stored under this name."""
        if value is not None:
            with self._change(counts=False) as writer:
                writer.execute("INSERT OR IGNORE INTO meta VALUES (?,?)", ("number:" + name, value))
        found: int | None = one(self._reader(), "SELECT value FROM meta WHERE name=?", ("number:" + name,))
        return found

    def note(self, name: str) -> bytes | None:
        """What was last noted under this name."""
        found: bytes | None = one(self._reader(), "SELECT value FROM meta WHERE name=?", ("note:" + name,))
        return found

    def put_note(self, name: str, content: bytes) -> None:
        """Note this under a name."""
        with self._change(counts=False) as writer:
            writer.execute("INSERT OR REPLACE INTO meta VALUES (?,?)", ("note:" + name, content))

    def secret(self, name: str) -> bytes:
        """32 random bytes under this name, made on first use and kept."""
        with self._change(counts=False) as writer:
            writer.execute("INSERT OR IGNORE INTO meta VALUES (?,?)", ("secret:" + name, os.urandom(32)))
        return bytes(one(self._reader(), "SELECT value FROM meta WHERE name=?", ("secret:" + name,)))

    def close(self) -> None:
        """Nothing to do: a thread's connection ends with it."""

    def _reader(self) -> apsw.Connection:
        return self._database.reader()

    def _change(self, *, counts: bool = True, act: Act | None = None) -> "_Change":
        return _Change(self._database, counts, act)


class _Change:
    """A short transaction on a connection of its own; one that counts moves the generation, and one with an act keeps it."""

    def __init__(self, database: Database, counts: bool, act: Act | None) -> None:
        self._connection = database.writer()
        self._counts, self._act = counts, act

    def __enter__(self) -> apsw.Connection:
        self._connection.execute("BEGIN IMMEDIATE")
        return self._connection

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            if kind is None:
                if self._act is not None:
                    keep(sender(self._connection), self._act)
                if self._counts:
                    self._connection.execute(
                        "INSERT INTO meta VALUES ('catalog_generation', 1) ON CONFLICT DO UPDATE SET value = value + 1"
                    )
                self._connection.execute("COMMIT")
            else:
                self._connection.execute("ROLLBACK")
        finally:
            self._connection.close()
