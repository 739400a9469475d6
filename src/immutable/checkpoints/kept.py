"""Each log's latest checkpoint, kept in a file outside the database: what an older copy of the database does not know.

A file that cannot be written is told and changes nothing else: the checkpoint is in the database, and with the witnesses.
"""

import contextlib
import os
from pathlib import Path

import structlog

from immutable.checkpoints.secret import secret_file
from immutable.settings import Settings

_log = structlog.get_logger(__name__)


class Kept:
    """A folder with a file per workspace, named by its id."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._is_told = False

    @classmethod
    def of(cls, settings: Settings) -> "Kept":
        """The folder of the settings."""
        if settings.checkpoints_folder:
            return cls(Path(settings.checkpoints_folder))
        file = secret_file(settings)
        return cls(file.with_name(file.name.removesuffix(".secret") + ".checkpoints"))

    def read(self, workspace_id: str) -> bytes | None:
        """The latest note kept of this log, if any."""
        try:
            return (self._folder / workspace_id).read_bytes()
        except OSError:
            return None

    def write(self, workspace_id: str, note: bytes) -> None:
        """Keep this note instead of the one before."""
        new = self._folder / f".{workspace_id}.{os.getpid()}"
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            new.write_bytes(note)
            new.replace(self._folder / workspace_id)
        except OSError as error:
            if not self._is_told:
                _log.warning("checkpoint_not_kept", folder=str(self._folder), error=str(error))
            self._is_told = True
            with contextlib.suppress(OSError):
                new.unlink(missing_ok=True)
