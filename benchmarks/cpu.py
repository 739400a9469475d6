"""Processor time of servers under load, each with all its child processes."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psutil


@contextmanager
def used(processes: Mapping[str, int]) -> Iterator[dict[str, float]]:
    """Yield a dict that holds, once the block has ended, the CPU seconds spent in it by name.

    `processes` gives the process id for each name. Children that ended meanwhile are not counted.
    """
    seconds: dict[str, float] = {}
    before = {name: _by_process(pid) for name, pid in processes.items()}
    yield seconds
    for name, pid in processes.items():
        after = _by_process(pid)
        seconds[name] = sum(spent - before[name].get(process, 0.0) for process, spent in after.items())


def _by_process(pid: int) -> dict[int, float]:
    spent = {}
    top = psutil.Process(pid)
    for process in (top, *top.children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        spent[process.pid] = times.user + times.system
    return spent
