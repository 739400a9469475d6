"""Where archives lie: a folder, and a real S3-compatible server."""

import errno
import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from tests import s3
from tests.logs import SILENCE, open_log, small_epochs
from tests.retention.archives import erased, fill, with_details

from immutable.errors import NotFound, Overloaded, StartError
from immutable.log.system_events import SERVER
from immutable.retention.archive import details_name, read_archive
from immutable.retention.archive_folder import ArchiveFolder, ArchiveUnreachable
from immutable.retention.prune import prune_epoch

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
    """A file reads back as it was written, one that is not there is told, and another takes its place only as a whole."""
    folder.keep("ws_1/1.jsonl.gz", io.BytesIO(CONTENT), DIGEST)
    folder.keep("ws_1/1.jsonl.gz", io.BytesIO(CONTENT), DIGEST)  # written again, as after a crash
    with folder.open("ws_1/1.jsonl.gz") as copy:
        assert copy.read() == CONTENT
    with pytest.raises(NotFound, match=r"ws_1/2\.jsonl\.gz"):
        folder.open("ws_1/2.jsonl.gz")
    with pytest.raises(Overloaded, match="Nothing was deleted"):
        folder.keep("ws_1/3.jsonl.gz", io.BytesIO(CONTENT), hashlib.sha256(b"another").hexdigest())
    other = b"fewer details"
    with pytest.raises(Overloaded, match="Nothing was deleted"):
        folder.replace("ws_1/1.jsonl.gz", io.BytesIO(other), DIGEST)
    with folder.open("ws_1/1.jsonl.gz") as copy:
        assert copy.read() == CONTENT  # until another one was read back
    folder.replace("ws_1/1.jsonl.gz", io.BytesIO(other), hashlib.sha256(other).hexdigest())
    with folder.open("ws_1/1.jsonl.gz") as copy:
        assert copy.read() == other
    assert (folder.has("ws_1/1.jsonl.gz"), folder.has("ws_1/1.jsonl.gz.new")) == (True, False)
    folder.remove("ws_1/1.jsonl.gz")
    folder.remove("ws_1/1.jsonl.gz")
    assert not folder.has("ws_1/1.jsonl.gz")


def test_a_folder(tmp_path: Path) -> None:
    """A path, made where it is new."""
    check(ArchiveFolder(str(tmp_path / "new" / "archives")))


@pytest.mark.parametrize(("number", "is_kept"), [(errno.EIO, False), (errno.EINVAL, True)])
def test_what_the_disk_did_not_take_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, is_kept: bool
) -> None:
    """Nothing is deleted after a failed sync; a file system that knows none is taken as it is."""

    def fsync(_: int) -> None:
        raise OSError(number, "as told")

    monkeypatch.setattr(os, "fsync", fsync)
    with nullcontext() if is_kept else pytest.raises(ArchiveUnreachable, match="cannot be stored"):
        ArchiveFolder(str(tmp_path)).keep("1", io.BytesIO(CONTENT), DIGEST)


def test_a_bucket(bucket: pytest.MonkeyPatch) -> None:
    """An s3:// URL with a prefix."""
    check(ArchiveFolder("s3://audit/immutable"))


def test_an_erasure_in_a_bucket(bucket: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The details file is replaced there, the records file stays, and nothing is left beside them."""
    with small_epochs(), open_log(tmp_path / "log.db") as log:
        fill(log, 10)
        folder = ArchiveFolder("s3://audit/erased")
        log.settle()
        pruned = prune_epoch(log.store, log.workspace, folder, by=SERVER, silence=SILENCE)
        assert erased(log, actor_id="u1").erased_in_archives == 3
    with folder.open(pruned.archive) as records, folder.open(details_name(pruned.archive)) as details:
        assert with_details(list(read_archive(records, details))) == {"u0": [1, 4, 7], "u2": [3, 6]}
    assert not folder.has(details_name(pruned.archive) + ".new")


def test_a_bucket_that_is_not_there(bucket: pytest.MonkeyPatch) -> None:
    """Nothing is believed to be stored."""
    with pytest.raises(Overloaded, match="cannot be stored"):
        ArchiveFolder("s3://none").keep("1", io.BytesIO(CONTENT), DIGEST)


@pytest.mark.parametrize("url", ["gopher://x", "s3://", "/proc/nowhere/at/all"])
def test_what_is_no_place_is_refused_at_once(url: str) -> None:
    """Before anything is archived there."""
    with pytest.raises(StartError, match="cannot be kept"):
        ArchiveFolder(url)


def test_a_folder_that_is_only_read_is_not_made(tmp_path: Path) -> None:
    """Whoever looks for archives at a place that is gone is told, and leaves no empty folder there."""
    with pytest.raises((StartError, NotFound)):
        ArchiveFolder(str(tmp_path / "gone"), make=False).open("ws_1/1.jsonl.gz")
    assert not (tmp_path / "gone").exists()
