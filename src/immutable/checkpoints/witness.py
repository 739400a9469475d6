"""Sends checkpoints to witnesses (C2SP tlog-witness) and keeps what they sign: what nobody can take back in our database.

A witness remembers the largest tree it signed. One that says that our log does not go on from there is not believed on its bare
word, which would let it stop our log: it is asked for the checkpoint, and what our own key signed is proof. Without proof there
is an alarm, and the log goes on (docs/decisions/0017-checkpoints.md).
"""

import base64
import time
from collections.abc import Callable, Sequence

import httpx2
import structlog

from immutable import clock
from immutable.checkpoints.guard import Guard, Halt
from immutable.checkpoints.keys import verifier_of
from immutable.errors import ImmutableError, StartError
from immutable.integrity.checkpoint import parse_checkpoint
from immutable.integrity.note import COSIGNATURE, NoteError, Verifier, open_note, parse_verifier
from immutable.integrity.proof import consistency_proof
from immutable.integrity.tiles import Tree
from immutable.model.workspace import Workspace
from immutable.outbound.client import OutboundClient
from immutable.store.proof_store import Cosignature, ProofStore, StoredCheckpoint
from immutable.store.proof_tiles import tile_reader
from immutable.telemetry import metrics

_log = structlog.get_logger(__name__)

_FIRST_REST, _LONGEST_REST = 1.0, 300.0
"""Seconds to leave a witness alone that did not answer well; doubled each time."""


class _Disputed(Exception):
    """A witness says that the log does not continue what it signed, and shows no proof."""


class Witness:
    """One witness: its key, its address, and when to ask it again."""

    def __init__(self, setting: str) -> None:
        """`setting`: a verifier key, a space and the address. Raises StartError."""
        key, _, url = setting.strip().partition(" ")
        try:
            self.verifier: Verifier = parse_verifier(key)
        except NoteError as error:
            raise StartError(f"IMMUTABLE_WITNESSES: {error}") from error
        if self.verifier.algorithm != COSIGNATURE or not url.strip().startswith(("http://", "https://")):
            raise StartError("IMMUTABLE_WITNESSES: each is the verifier key of a witness, a space and its address.")
        self.url = url.strip().rstrip("/")
        self.name = f"{self.verifier.name}+{self.verifier.key_id.hex()}"
        self._rests: dict[int | None, tuple[float, float]] = {}
        """By workspace, None for all: how long to leave it alone about this one, and until when."""
        self.known: dict[tuple[int, str], int] = {}
        """By workspace and origin: the size of the tree that it signed last, as far as we know."""

    def is_due(self, workspace: Workspace) -> bool:
        """Whether it can be asked about this workspace now."""
        until = (self._rests.get(place, (0.0, 0.0))[1] for place in (None, workspace.number))
        return time.monotonic() >= max(until)

    def leave_alone(self, place: int | None) -> float:
        """Ask nothing about this workspace for a while, twice as long as the last time; for how many seconds."""
        rest = min(max(self._rests.get(place, (0.0, 0.0))[0] * 2, _FIRST_REST), _LONGEST_REST)
        self._rests[place] = rest, time.monotonic() + rest
        return rest

    def answered(self, workspace: Workspace) -> None:
        """It answers well again."""
        self._rests.pop(None, None)
        self._rests.pop(workspace.number, None)


class Cosigner:
    """Asks every witness about the latest checkpoint of every workspace. Not for several threads."""

    def __init__(
        self,
        proofs: ProofStore,
        guard: Guard,
        witnesses: Sequence[str],
        client: OutboundClient,
        is_holder: Callable[[], bool],
    ) -> None:
        """`is_holder`: whether this process is the one that integrates."""
        self._is_holder = is_holder
        self._proofs = proofs
        self._guard = guard
        self._client = client
        self._witnesses = [Witness(one) for one in witnesses]

    def step(self) -> bool:
        """Ask those that have not signed the latest checkpoints; always False: the next look is soon enough."""
        if not self._witnesses or not self._is_holder():
            return False
        for workspace, latest in self._proofs.unsigned([one.name for one in self._witnesses]):
            signed = {
                one.witness
                for one in self._proofs.cosignatures(workspace, [latest.size])
                if one.origin == latest.origin
            }
            for witness in self._witnesses:
                if witness.name not in signed and witness.is_due(workspace):
                    self._ask_carefully(witness, workspace, latest)
        return False

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _ask_carefully(self, witness: Witness, workspace: Workspace, latest: StoredCheckpoint) -> None:
        try:
            self._ask(witness, workspace, latest)
            witness.answered(workspace)
        except Halt as halt:
            self._guard.halt(workspace, str(halt))
        except _Disputed as error:
            metrics.WITNESS_DISPUTES.inc()
            rest = witness.leave_alone(workspace.number)
            _log.error("witness_disputes", witness=witness.name, workspace=workspace.id, why=str(error), again_in=rest)
        except (ImmutableError, NoteError) as error:
            rest = witness.leave_alone(workspace.number)
            _log.warning("witness_did_not_sign", witness=witness.verifier.name, error=str(error), again_in=rest)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            rest = witness.leave_alone(None)
            _log.warning("witness_not_reached", witness=witness.verifier.name, error=str(error), again_in=rest)

    def _ask(self, witness: Witness, workspace: Workspace, latest: StoredCheckpoint) -> None:
        """Ask once, and again where the witness names the size that it knows."""
        place = workspace.number, latest.origin
        status, body = self._send(witness, workspace, latest, witness.known.get(place, 0))
        if status == 409:
            known = _size(body)
            if known > latest.size:
                self._look_into(witness, workspace, latest.origin)
                raise _Disputed(f"It says that it signed {known:,} events of a log that has {latest.size:,} signed.")
            status, body = self._send(witness, workspace, latest, known)
        if status in {409, 422}:
            self._look_into(witness, workspace, latest.origin)
            raise _Disputed("It says that it holds a checkpoint that this log does not continue.")
        if status != 200:
            raise ImmutableError(f"It answered {status}.")
        opened = open_note(latest.note + body, [witness.verifier])
        line = opened.signatures[0].line
        self._proofs.add_cosignature(
            workspace, Cosignature(latest.size, latest.origin, witness.name, line, clock.now())
        )
        witness.known[place] = latest.size

    def _look_into(self, witness: Witness, workspace: Workspace, origin: str) -> None:
        """Halt where what our own key signed shows that the log does not go on from there: kept here, or by the witness."""
        status, note = self._client.post(witness.url + "/last-checkpoint", origin.encode(), "text/plain; charset=utf-8")
        # After the answer: what another process of ours had signed by then is in the tree.
        size = self._proofs.tree(workspace).size
        self._guard.check_kept(workspace, size, size)
        if status != 200:
            return
        verifiers = [verifier_of(key) for key in self._proofs.signing_keys(workspace)]
        try:
            shown = parse_checkpoint(open_note(note, verifiers).text)
        except NoteError:
            return
        if shown.origin == origin:
            try:
                self._guard.check_known(workspace, shown, size, size)
            except Halt as halt:
                raise Halt(f"The witness {witness.verifier.name} shows what our key signed. {halt}") from None

    def _send(
        self, witness: Witness, workspace: Workspace, latest: StoredCheckpoint, old_size: int
    ) -> tuple[int, bytes]:
        tree = Tree(tile_reader(self._proofs, workspace), latest.size)
        proof = consistency_proof(tree, min(old_size, latest.size))
        lines = [f"old {old_size}", *(base64.b64encode(one).decode() for one in proof)]
        content = ("\n".join(lines) + "\n\n").encode() + latest.note
        return self._client.post(witness.url + "/add-checkpoint", content, "text/plain; charset=utf-8")


def _size(body: bytes) -> int:
    text = body.decode("ascii", "replace").strip()
    if not text.isdecimal() or len(text) > 19:
        raise ImmutableError("It answered 409 without the size that it knows.")
    return int(text)
