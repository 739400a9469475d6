"""Where archives lie: a folder, and a real S3-compatible server."""

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests import s3

from immutable.errors import NotFound, Overloaded, StartError
from immutable.retention.archive_folder import ArchiveFolder

CONTENT = bytes(range(256)) * 10_000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(scope="module")
def bucket() -> Iterator[pytest.MonkeyPatch]:
    """A bucket `audit` on a server that the AWS_… variables lead to."""
    with pytest.MonkeyPatch.context() as patch, s3.running("audit") as variables:
        for name, value in variables.items():
            patch.setenv(name, value)
        yield patch


def check(folder: ArchiveFolder) -> None:
    """An archive reads back as it was written, and one that is not there is told."""
    folder.keep("ws_1/1.jsonl.gz", io.BytesIO(CONTENT), DIGEST)
    folder.keep("ws_1/1.jsonl.gz", io.BytesIO(CONTENT), DIGEST)  # written again, as after a crash
    with folder.open("ws_1/1.jsonl.gz") as copy:
        assert copy.read() == CONTENT
    with pytest.raises(NotFound, match=r"ws_1/2\.jsonl\.gz"):
        folder.open("ws_1/2.jsonl.gz")
    with pytest.raises(Overloaded, match="Nothing was pruned"):
        folder.keep("ws_1/3.jsonl.gz", io.BytesIO(CONTENT), hashlib.sha256(b"another").hexdigest())


def test_a_folder(tmp_path: Path) -> None:
    """A path, made where it is new."""
    check(ArchiveFolder(str(tmp_path / "new" / "archives")))


def test_a_bucket(bucket: pytest.MonkeyPatch) -> None:
    """An s3:// URL with a prefix."""
    check(ArchiveFolder("s3://audit/immutable"))


def test_a_bucket_that_is_not_there(bucket: pytest.MonkeyPatch) -> None:
    """Nothing is believed to be stored."""
    with pytest.raises(Overloaded, match="cannot be stored"):
        ArchiveFolder("s3://none").keep("1", io.BytesIO(CONTENT), DIGEST)


@pytest.mark.parametrize("url", ["gopher://x", "s3://", "/proc/nowhere/at/all"])
def test_what_is_no_place_is_refused_at_once(url: str) -> None:
    """Before anything is archived there."""
    with pytest.raises(StartError, match="cannot be kept"):
        ArchiveFolder(url)
