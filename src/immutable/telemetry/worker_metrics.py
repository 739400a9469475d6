"""Metrics of several workers behind one port: each leaves its own in a folder, and any of them answers for all.

Every sample carries the label `worker`, so that a counter that begins again with a new process is seen as such.
"""

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import REGISTRY, Collector

NUMBER, FOLDER = "_IMMUTABLE_WORKER", "_IMMUTABLE_WORKER_METRICS"
"""Environment variables by which a worker is told its number and the folder."""
_WRITE_SECONDS = 2.0


def exposition() -> bytes:
    """What /metrics answers: this process's metrics, or those of all workers."""
    folder = os.environ.get(FOLDER)
    if folder is None:
        return generate_latest()
    _write(Path(folder))
    registry = CollectorRegistry()
    registry.register(_Workers(Path(folder)))
    return generate_latest(registry)


def start_writing() -> None:
    """Where this process is a worker, leave its metrics in the folder every other second."""
    folder = os.environ.get(FOLDER)
    if folder is not None:
        threading.Thread(target=_write_always, args=(Path(folder),), name="metrics", daemon=True).start()


def beat() -> None:
    """Where this process is a worker, show that its event loop turns: whoever started it looks (`workers.py`)."""
    folder = os.environ.get(FOLDER)
    if folder is not None:
        with contextlib.suppress(FileNotFoundError):  # the folder goes when the workers are stopped
            beat_file(folder, os.environ[NUMBER]).touch()


def beat_file(folder: str, number: str) -> Path:
    """The file whose time of change is the last beat of a worker."""
    return Path(folder) / f"{number}.beat"


def _write_always(folder: Path) -> None:
    pause = threading.Event()
    while folder.is_dir():
        _write(folder)
        pause.wait(_WRITE_SECONDS)


def _write(folder: Path) -> None:
    number = os.environ[NUMBER]
    new = folder / f"{number}.{threading.get_ident()}.new"
    try:
        new.write_bytes(generate_latest(REGISTRY))
        new.rename(folder / f"{number}.prom")
    except FileNotFoundError:
        pass  # the folder goes when the workers are stopped


class _Workers(Collector):
    """The metrics of all workers."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def collect(self) -> Iterator[Metric]:
        """Each metric once, with every worker's samples."""
        merged: dict[str, Metric] = {}
        for file in sorted(self._folder.glob("*.prom")):
            for family in text_string_to_metric_families(file.read_text("utf-8")):
                into = merged.setdefault(family.name, Metric(family.name, family.documentation, family.type))
                for sample in family.samples:
                    into.samples.append(sample._replace(labels={**sample.labels, "worker": file.stem}))
        yield from merged.values()
