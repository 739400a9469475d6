"""The spool: events that could not be delivered, in files until they are. `replay.py` sends them.

One event a line, as it goes over the wire, with its idempotency key and number, so that sending it again cannot store it
twice. A file is written under another name, synced and renamed, so that what is there is whole. The form is the same in
all our SDKs.
"""

import json
import os
import re
import time
from collections.abc import Iterable
from pathlib import Path
from typing import cast

from getimmutable.request import encode
from getimmutable.types import EventPayload

MAX_BYTES = 64 * 1024 * 1024
_NAME = re.compile(r"\d+-[0-9A-Za-z]+\.jsonl")


class Spool:
    """A directory of such files, of one application or of several processes of it."""

    def __init__(self, directory: "str | os.PathLike[str]", max_bytes: int = MAX_BYTES) -> None:
        """Make the directory where it is missing, for this user only. Raises OSError where that cannot be."""
        self._directory = Path(directory)
        self._max_bytes = max_bytes
        self._newest = 0
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)

    def write(self, events: Iterable[EventPayload]) -> None:
        """Keep these events, durably. Raises OSError where the disk cannot, or where the spool would grow too large."""
        content = b"".join(encode(event) + b"\n" for event in events)
        if self._size() + len(content) > self._max_bytes:
            raise OSError(f"The spool holds its {self._max_bytes} bytes")
        # Each later than the one before, or files of one millisecond would be sent in any order. No lock: a fork could
        # copy it locked; and of two threads that write at the same time, neither is first.
        self._newest = max(time.time_ns() // 1_000_000, self._newest + 1)
        name = f"{self._newest}-{os.urandom(8).hex()}.jsonl"
        temporary = self._directory / f".{name}.part"
        try:
            with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.rename(self._directory / name)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
        _sync(self._directory)

    def files(self) -> list[Path]:
        """The files, oldest first."""
        found = [path for path in self._directory.iterdir() if _NAME.fullmatch(path.name)]
        return sorted(found, key=lambda path: (int(path.name.partition("-")[0]), path.name))

    def read(self, file: Path) -> tuple[list[EventPayload], int]:
        """The events of a file, and how many of its lines are none. Raises OSError where it cannot be read."""
        events, unreadable = [], 0
        for line in file.read_bytes().splitlines():
            try:
                event = json.loads(line)
            except (ValueError, RecursionError):
                event = None
            if isinstance(event, dict):
                events.append(cast("EventPayload", event))
            else:
                unreadable += 1
        return events, unreadable

    def remove(self, file: Path) -> None:
        """Forget a file whose events are settled; another process may have done so."""
        file.unlink(missing_ok=True)

    def _size(self) -> int:
        total = 0
        for path in self._directory.iterdir():
            try:
                total += path.stat().st_size
            except FileNotFoundError:  # replayed a moment ago
                continue
        return total


def _sync(directory: Path) -> None:
    if not hasattr(os, "O_DIRECTORY"):
        return  # a system whose directories are not files
    opened = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
