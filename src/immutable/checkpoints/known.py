"""What this host knows of a log outside its database: the checkpoint kept beside the secret, and its witnesses' keys."""

from immutable.checkpoints.kept import Kept
from immutable.checkpoints.witness import Witness
from immutable.integrity.scope import Outside
from immutable.model.workspace import Workspace
from immutable.settings import Settings


def outside(settings: Settings, kept: Kept, workspace: Workspace, *notes: bytes) -> Outside:
    """What a verification of this log is to hold it against. `notes`: checkpoints that somebody brings along.

    Raises StartError where a witness is set that cannot be one.
    """
    note = kept.read(workspace.id)
    witnesses = tuple(Witness(one).verifier for one in settings.witnesses)
    return Outside((*notes, *([note] if note else [])), witnesses)
