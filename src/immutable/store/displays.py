"""What each workspace decides about how its log is shown, in the catalogue: by the same statements on both engines."""

import msgspec

from immutable.model.act import Act
from immutable.model.display import DEFAULT_DISPLAY, DestructiveChoice, Display, LinkChoice
from immutable.model.workspace import Workspace
from immutable.store.statements import Statements

_destructive_in = msgspec.json.Decoder(DestructiveChoice).decode
_links_in = msgspec.json.Decoder(LinkChoice).decode


class Displays:
    """What all workspaces decided. Durable on return, and every process looks again."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def of(self, workspace: Workspace) -> Display:
        """What a workspace decided; the default where it decided nothing."""
        sql = "SELECT destructive, links FROM workspaces WHERE number=?"
        rows = self._statements.read(sql, workspace.number)
        if not rows:
            return DEFAULT_DISPLAY
        destructive, links = rows[0]
        return Display(_destructive_in(destructive or "{}"), _links_in(links or "{}"))

    def set_destructive(self, workspace: Workspace, choice: DestructiveChoice, act: Act | None = None) -> None:
        """Decide which actions count as destructive."""
        sql = "UPDATE workspaces SET destructive=? WHERE number=? RETURNING 1"
        with self._statements.change(act) as send:
            send(sql, _text(choice), workspace.number)

    def set_links(self, workspace: Workspace, choice: LinkChoice, act: Act | None = None) -> None:
        """Decide where links lead."""
        sql = "UPDATE workspaces SET links=? WHERE number=? RETURNING 1"
        with self._statements.change(act) as send:
            send(sql, _text(choice), workspace.number)

    def copy_to(self, target: "Displays", ours: Workspace, theirs: Workspace) -> None:
        """Have the workspace's copy in another store decide the same."""
        here, there = self.of(ours), target.of(theirs)
        if here.destructive != there.destructive:
            target.set_destructive(theirs, here.destructive)
        if here.links != there.links:
            target.set_links(theirs, here.links)


def _text(choice: DestructiveChoice | LinkChoice) -> str:
    """As it is stored: nothing where nothing is decided."""
    text = msgspec.json.encode(choice).decode()
    return "" if text == "{}" else text
