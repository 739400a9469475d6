"""Where archives lie: a folder, or a bucket of S3-compatible storage (`s3://bucket/prefix`, AWS_… variables), through obstore."""

import errno
import hashlib
import os
import tempfile
from pathlib import Path
from typing import BinaryIO, cast
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from immutable.errors import NotFound, Overloaded, StartError

_CHUNK = 1_048_576
_NEW = ".new"


class ArchiveUnreachable(Overloaded):
    """The storage of archives does not answer, or not with what was stored."""

    def __init__(self, message: str) -> None:
        super().__init__(message, 60)


class ArchiveFolder:
    """Archives by name. Raises ArchiveUnreachable where the storage does not answer."""

    def __init__(self, url: str, *, make: bool = True) -> None:
        """`url`: a folder's path, `file:///folder` or `s3://bucket/prefix`. Raises StartError where it is none of these.

        `make`: a folder that is not there is made.
        """
        self.url = url
        self._folder: Path | None = None
        try:
            if url.startswith("file://"):
                self._folder = Path(unquote(urlsplit(url).path)).absolute()
            elif "://" not in url:
                self._folder = Path(url).absolute()
            if self._folder is None:
                self._store: ObjectStore = from_url(url)
            else:
                self._store = LocalStore(prefix=self._folder, mkdir=make)
        except (BaseError, ValueError, OSError) as error:
            raise StartError(f"Archives cannot be kept at {url}: {error}.") from error

    def keep(self, name: str, file: BinaryIO, sha256: str) -> None:
        """Store a file, read it back, and believe nothing but its hash. Raises where it is not there as written."""
        try:
            file.seek(0)
            obstore.put(self._store, name, file)
        except (BaseError, OSError) as error:
            raise ArchiveUnreachable(
                f"The archive {name} cannot be stored at {self.url}: {error}. Nothing was deleted."
            ) from error
        self._sync(name)
        with self.open(name) as copy:
            found = hashlib.file_digest(copy, "sha256").hexdigest()  # type: ignore[arg-type]
        if found != sha256:
            raise ArchiveUnreachable(
                f"The archive {name} reads back from {self.url} as something else. Nothing was deleted."
            )

    def replace(self, name: str, file: BinaryIO, sha256: str) -> None:
        """Store a file in the place of another, which stays until the new one was read back."""
        self.keep(name + _NEW, file, sha256)
        try:
            obstore.rename(self._store, name + _NEW, name, overwrite=True)
        except (BaseError, OSError) as error:
            raise ArchiveUnreachable(f"The archive {name} cannot be replaced at {self.url}: {error}.") from error
        self._sync(name)

    def remove(self, name: str) -> None:
        """Remove a file, where it is there."""
        try:
            obstore.delete(self._store, name)
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            raise ArchiveUnreachable(f"The archive {name} cannot be removed from {self.url}: {error}.") from error

    def has(self, name: str) -> bool:
        """Whether there is a file of this name."""
        try:
            obstore.head(self._store, name)
        except FileNotFoundError:
            return False
        except (BaseError, OSError) as error:
            raise ArchiveUnreachable(f"The archive {name} cannot be read at {self.url}: {error}.") from error
        return True

    def open(self, name: str) -> BinaryIO:
        """A copy of a file, which goes when it is closed. Raises NotFound."""
        copy = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - the caller closes it
        try:
            for chunk in obstore.get(self._store, name).stream(min_chunk_size=_CHUNK):
                copy.write(chunk)
        except FileNotFoundError:
            copy.close()
            raise NotFound(f"There is no archive {name} at {self.url}.") from None
        except (BaseError, OSError) as error:
            copy.close()
            raise ArchiveUnreachable(f"The archive {name} cannot be read at {self.url}: {error}.") from error
        copy.seek(0)
        return copy

    def _sync(self, name: str) -> None:
        """Let a file in a folder outlast a power failure too, before anybody deletes what it is a copy of."""
        if self._folder is None:
            return
        path = self._folder / name
        try:
            for one in (path, path.parent, self._folder):
                _fsync(one)
        except OSError as error:
            raise ArchiveUnreachable(f"The archive {name} cannot be stored at {self.url}: {error}.") from error


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:  # some network file systems cannot, for folders
            raise
    finally:
        os.close(descriptor)
