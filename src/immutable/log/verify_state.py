"""How far a verification has come, as bytes: so that it can go on where it was interrupted, in a file or in the catalogue."""

import os
from pathlib import Path

import msgspec
from pyroaring import BitMap64

from immutable.errors import StartError
from immutable.integrity.verify import Break
from immutable.model.event import Head
from immutable.model.workspace import Workspace
from immutable.store.check import Checked
from immutable.store.log_store import LogStore


class _Stored(msgspec.Struct):
    """A `Checked` with the event that it began with."""

    first: int
    events: int
    keyed_events: int
    end_seq: int
    end_hash: bytes
    breaks: list[Break]
    maps: tuple[bytes, bytes, bytes, bytes]


class ResumeFile:
    """A file that remembers, by workspace, how far a verification has come."""

    def __init__(self, path: Path) -> None:
        """Raises StartError where the file holds something else."""
        self._path = path
        self._workspaces: dict[str, _Stored] = {}
        try:
            if path.exists():
                self._workspaces = msgspec.json.decode(path.read_bytes(), type=dict[str, _Stored])
        except (OSError, msgspec.MsgspecError) as error:
            raise StartError(f"{path} is not a file that `immutable verify --resume` has written: {error}") from error

    def read(self, store: LogStore, workspace: Workspace, first: int) -> Checked | None:
        """What was checked from `first` on; None where that is nothing, or the log does not go on from it any more."""
        kept = self._workspaces.get(workspace.id)
        if kept is None or kept.first != first:
            return None
        entry = store.reader().entry(workspace, kept.end_seq)
        if entry is None or entry.event_hash != kept.end_hash:
            return None
        missing, erased, changed, wrong = (BitMap64.deserialize(one) for one in kept.maps)
        return Checked(
            events=kept.events, keyed_events=kept.keyed_events, breaks=kept.breaks,
            end=Head(kept.end_seq, kept.end_hash, 0), missing=missing, erased=erased, changed=changed, wrong_tiles=wrong,
        )  # fmt: skip

    def write(self, workspace: Workspace, first: int, checked: Checked) -> None:
        """Remember what was checked from `first` on."""
        maps = (checked.missing, checked.erased, checked.changed, checked.wrong_tiles)
        stored = tuple(one.serialize() for one in maps)
        self._workspaces[workspace.id] = _Stored(
            first, checked.events, checked.keyed_events, checked.end.seq, checked.end.event_hash, checked.breaks,
            (stored[0], stored[1], stored[2], stored[3]),
        )  # fmt: skip
        self._save()

    def drop(self, workspace: Workspace) -> None:
        """Forget a workspace that was verified to its end."""
        self._workspaces.pop(workspace.id, None)
        if self._workspaces:
            self._save()
        else:
            self._path.unlink(missing_ok=True)

    def _save(self) -> None:
        new = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        new.write_bytes(msgspec.json.encode(self._workspaces))
        new.replace(self._path)
