"""Anchors as rows: the same statements on every engine, which differ in how they are sent."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import msgspec

from immutable.model.workspace import Workspace
from immutable.store.anchor_store import Link, Status, StoredAnchor

Send = Callable[[str, Sequence[object]], list[Any]]
"""Sends one statement, with `?` for its values, and gives its rows."""

_NAMES = [field.name for field in msgspec.structs.fields(StoredAnchor)]
_COLUMNS = ", ".join(_NAMES)
_CHANGING = ["status", "tx_hash", "block_number", "confirmed_at", "token", "attempts", "try_at", "error"]
_UNFINISHED = "('pending','submitted')"


class SqlAnchorStore(ABC):
    """The anchors of one database; an engine says how statements are sent, and who may anchor."""

    @abstractmethod
    def _read(self, sql: str, *values: object) -> list[Any]:
        """The rows of one statement, as of now."""

    @abstractmethod
    def _transaction(self) -> AbstractContextManager[Send]:
        """A durable transaction."""

    def add(self, workspace: Workspace, anchor: StoredAnchor) -> bool:
        """Add one; False where its place is taken, or another one is not finished."""
        values = [getattr(anchor, name) for name in _NAMES]
        marks = ",".join("?" * (len(values) + 1))
        sql = f"INSERT INTO anchors (workspace_number, {_COLUMNS}) VALUES ({marks}) ON CONFLICT DO NOTHING RETURNING 1"
        with self._transaction() as send:
            return bool(send(sql, (workspace.number, *values)))

    def update(self, workspace: Workspace, anchor: StoredAnchor) -> bool:
        """Keep what became of an unfinished anchor."""
        sets = ", ".join(f"{name}=?" for name in _CHANGING)
        sql = (
            f"UPDATE anchors SET {sets} WHERE workspace_number=? AND chain=? AND number=? AND status IN {_UNFINISHED} "
            "AND attempts=? RETURNING 1"
        )
        values = [getattr(anchor, name) for name in _CHANGING]
        place = (workspace.number, anchor.chain, anchor.number, anchor.attempts - 1)
        with self._transaction() as send:
            return bool(send(sql, (*values, *place)))

    def anchors(
        self,
        workspace: Workspace,
        *,
        chain: str | None = None,
        statuses: Sequence[Status] = (),
        before: int | None = None,
        limit: int = 1,
    ) -> list[StoredAnchor]:
        """Anchors, newest first."""
        where, values = "workspace_number=?", [workspace.number]  # type: tuple[str, list[object]]
        if chain is not None:
            where, values = where + " AND chain=?", [*values, chain]
        if statuses:
            where, values = where + f" AND status IN ({','.join('?' * len(statuses))})", [*values, *statuses]
        if before is not None:
            where, values = where + " AND created_at < ?", [*values, before]
        order = "number DESC" if chain is not None else "created_at DESC, chain, number DESC"
        rows = self._read(f"SELECT {_COLUMNS} FROM anchors WHERE {where} ORDER BY {order} LIMIT ?", *values, limit)
        return [_anchor(row) for row in rows]

    def anchor(self, workspace: Workspace, anchor_id: str) -> StoredAnchor | None:
        """The anchor of this id."""
        rows = self._read(
            f"SELECT {_COLUMNS} FROM anchors WHERE workspace_number=? AND id=?", workspace.number, anchor_id
        )
        return _anchor(rows[0]) if rows else None

    def count(self, workspace: Workspace) -> int:
        """How many there are."""
        number: int = self._read("SELECT count(*) FROM anchors WHERE workspace_number=?", workspace.number)[0][0]
        return number

    def covering(self, workspace: Workspace, seq: int) -> list[StoredAnchor]:
        """Of each chain the first confirmed anchor that covers event `seq`."""
        sql = (
            f"SELECT {_COLUMNS} FROM anchors a WHERE workspace_number=? AND status='confirmed' AND number = "
            "(SELECT min(number) FROM anchors b WHERE b.workspace_number=? AND b.chain=a.chain "
            "AND b.status='confirmed' AND b.size >= ?) ORDER BY chain"
        )
        return [_anchor(row) for row in self._read(sql, workspace.number, workspace.number, seq)]

    def links(self, workspace: Workspace, chain: str, through: int) -> list[Link]:
        """The confirmed anchors of a chain up to this number, oldest first."""
        sql = (
            "SELECT size, root, tx_hash, previous_hash FROM anchors "
            "WHERE workspace_number=? AND chain=? AND number<=? AND status='confirmed' ORDER BY number"
        )
        return [Link(*row) for row in self._read(sql, workspace.number, chain, through)]

    def unfinished(self) -> list[tuple[Workspace, StoredAnchor]]:
        """All anchors that are not finished, whose they may be."""
        where = f"a.status IN {_UNFINISHED} ORDER BY a.try_at"
        return self._with_workspaces(where)

    def everybodys(
        self, *, anchor_id: str | None = None, tx_hash: str | None = None
    ) -> tuple[Workspace, StoredAnchor] | None:
        """The anchor of this id or of this transaction, whose it may be."""
        column, value = ("id", anchor_id) if anchor_id is not None else ("tx_hash", tx_hash)
        found = self._with_workspaces(f"a.{column}=? ORDER BY a.created_at LIMIT 1", value)
        return found[0] if found else None

    def _with_workspaces(self, where: str, *values: object) -> list[tuple[Workspace, StoredAnchor]]:
        columns = ", ".join(f"a.{name}" for name in _NAMES)
        sql = (
            f"SELECT w.number, w.id, w.name, {columns} FROM anchors a JOIN workspaces w ON w.number = a.workspace_number "
            f"WHERE {where}"
        )
        return [(Workspace(*row[:3]), _anchor(row[3:])) for row in self._read(sql, *values)]


def _anchor(row: Sequence[Any]) -> StoredAnchor:
    return StoredAnchor(**dict(zip(_NAMES, row, strict=True)))
