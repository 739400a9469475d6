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
_COSIGNATURE = "size, origin, witness, line, created_at"
_SIGNED = ("checkpoints", "cosignatures")
_SINCE = "workspace_number=? AND created_at >= ? ORDER BY created_at"
_ADD_COSIGNATURE = "INSERT INTO cosignatures VALUES (?,?,?,?,?,?) ON CONFLICT DO NOTHING RETURNING 1"
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

    def unsigned(self, witnesses: Sequence[str]) -> list[tuple[Workspace, StoredCheckpoint]]:
        """The latest checkpoints, of trees that are not halted, that not all of these witnesses signed."""
        marks = ",".join("?" * len(witnesses))
        checkpoint = "c." + _CHECKPOINT.replace(", ", ", c.")
        rows = self._read(
            f"SELECT w.number, w.id, w.name, {checkpoint} FROM trees t "
            "JOIN workspaces w ON w.number = t.workspace_number "
            "JOIN checkpoints c ON c.workspace_number = t.workspace_number AND c.created_at = "
            "(SELECT max(m.created_at) FROM checkpoints m WHERE m.workspace_number = t.workspace_number) "
            "WHERE t.halted IS NULL AND (SELECT count(*) FROM cosignatures s WHERE s.workspace_number = c.workspace_number "
            f"AND s.size = c.size AND s.origin = c.origin AND s.witness IN ({marks})) < ? ORDER BY w.number",
            *witnesses,
            len(witnesses),
        )
        return [(Workspace(*row[:3]), StoredCheckpoint(*row[3:])) for row in rows]

    def cosignatures(self, workspace: Workspace, sizes: Sequence[int]) -> list[Cosignature]:
        """What witnesses signed of the checkpoints of these sizes, oldest first."""
        if not sizes:
            return []
        marks = ",".join("?" * len(sizes))
        sql = (
            f"SELECT {_COSIGNATURE} FROM cosignatures "
            f"WHERE workspace_number=? AND size IN ({marks}) ORDER BY created_at, witness"
        )
        return [Cosignature(*row) for row in self._read(sql, workspace.number, *sizes)]

    def cosigned(self, workspace: Workspace, witnesses: Sequence[str], *, below: int, limit: int) -> list[Cosignature]:
        """What these witnesses signed of checkpoints smaller than `below`, the largest first."""
        marks = ",".join("?" * len(witnesses))
        where = f"workspace_number=? AND size < ? AND witness IN ({marks})"
        sql = f"SELECT {_COSIGNATURE} FROM cosignatures WHERE {where} ORDER BY size DESC LIMIT ?"
        return [Cosignature(*row) for row in self._read(sql, workspace.number, below, *witnesses, limit)]

    def add_cosignature(self, workspace: Workspace, cosignature: Cosignature) -> None:
        """Keep what a witness signed."""
        self.put_signed(workspace, [], [cosignature])

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

    def last_times(self, workspace: Workspace) -> tuple[int, int]:
        """When the newest checkpoint was made and the newest cosignature kept."""
        sql = "SELECT coalesce(max(created_at), 0) FROM {} WHERE workspace_number=?"
        made, signed = (self._read(sql.format(table), workspace.number)[0][0] for table in _SIGNED)
        return made, signed

    def checkpoints_since(self, workspace: Workspace, made_at: int, limit: int) -> list[StoredCheckpoint]:
        """Checkpoints that were made at a time or later, oldest first."""
        sql = f"SELECT {_CHECKPOINT} FROM checkpoints WHERE {_SINCE}, size, origin LIMIT ?"
        return [StoredCheckpoint(*row) for row in self._read(sql, workspace.number, made_at, limit)]

    def cosignatures_since(self, workspace: Workspace, made_at: int, limit: int) -> list[Cosignature]:
        """Cosignatures that were kept at a time or later, oldest first."""
        sql = f"SELECT {_COSIGNATURE} FROM cosignatures WHERE {_SINCE}, size, origin, witness LIMIT ?"
        return [Cosignature(*row) for row in self._read(sql, workspace.number, made_at, limit)]

    def put_signing_key(self, workspace: Workspace, key: StoredKey) -> None:
        """Keep a key as it is, and when it retired."""
        with self._transaction() as send:
            send(
                "INSERT INTO signing_keys VALUES (?,?,?,?,?,?,?) ON CONFLICT (workspace_number, public) "
                "DO UPDATE SET retired_at = coalesce(excluded.retired_at, signing_keys.retired_at) RETURNING 1",
                (
                    workspace.number, key.public, key.name, key.seed, key.created_at, key.first_size, key.retired_at,
                ),
            )  # fmt: skip

    def put_signed(
        self, workspace: Workspace, checkpoints: Sequence[StoredCheckpoint], cosignatures: Sequence[Cosignature]
    ) -> None:
        """Keep these as they are, in one transaction; those that are there stay."""
        with self._transaction() as send:
            for one in checkpoints:
                values = (one.size, one.origin, one.root, one.note, one.created_at)
                sql = "INSERT INTO checkpoints VALUES (?,?,?,?,?,?) ON CONFLICT DO NOTHING RETURNING 1"
                send(sql, (workspace.number, *values))
            for line in cosignatures:
                send(
                    _ADD_COSIGNATURE,
                    (workspace.number, line.size, line.origin, line.witness, line.line, line.created_at),
                )
