"""Where archives lie: a folder, or a bucket of S3-compatible storage (`s3://bucket/prefix`, AWS_… variables), through obstore."""

import hashlib
import tempfile
from pathlib import Path
from typing import BinaryIO, cast

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from immutable.errors import NotFound, Overloaded, StartError

_CHUNK = 1_048_576


class ArchiveFolder:
    """Archives by name. Raises Overloaded where the storage does not answer."""

    def __init__(self, url: str) -> None:
        """`url`: a folder's path, `file:///folder` or `s3://bucket/prefix`. Raises StartError where it is none of these."""
        self.url = url
        try:
            if "://" in url:
                self._store: ObjectStore = from_url(url)
            else:
                self._store = LocalStore(prefix=Path(url).absolute(), mkdir=True)
        except (BaseError, ValueError, OSError) as error:
            raise StartError(f"Archives cannot be kept at {url}: {error}.") from error

    def keep(self, name: str, file: BinaryIO, sha256: str) -> None:
        """Store a file, read it back, and believe nothing but its hash. Raises Overloaded where it is not there as written."""
        try:
            file.seek(0)
            obstore.put(self._store, name, file)
        except (BaseError, OSError) as error:
            raise Overloaded(
                f"The archive {name} cannot be stored at {self.url}: {error}. Nothing was pruned.", 60
            ) from error
        with self.open(name) as copy:
            found = hashlib.file_digest(copy, "sha256").hexdigest()  # type: ignore[arg-type]
        if found != sha256:
            raise Overloaded(
                f"The archive {name} reads back from {self.url} as something else. Nothing was pruned.", 60
            )

    def open(self, name: str) -> BinaryIO:
        """A copy of an archive, which goes when it is closed. Raises NotFound."""
        copy = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - the caller closes it
        try:
            for chunk in obstore.get(self._store, name).stream(min_chunk_size=_CHUNK):
                copy.write(chunk)
        except FileNotFoundError:
            copy.close()
            raise NotFound(f"There is no archive {name} at {self.url}.") from None
        except (BaseError, OSError) as error:
            copy.close()
            raise Overloaded(f"The archive {name} cannot be read at {self.url}: {error}.", 60) from error
        copy.seek(0)
        return copy
