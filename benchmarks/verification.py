"""How fast is the log verified, against bare SHA-256 over the same bytes on one core?"""

import hashlib
import tempfile
import time

from rich.console import Console

from benchmarks import ours, table
from immutable.checkpoints.integrate import Integrator
from immutable.checkpoints.kept import Kept
from immutable.checkpoints.keys import SigningKeys
from immutable.log.verify import cores, verify
from immutable.model.workspace import Workspace
from immutable.settings import Settings
from immutable.store.log_store import LogStore

BARE = "bare SHA-256, one core"


def measure(console: Console, store: LogStore, engine: str) -> None:
    """Print events per second of the chain alone and of everything, on one core and on all."""
    workspace = store.catalog.workspace(ours.WORKSPACE)
    assert workspace is not None
    rows = [table.Row(BARE, _bare(store, workspace), note="every record and details, once, from memory")]
    for name, chain_only, processes, signs in (
        ("chain and details, one core", True, 1, False),
        ("chain, details and tree, one core", True, 1, True),
        (f"chain, details and tree, {cores()} cores", True, cores(), True),
        (f"everything: indexes and sessions too, {cores()} cores", False, cores(), True),
    ):
        if signs:
            _sign(store)
        started = time.perf_counter()
        verdict = verify(store, workspace, 1, 1 << 40, silence=ours.SILENCE, chain_only=chain_only, processes=processes)
        assert verdict.valid, verdict.breaks
        rows.append(table.Row(name, verdict.events_checked / (time.perf_counter() - started)))
    console.print(table.comparison(f"Verification on {engine}", rows, against=[BARE]))


def _sign(store: LogStore) -> None:
    """Take the log into its tree, and sign a checkpoint of it."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(secret=ours.SECRET, checkpoints_folder=folder)
        integrator = Integrator(store, SigningKeys(store.proofs, settings), Kept.of(settings), 0)
        while integrator.step():
            pass


def _bare(store: LogStore, workspace: Workspace) -> float:
    texts = []
    for entry in store.entries(workspace, 1, 100_000):
        texts += [
            b"immutable:event:v1\n" + entry.previous_hash + entry.record,
            (entry.salt or b"") + (entry.details or b""),
        ]
    started = time.perf_counter()
    for text in texts:
        hashlib.sha256(text).digest()
    return len(texts) / 2 / (time.perf_counter() - started)
