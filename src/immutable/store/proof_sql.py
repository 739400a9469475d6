"""Tiles, checkpoints and signing keys as rows: the same statements on every engine, which differ in how they are sent."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from immutable.model.workspace import Workspace
from immutable.store.proof_store import Cosignature, StoredCheckpoint, StoredKey, StoredTile, TreeState

Send = Callable[[str, Sequence[object]], list[Any]]
"""Sends one statement, with `?` for its values, and gives its rows."""

_CHECKPOINT = "size, origin, root, note, created_at"
_KEY = "name, public, seed, created_at, first_size, retired_at"


class SqlProofStore(ABC):
    """The proof store of one database; an engine says how statements are sent, and who may integrate."""

    @abstractmethod
    def _read(self, sql: str, *values: object) -> list[Any]:
        """The rows of one statement, as of now."""

    @abstractmethod
    def _transaction(self, *, of_holder: bool = False) -> AbstractContextManager[Send]:
        """A durable transaction; `of_holder`: it fails where this process does not hold the lease any more."""

    def trees(self, *, only_behind: bool = True) -> list[tuple[Workspace, int, TreeState]]:
        """The workspaces whose log is not as long as their tree, or whose tree is halted; with the length of the log."""
        where = "WHERE coalesce(h.seq, 0) <> coalesce(t.size, 0) OR t.halted IS NOT NULL " if only_behind else ""
        rows = self._read(
            "SELECT w.number, w.id, w.name, coalesce(h.seq, 0), coalesce(t.size, 0), t.halted FROM workspaces w "
            "LEFT JOIN heads h ON h.workspace_number = w.number LEFT JOIN trees t ON t.workspace_number = w.number "
            f"{where}ORDER BY w.number"
        )
        return [(Workspace(*row[:3]), row[3], TreeState(row[4], row[5])) for row in rows]

    def tree(self, workspace: Workspace) -> TreeState:
        """The state of the tree."""
        rows = self._read("SELECT size, halted FROM trees WHERE workspace_number=?", workspace.number)
        return TreeState(*rows[0]) if rows else TreeState()

    def tiles(self, workspace: Workspace, places: Sequence[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
        """The hashes of the tiles at these (level, index)."""
        if not places:
            return {}
        wanted = " OR ".join(["(level=? AND idx=?)"] * len(places))
        sql = f"SELECT level, idx, hashes FROM tiles WHERE workspace_number=? AND ({wanted})"
        rows = self._read(sql, workspace.number, *(number for place in places for number in place))
        return {(level, index): bytes(hashes) for level, index, hashes in rows}

    def integrate(
        self,
        workspace: Workspace,
        sizes: tuple[int, int],
        tiles: Sequence[StoredTile],
        checkpoint: StoredCheckpoint | None,
    ) -> bool:
        """Let the tree go from the first size to the second, and keep the checkpoint of it."""
        with self._transaction(of_holder=True) as send:
            send("INSERT INTO trees VALUES (?,0,NULL) ON CONFLICT DO NOTHING RETURNING 1", (workspace.number,))
            swap = "UPDATE trees SET size=? WHERE workspace_number=? AND size=? AND halted IS NULL RETURNING 1"
            if not send(swap, (sizes[1], workspace.number, sizes[0])):
                return False
            for tile in tiles:
                send(
                    "INSERT INTO tiles VALUES (?,?,?,?) ON CONFLICT (workspace_number, level, idx) "
                    "DO UPDATE SET hashes = excluded.hashes RETURNING 1",
                    (workspace.number, tile.level, tile.index, tile.hashes),
                )
            if checkpoint is not None:
                values = (checkpoint.size, checkpoint.origin, checkpoint.root, checkpoint.note, checkpoint.created_at)
                send("INSERT INTO checkpoints VALUES (?,?,?,?,?,?) RETURNING 1", (workspace.number, *values))
        return True

    def set_halted(self, workspace: Workspace, why: str | None, size: int | None = None) -> None:
        """Sign nothing more until it is set to None; `size`: go on from there."""
        with self._transaction() as send:
            send("INSERT INTO trees VALUES (?,0,NULL) ON CONFLICT DO NOTHING RETURNING 1", (workspace.number,))
            sql = "UPDATE trees SET halted=?, size=coalesce(?, size) WHERE workspace_number=? RETURNING 1"
            send(sql, (why, size, workspace.number))

    def checkpoints(
        self, workspace: Workspace, *, size: int | None = None, before: int | None = None, limit: int = 1
    ) -> list[StoredCheckpoint]:
        """Checkpoints, newest first, of trees of this size, or made before a time."""
        where, values = "workspace_number=?", [workspace.number]
        if size is not None:
            where, values = where + " AND size=?", [*values, size]
        if before is not None:
            where, values = where + " AND created_at < ?", [*values, before]
        sql = f"SELECT {_CHECKPOINT} FROM checkpoints WHERE {where} ORDER BY created_at DESC LIMIT ?"
        return [StoredCheckpoint(*row) for row in self._read(sql, *values, limit)]

    def cosignatures(self, workspace: Workspace, sizes: Sequence[int]) -> list[Cosignature]:
        """What witnesses signed of the checkpoints of these sizes, oldest first."""
        if not sizes:
            return []
        marks = ",".join("?" * len(sizes))
        sql = (
            "SELECT size, origin, witness, line, created_at FROM cosignatures "
            f"WHERE workspace_number=? AND size IN ({marks}) ORDER BY created_at, witness"
        )
        return [Cosignature(*row) for row in self._read(sql, workspace.number, *sizes)]

    def add_cosignature(self, workspace: Workspace, cosignature: Cosignature) -> None:
        """Keep what a witness signed."""
        values = (cosignature.size, cosignature.origin, cosignature.witness, cosignature.line, cosignature.created_at)
        with self._transaction() as send:
            sql = "INSERT INTO cosignatures VALUES (?,?,?,?,?,?) ON CONFLICT DO NOTHING RETURNING 1"
            send(sql, (workspace.number, *values))

    def signing_keys(self, workspace: Workspace) -> list[StoredKey]:
        """A workspace's keys, oldest first."""
        sql = f"SELECT {_KEY} FROM signing_keys WHERE workspace_number=? ORDER BY created_at, first_size, public"
        return [StoredKey(*row) for row in self._read(sql, workspace.number)]

    def all_signing_keys(self) -> list[tuple[str, StoredKey]]:
        """All keys with their workspaces' ids."""
        keys = "k." + _KEY.replace(", ", ", k.")
        sql = f"SELECT w.id, {keys} FROM signing_keys k JOIN workspaces w ON w.number = k.workspace_number"
        return [(row[0], StoredKey(*row[1:])) for row in self._read(sql)]

    def add_signing_key(self, workspace: Workspace, key: StoredKey) -> bool:
        """Add the key that signs from now on, and retire all others; False where it is there already."""
        with self._transaction() as send:
            added = send(
                "INSERT INTO signing_keys VALUES (?,?,?,?,?,?,NULL) ON CONFLICT DO NOTHING RETURNING 1",
                (workspace.number, key.public, key.name, key.seed, key.created_at, key.first_size),
            )
            retire = (
                "UPDATE signing_keys SET retired_at=? WHERE workspace_number=? AND public<>? AND retired_at IS NULL "
                "RETURNING 1"
            )
            if added:
                send(retire, (key.created_at, workspace.number, key.public))
        return bool(added)

    def published(self, workspace_id: str) -> Workspace | None:
        """The workspace of this id, if everybody may read its tree."""
        rows = self._read("SELECT number, id, name FROM workspaces WHERE id=? AND published=1", workspace_id)
        return Workspace(*rows[0]) if rows else None

    def set_published(self, workspace: Workspace, published: bool) -> None:
        """Let everybody read the workspace's tree, or nobody."""
        with self._transaction() as send:
            send("UPDATE workspaces SET published=? WHERE number=? RETURNING 1", (int(published), workspace.number))

    def is_published(self, workspace: Workspace) -> bool:
        """Whether everybody may read its tree."""
        return bool(self._read("SELECT 1 FROM workspaces WHERE number=? AND published=1", workspace.number))
