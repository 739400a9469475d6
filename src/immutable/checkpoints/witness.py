"""Sends checkpoints to witnesses (C2SP tlog-witness) and keeps what they sign: what nobody can take back in our database.

A witness remembers the largest tree it signed. When it knows a larger one than we have, our log was set back: it is halted.
"""

import base64
import time
from collections.abc import Callable, Sequence

import httpx2
import structlog

from immutable import clock
from immutable.checkpoints.guard import Guard, Halt
from immutable.errors import ImmutableError, StartError
from immutable.integrity.note import COSIGNATURE, NoteError, Verifier, open_note, parse_verifier
from immutable.integrity.proof import consistency_proof
from immutable.integrity.tiles import Tree
from immutable.model.workspace import Workspace
from immutable.outbound.client import OutboundClient
from immutable.store.proof_store import Cosignature, ProofStore, StoredCheckpoint
from immutable.store.proof_tiles import tile_reader

_log = structlog.get_logger(__name__)

_FIRST_REST, _LONGEST_REST = 1.0, 300.0
"""Seconds to leave a witness alone that did not answer well; doubled each time."""


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
        self.url = url.strip().rstrip("/") + "/add-checkpoint"
        self.name = f"{self.verifier.name}+{self.verifier.key_id.hex()}"
        self.rest, self.ask_at = 0.0, 0.0
        self.known: dict[tuple[int, str], int] = {}
        """By workspace and origin: the size of the tree that it signed last, as far as we know."""


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
        for workspace, _, state in self._proofs.trees(only_behind=False):
            latest = next(iter(self._proofs.checkpoints(workspace)), None)
            if latest is None or state.halted is not None:
                continue
            signed = {
                one.witness
                for one in self._proofs.cosignatures(workspace, [latest.size])
                if one.origin == latest.origin
            }
            for witness in self._witnesses:
                if witness.name not in signed and time.monotonic() >= witness.ask_at:
                    self._ask_carefully(witness, workspace, latest)
        return False

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _ask_carefully(self, witness: Witness, workspace: Workspace, latest: StoredCheckpoint) -> None:
        try:
            self._ask(witness, workspace, latest)
            witness.rest = 0.0
        except Halt as halt:
            self._guard.halt(workspace, str(halt))
        except (ImmutableError, httpx2.HTTPError, httpx2.InvalidURL, NoteError) as error:
            witness.rest = min(max(witness.rest * 2, _FIRST_REST), _LONGEST_REST)
            witness.ask_at = time.monotonic() + witness.rest
            _log.warning("witness_did_not_sign", witness=witness.verifier.name, error=str(error), again_in=witness.rest)

    def _ask(self, witness: Witness, workspace: Workspace, latest: StoredCheckpoint) -> None:
        """Ask once, and again where the witness names the size that it knows."""
        place = workspace.number, latest.origin
        status, body = self._send(witness, workspace, latest, witness.known.get(place, 0))
        if status == 409:
            known = _size(body)
            if known > latest.size:
                raise Halt(
                    f"The log was set back: it was signed at {latest.size:,}, and the witness {witness.verifier.name} has signed "
                    f"{known:,}. Nothing more is signed. If the database was restored on purpose, say so with "
                    "`immutable checkpoint accept-rollback`; otherwise bring the newer database back."
                )
            status, body = self._send(witness, workspace, latest, known)
        if status == 422:
            raise Halt(
                f"The witness {witness.verifier.name} holds a checkpoint that this log does not continue: it was set back "
                "and went on differently, or rewritten. Nothing more is signed until somebody decides: docs/specs/checkpoints.md."
            )
        if status != 200:
            raise ImmutableError(f"It answered {status}.")
        opened = open_note(latest.note + body, [witness.verifier])
        line = opened.signatures[0].line
        self._proofs.add_cosignature(
            workspace, Cosignature(latest.size, latest.origin, witness.name, line, clock.now())
        )
        witness.known[place] = latest.size

    def _send(
        self, witness: Witness, workspace: Workspace, latest: StoredCheckpoint, old_size: int
    ) -> tuple[int, bytes]:
        tree = Tree(tile_reader(self._proofs, workspace), latest.size)
        proof = consistency_proof(tree, min(old_size, latest.size))
        lines = [f"old {old_size}", *(base64.b64encode(one).decode() for one in proof)]
        content = ("\n".join(lines) + "\n\n").encode() + latest.note
        return self._client.post(witness.url, content, "text/plain; charset=utf-8")


def _size(body: bytes) -> int:
    text = body.decode("ascii", "replace").strip()
    if not text.isdecimal() or len(text) > 19:
        raise ImmutableError("It answered 409 without the size that it knows.")
    return int(text)
