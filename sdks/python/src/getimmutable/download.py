"""Where the answer to a download goes: a file under its name once it is whole, or what the caller has open."""

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

File = str | os.PathLike[str] | IO[bytes]


@contextlib.contextmanager
def saving(file: File) -> Iterator[Callable[[bytes], object]]:
    """What takes the bytes as they come. A path is written beside its place and renamed, readable for its user only."""
    if not isinstance(file, str | os.PathLike):
        yield file.write
        return
    target = Path(file)
    descriptor, beside = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as opened:
            yield opened.write
        Path(beside).replace(target)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
