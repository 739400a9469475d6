"""A PostgreSQL that stands still, with all its processes, and goes on."""

import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from benchmarks import postgres


def hold_up(cluster: postgres.Cluster) -> list[int]:
    """Stop the server and all its backends (SIGSTOP); what was stopped.

    The server first, and only once it stands its backends are listed: it would make another one in between, which goes on.
    """
    os.kill(cluster.pid, signal.SIGSTOP)
    while Path(f"/proc/{cluster.pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
        time.sleep(0.001)
    backends = [int(pid) for pid in Path(f"/proc/{cluster.pid}/task/{cluster.pid}/children").read_text().split()]
    for pid in backends:
        with suppress(ProcessLookupError):  # one may end meanwhile
            os.kill(pid, signal.SIGSTOP)
    return [cluster.pid, *backends]


def going_on(stopped: Sequence[int]) -> None:
    """Let them go on."""
    for pid in stopped:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
