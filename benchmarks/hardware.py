"""What the machine itself can do: the limits that no server on it can pass.

Run it as `python -m benchmarks.hardware [DIRECTORY]`.
"""

import hashlib
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

PAGE = 4096
CHUNK = 8 << 20
FILE_BYTES = 64 << 20
LARGEST_FILE_BYTES = 1 << 30


@dataclass(frozen=True)
class Limits:
    """The figures of one machine and one directory's disk."""

    syncs_per_second: float
    """Writes of 4 KiB, each made durable before the next, over a file that has its size already (as a log that is
    used again)."""
    appending_syncs_per_second: float
    """The same at the end of a growing file."""
    durable_bytes_per_second: float
    """Writes of 8 MiB at the end of a growing file, each made durable."""
    sha256_bytes_per_second: float
    """On one core, one large buffer."""
    cores: int


def measure(directory: Path | None = None, seconds: float = 1.5) -> Limits:
    """Measure all of them, about `seconds` each, on the disk that `directory` is on (default: the temporary one)."""
    return Limits(
        syncs_per_second=syncs(directory, seconds),
        appending_syncs_per_second=syncs(directory, seconds, appending=True),
        durable_bytes_per_second=syncs(directory, seconds, size=CHUNK, appending=True) * CHUNK,
        sha256_bytes_per_second=sha256_bytes_per_second(seconds),
        cores=len(os.sched_getaffinity(0)),
    )


def syncs(directory: Path | None, seconds: float, *, size: int = PAGE, appending: bool = False) -> float:
    """Writes of `size` bytes per second, each followed by fdatasync; the file grows to `LARGEST_FILE_BYTES` at most."""
    block = os.urandom(size)
    with tempfile.TemporaryFile(dir=directory) as file:
        descriptor = file.fileno()
        if not appending:
            for _ in range(FILE_BYTES // CHUNK):
                os.write(descriptor, bytes(CHUNK))
            os.fsync(descriptor)
        written = 0
        began = time.perf_counter()
        while (now := time.perf_counter()) - began < seconds and written * size < LARGEST_FILE_BYTES:
            offset = written * size
            os.pwrite(descriptor, block, offset if appending else offset % FILE_BYTES)
            os.fdatasync(descriptor)
            written += 1
        return written / (now - began)


def sha256_bytes_per_second(seconds: float) -> float:
    """Bytes that one core hashes per second."""
    buffer = os.urandom(CHUNK)
    hashed = 0
    began = time.perf_counter()
    while (now := time.perf_counter()) - began < seconds:
        hashlib.sha256(buffer).digest()
        hashed += CHUNK
    return hashed / (now - began)


def describe(limits: Limits) -> str:
    """The figures in one line each, for a terminal."""
    return f"""\
4 KiB writes with fdatasync, in place    {limits.syncs_per_second:>8,.0f} /s
4 KiB writes with fdatasync, appending   {limits.appending_syncs_per_second:>8,.0f} /s
8 MiB writes with fdatasync, appending   {limits.durable_bytes_per_second / 1e6:>8,.0f} MB/s
SHA-256 on one core                      {limits.sha256_bytes_per_second / 1e6:>8,.0f} MB/s
cores                                    {limits.cores:>8}"""


if __name__ == "__main__":
    print(describe(measure(Path(sys.argv[1]) if len(sys.argv) > 1 else None)))
