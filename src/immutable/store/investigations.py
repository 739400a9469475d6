"""Investigations in the catalogue: how each stands now, by the same statements on both engines. Durable on return.

What was done to one, and its notes, is in the log (`evidence/investigations.py`), which is told first: a statement here is said
again without harm.
"""

from immutable.model.investigation import Investigation, Item
from immutable.model.workspace import Workspace
from immutable.store.statements import Statements

_COLUMNS = "i.id, i.ticket, i.title, i.created_by, i.created_at, i.closed_at"


class Investigations:
    """All investigations of all workspaces."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def put(self, workspace: Workspace, one: Investigation) -> None:
        """Store an investigation; one of this id that is there stays as it is."""
        sql = "INSERT INTO investigations VALUES (?,?,?,?,?,?,?) ON CONFLICT DO NOTHING RETURNING 1"
        with self._statements.change(counts=False) as send:
            send(sql, workspace.number, one.id, one.ticket, one.title, one.created_by, one.created_at, one.closed_at)

    def one(self, workspace: Workspace, investigation_id: str) -> Investigation | None:
        """The investigation of this id."""
        sql = f"SELECT {_COLUMNS} FROM investigations i WHERE i.workspace_number=? AND i.id=?"
        rows = self._statements.read(sql, workspace.number, investigation_id)
        return Investigation(*rows[0]) if rows else None

    def page(
        self, workspace: Workspace, *, is_closed: bool | None, before: tuple[int, str] | None, limit: int
    ) -> list[Investigation]:
        """Investigations, newest first, from before a time and an id."""
        where, values = ["i.workspace_number=?"], [workspace.number]
        if is_closed is not None:
            where.append(f"i.closed_at IS {'NOT ' if is_closed else ''}NULL")
        if before is not None:
            where.append("(i.created_at, i.id) < (?, ?)")
        rows = self._statements.read(
            f"SELECT {_COLUMNS} FROM investigations i WHERE {' AND '.join(where)} "
            "ORDER BY i.created_at DESC, i.id DESC LIMIT ?",
            *values, *(before or ()), limit,
        )  # fmt: skip
        return [Investigation(*row) for row in rows]

    def set_closed(self, workspace: Workspace, investigation_id: str, closed_at: int | None) -> None:
        """Close an investigation, or open it again."""
        sql = "UPDATE investigations SET closed_at=? WHERE workspace_number=? AND id=? RETURNING 1"
        with self._statements.change(counts=False) as send:
            send(sql, closed_at, workspace.number, investigation_id)

    def items(self, workspace: Workspace, investigation_id: str) -> list[Item]:
        """What it holds, in the order in which it was gathered."""
        rows = self._statements.read(
            "SELECT kind, item_id, added_at FROM investigation_items WHERE workspace_number=? AND investigation_id=? "
            "ORDER BY added_at, kind, item_id",
            workspace.number, investigation_id,
        )  # fmt: skip
        return [Item(*row) for row in rows]

    def add_item(self, workspace: Workspace, investigation_id: str, item: Item) -> None:
        """Gather something; what is held already stays as it is."""
        sql = "INSERT INTO investigation_items VALUES (?,?,?,?,?) ON CONFLICT DO NOTHING RETURNING 1"
        with self._statements.change(counts=False) as send:
            send(sql, workspace.number, investigation_id, item.kind, item.id, item.added_at)

    def remove_item(self, workspace: Workspace, investigation_id: str, item: Item) -> None:
        """Hold something no longer."""
        sql = (
            "DELETE FROM investigation_items WHERE workspace_number=? AND investigation_id=? AND kind=? AND item_id=? "
            "RETURNING 1"
        )
        with self._statements.change(counts=False) as send:
            send(sql, workspace.number, investigation_id, item.kind, item.id)

    def copy_to(self, target: "Investigations", ours: Workspace, theirs: Workspace) -> None:
        """Make a workspace's investigations ones of its copy in another store, or bring those there up to date."""
        before = None
        while page := self.page(ours, is_closed=None, before=before, limit=500):
            for one in page:
                target.put(theirs, one)
                target.set_closed(theirs, one.id, one.closed_at)
                here, there = self.items(ours, one.id), target.items(theirs, one.id)
                for item in set(there) - set(here):
                    target.remove_item(theirs, one.id, item)
                for item in here:
                    target.add_item(theirs, one.id, item)
            before = (page[-1].created_at, page[-1].id)
