"""Has each log anchored once a period, and tries until it is done: begin, take a step, store what became of it, and again.

Crash argument: an anchor is stored before anything is asked of anybody, and each step's outcome before the next step. So whoever
comes next, this process or another, goes on from the last stored step. Two that both think they hold the lease cannot both store
the outcome of the same step: the number of attempts is compared and swapped.

The chain of anchors: each names the confirmed one before it on its chain, so an anchor is begun only when the one before is
finished; where that is not done by the next period, and there is something new, it is given up, and the new one takes its place.
"""

import hashlib
import time
import uuid
from collections.abc import Mapping, Sequence

import structlog
from msgspec.structs import replace

from immutable import clock
from immutable.anchors.anchorer import Anchorer
from immutable.errors import Conflict, ImmutableError
from immutable.integrity.record import decode_record
from immutable.model.workspace import Workspace
from immutable.store.anchor_store import UNFINISHED, StoredAnchor
from immutable.store.log_store import LogStore
from immutable.store.proof_store import StoredCheckpoint
from immutable.telemetry import metrics

_log = structlog.get_logger(__name__)

_SECOND = 1_000_000
_LOOK_SECONDS = 1.0
_WAIT = 15 * _SECOND
"""How long to leave a transaction to the chain before looking again."""
_FIRST_REST, _LONGEST_REST = 5 * _SECOND, 600 * _SECOND
"""After a failed attempt; doubled each time."""


class Anchoring:
    """The anchors of all workspaces, where this process is the one that anchors. `step` is not for several threads."""

    def __init__(self, store: LogStore, anchorers: Mapping[str, Anchorer], period_seconds: int) -> None:
        """`anchorers`: by the name of their chain."""
        self._store = store
        self._anchorers = anchorers
        self._period = period_seconds * _SECOND
        self._begun_for = 0
        self._look_at = 0.0

    @property
    def chains(self) -> Sequence[str]:
        """Where is anchored."""
        return list(self._anchorers)

    def step(self) -> bool:
        """Begin what is due, and take the next step of each anchor; True where another step can be taken at once."""
        if not self._anchorers or time.monotonic() < self._look_at or not self._store.anchors.hold():
            return False
        self._begin_due()
        unfinished = self._store.anchors.unfinished()
        metrics.ANCHORS_UNFINISHED.set(len(unfinished))
        now, more = clock.now(), False
        for workspace, anchor in unfinished:
            anchorer = self._anchorers.get(anchor.chain)
            if anchorer is not None and anchor.try_at <= now:
                more |= self._try(workspace, anchor, anchorer)
        if not more:
            self._look_at = time.monotonic() + _LOOK_SECONDS
        return more

    def request(self, workspace: Workspace) -> list[StoredAnchor]:
        """Begin anchors of the latest checkpoint now. Raises Conflict where there is nothing to anchor, or nowhere."""
        if not self._anchorers:
            raise Conflict("No place to anchor is configured: set IMMUTABLE_ANCHOR_RFC3161_URL.")
        begun = [self._begin(workspace, chain, clock.now()) for chain in self._anchorers]
        if not any(begun):
            raise Conflict(self._why_not(workspace))
        return [one for one in begun if one is not None]

    def _why_not(self, workspace: Workspace) -> str:
        """Why no anchor was begun: the one that is under way, and what holds it up, or that there is nothing new."""
        for chain in self._anchorers:
            last = next(iter(self._store.anchors.anchors(workspace, chain=chain)), None)
            if last is not None and last.status in UNFINISHED:
                problem = f" The last attempt: {last.error}" if last.error else ""
                return f"{last.id} is being anchored, and is tried again until it is done.{problem}"
        return "The latest checkpoint is anchored already, or nothing was signed of this log yet."

    def _begin_due(self) -> None:
        """Begin the anchors of the period that is over; once, and after a start for what was missed."""
        end = clock.now() // self._period * self._period
        if end == self._begun_for:
            return
        for workspace in self._store.catalog.workspaces():
            for chain in self._anchorers:
                self._begin(workspace, chain, end, gives_up=True)
        self._begun_for = end

    def _begin(self, workspace: Workspace, chain: str, end: int, *, gives_up: bool = False) -> StoredAnchor | None:
        """Begin an anchor of the newest checkpoint before `end`; None where nothing is new, or one is under way.

        `gives_up`: one of an earlier period that is under way is given up.
        """
        anchors = self._store.anchors
        checkpoint = next(iter(self._store.proofs.checkpoints(workspace, before=end)), None)
        last = next(iter(anchors.anchors(workspace, chain=chain)), None)
        if checkpoint is None or (last is not None and last.period_end >= end):
            return None
        confirmed = next(iter(anchors.anchors(workspace, chain=chain, statuses=["confirmed"])), None)
        made = self._made(workspace, chain, checkpoint, confirmed, end)
        if made is None:
            return None
        if last is not None and last.status in UNFINISHED:
            if not gives_up or (last.size, last.root) == (made.size, made.root):
                return None
            given_up = replace(
                last, status="failed", attempts=last.attempts + 1, error=last.error or "It took too long."
            )
            if not anchors.update(workspace, given_up):
                return None  # it was finished meanwhile: the next look takes it into account
            self._tell(workspace, given_up)
        made = replace(made, number=1 if last is None else last.number + 1)
        return made if anchors.add(workspace, made) else None

    def _made(
        self, workspace: Workspace, chain: str, checkpoint: StoredCheckpoint, before: StoredAnchor | None, end: int
    ) -> StoredAnchor | None:
        """The anchor of a checkpoint, after the confirmed one before; None where it would cover nothing new."""
        origin = checkpoint.note.partition(b"\n")[0]
        continues = before is not None and before.note.partition(b"\n")[0] == origin
        first = before.size + 1 if before is not None and continues else 1
        first = max(first, self._store.reader().pruned(workspace).seq + 1)
        entry = next(iter(self._store.entries(workspace, first, first)), None) if first <= checkpoint.size else None
        last_hashes = self._store.proofs.event_hashes(workspace, checkpoint.size, checkpoint.size)
        if entry is None or not last_hashes:
            return None
        began_at = clock.from_text(decode_record(entry.record).created_at)
        return StoredAnchor(
            id=f"anc_{uuid.uuid4().hex}",
            chain=chain,
            number=1,
            status="pending",
            size=checkpoint.size,
            root=checkpoint.root,
            note=checkpoint.note,
            first_seq=first,
            first_event_hash=entry.event_hash,
            last_event_hash=last_hashes[0],
            previous_hash=None if before is None else link(before.root, before.tx_hash or ""),
            period_start=before.period_end if before is not None and continues else began_at,
            period_end=end,
            created_at=clock.now(),
        )

    def _try(self, workspace: Workspace, anchor: StoredAnchor, anchorer: Anchorer) -> bool:
        """Take a step and store what became of it; whether the next step can be taken at once."""
        at_once = False
        try:
            became = anchorer.advance(anchor)
            at_once = became.status != anchor.status and became.status in UNFINISHED
            became = replace(became, error=became.error if became.status == "failed" else None)
            rest = 0 if at_once else _WAIT
        except ImmutableError as error:
            metrics.ANCHOR_ATTEMPTS_FAILED.inc()
            rest = min(_FIRST_REST << min(anchor.attempts, 20), _LONGEST_REST)
            _log.warning(
                "anchor_attempt_failed", workspace=workspace.id, anchor=anchor.id, chain=anchor.chain, error=error.message,
                again_in=rest // _SECOND,
            )  # fmt: skip
            became = replace(anchor, error=error.message)
        became = replace(became, attempts=anchor.attempts + 1, try_at=clock.now() + rest)
        if self._store.anchors.update(workspace, became) and became.status not in UNFINISHED:
            self._tell(workspace, became)
        return at_once

    def _tell(self, workspace: Workspace, anchor: StoredAnchor) -> None:
        metrics.ANCHORS.labels(anchor.status).inc()
        tell = _log.info if anchor.status == "confirmed" else _log.error
        tell(
            "anchor_" + anchor.status, workspace=workspace.id, anchor=anchor.id, chain=anchor.chain, error=anchor.error
        )


def link(root: bytes, tx_hash: str) -> bytes:
    """What the next anchor names of one: SHA-256 of its root and transaction, both as the text that the API shows."""
    return hashlib.sha256((root.hex() + tx_hash).encode()).digest()
