"""The real server under system calls that fail: syncs that return EIO, writes on a full disk, a file size limit."""

import resource
import time
from pathlib import Path

from tests.faults.conftest import Ledger, Writer, running


def _until(writer: Writer, wanted: int, tries: int = 400) -> list[int]:
    """Send single events until the status is `wanted`; all statuses seen."""
    seen: list[int] = []
    for _ in range(tries):
        seen.append(writer.send([writer.event()]))
        if seen[-1] == wanted:
            return seen
        time.sleep(0.01)
    raise AssertionError(f"never saw {wanted}, but {set(seen)}")


def _settle(ledger: Ledger, writer: Writer, url: str) -> None:
    """Retry what was refused: with the same idempotency keys it enters once."""
    retry = Writer(url, ledger, "retry")
    for event in writer.unanswered:
        assert retry.send([event]) == 202
    retry.close()
    writer.close()


def test_syncs_that_fail(ledger: Ledger, strace: str) -> None:
    """While fdatasync returns EIO events are refused with 503; when it works again the same process goes on."""
    _fail(ledger, strace, "fsync,fdatasync:error=EIO:when=16..29")


def test_writes_on_a_full_disk(ledger: Ledger, strace: str) -> None:
    """While writes return ENOSPC events are refused with 503 and can still be read; with space again it goes on."""
    _fail(ledger, strace, "pwrite64:error=ENOSPC:when=120..180")


def _fail(ledger: Ledger, strace: str, injection: str) -> None:
    wrapper = [strace, "-f", "-qqq", "-o", "/dev/null", "-e", f"inject={injection}"]
    with running(ledger, *wrapper) as (url, _):
        writer = Writer(url, ledger, "w")
        _until(writer, 503)
        _until(writer, 202)
        for _ in range(20):
            assert writer.send([writer.event()]) in (202, 503)
        _until(writer, 202)
        _settle(ledger, writer, url)
    assert ledger.check() == len(ledger.acknowledged)


def test_a_file_that_may_not_grow(ledger: Ledger) -> None:
    """A real limit on the size of files: refused with 503 at the limit, and healed when it is lifted."""
    with running(ledger) as (url, process):
        writer = Writer(url, ledger, "w")
        assert writer.send([writer.event()]) == 202
        size = max(Path(f"{ledger.url.removeprefix('sqlite:///')}{suffix}").stat().st_size for suffix in ("", "-wal"))
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size + 65_536, resource.RLIM_INFINITY))
        _until(writer, 503)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        _until(writer, 202)
        _settle(ledger, writer, url)
    assert ledger.check() == len(ledger.acknowledged)
