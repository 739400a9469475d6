"""Checkpoints, proofs and signing keys of the key's own workspace."""

from typing import Annotated, ClassVar

import msgspec

from immutable import clock
from immutable.api import parameters, schemas
from immutable.api.answer import Answer, json_answer
from immutable.api.decode_body import body_as
from immutable.api.endpoint import Call
from immutable.api.parameters import Parameter, limit_of
from immutable.api.responsible import responsible
from immutable.checkpoints.keys import verifier_of
from immutable.checkpoints.proofs import ShownCheckpoint, checkpoint_of, prove_consistency, prove_inclusion, shown
from immutable.checkpoints.rollback import accept_rollback
from immutable.errors import BadRequest, NotFound
from immutable.integrity.merkle import leaf_hash
from immutable.integrity.note import NoteError, split_note
from immutable.integrity.record import decode_record
from immutable.log.system_events import append_system_event, system_event
from immutable.store.proof_store import StoredKey

_SIZE = {"type": "integer", "minimum": 1}
SIZE = Parameter("size", "The checkpoint of this many events; without it, the latest.", _SIZE)
FROM = Parameter("from", "The smaller tree's size.", _SIZE)
TO = Parameter("to", "The larger tree's size; without it, that of the latest checkpoint.", _SIZE)
LIST_PARAMETERS = (parameters.LIMIT, parameters.CURSOR)

Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=1_000, description="Why; it is kept in the log.")]


class CosignatureView(msgspec.Struct):
    """What a witness signed of a checkpoint."""

    witness: str
    cosigned_at: schemas.Time | None


class CheckpointView(msgspec.Struct):
    """A signed checkpoint: the first `size` events have this Merkle root. `note` is what is signed, with all signatures."""

    origin: str
    size: schemas.Count
    root_hash: schemas.Hash
    created_at: schemas.Time
    note: str
    cosignatures: list[CosignatureView]


class CheckpointAnswer(msgspec.Struct):
    """One checkpoint."""

    data: CheckpointView


class LatestAnswer(msgspec.Struct):
    """The latest checkpoint; `halted` says why nothing more is signed, if so."""

    data: CheckpointView
    halted: str | None


class CheckpointList(msgspec.Struct):
    """Checkpoints, newest first."""

    data: list[CheckpointView]
    pagination: schemas.Page


class InclusionView(msgspec.Struct):
    """That an event is in a checkpoint: its leaf, number `leaf_index` from 0, and the hashes from it to the root (RFC 9162)."""

    event_id: schemas.Id
    sequence: schemas.Sequence
    event_hash: schemas.Hash
    leaf_index: schemas.Count
    leaf_hash: schemas.Hash
    hashes: list[schemas.Hash]
    checkpoint: CheckpointView


class InclusionAnswer(msgspec.Struct):
    """An inclusion proof."""

    data: InclusionView


class ConsistencyView(msgspec.Struct):
    """That the tree of `from` events is the beginning of that of `to` events (RFC 9162)."""

    from_size: schemas.Count
    from_root_hash: schemas.Hash
    to_size: schemas.Count
    to_root_hash: schemas.Hash
    hashes: list[schemas.Hash]


class ConsistencyAnswer(msgspec.Struct):
    """A consistency proof."""

    data: ConsistencyView


class SigningKeyView(msgspec.Struct):
    """A key that signs checkpoints, or did. `verifier_key` is how C2SP writes it; it signed trees larger than `first_size`."""

    verifier_key: str
    origin: str
    public_key: schemas.Hash
    first_size: schemas.Count
    created_at: schemas.Time
    retired_at: schemas.Time | None


class SigningKeyList(msgspec.Struct):
    """All keys, oldest first."""

    data: list[SigningKeyView]


class SigningKeyAnswer(msgspec.Struct):
    """One key."""

    data: SigningKeyView


class DecisionInput(msgspec.Struct, forbid_unknown_fields=True):
    """An operator's decision."""

    EXAMPLE: ClassVar = {"reason": "Change 512"}

    reason: Reason


async def list_checkpoints(call: Call) -> Answer:
    """The signed checkpoints, newest first."""
    services, limit = call.services, limit_of(call.query)
    before = (
        services.cursors.read(call.workspace, "checkpoints", call.query["cursor"])[0]
        if "cursor" in call.query
        else None
    )
    proofs = services.store.proofs
    stored = await services.read(proofs.checkpoints, call.workspace, before=before, limit=limit + 1)
    found = await services.read(shown, proofs, call.workspace, stored[:limit])
    has_more = len(stored) > limit
    cursor = services.cursors.make(call.workspace, "checkpoints", found[-1].stored.created_at) if has_more else None
    return json_answer(CheckpointList([_checkpoint(one) for one in found], schemas.Page(has_more, cursor)))


async def get_latest(call: Call) -> Answer:
    """The latest signed checkpoint, and whether the log still goes on from what was signed."""
    proofs = call.services.store.proofs
    found = await call.services.read(checkpoint_of, call.services.store, call.workspace, None)
    state = await call.services.read(proofs.tree, call.workspace)
    return json_answer(LatestAnswer(_checkpoint(found), state.halted))


async def get_checkpoint(call: Call) -> Answer:
    """The signed checkpoint of this many events."""
    size = _number("size", call.path["size"])
    found = await call.services.read(checkpoint_of, call.services.store, call.workspace, size)
    return json_answer(CheckpointAnswer(_checkpoint(found)))


async def get_inclusion(call: Call) -> Answer:
    """The proof that an event is in a signed checkpoint; 409 while the event is newer than the latest one."""
    services = call.services
    entry = await services.read(services.store.entry, call.workspace, call.path["id"].lower())
    if entry is None:
        raise NotFound("There is no event of this id in this workspace.")
    size = _number("size", call.query["size"]) if "size" in call.query else None
    proof = await services.read(prove_inclusion, services.store, call.workspace, entry.seq, size)
    leaf = leaf_hash(entry.event_hash).hex()
    view = InclusionView(
        decode_record(entry.record).id, entry.seq, entry.event_hash.hex(), entry.seq - 1, leaf,
        [one.hex() for one in proof.hashes], _checkpoint(proof.checkpoint),
    )  # fmt: skip
    return json_answer(InclusionAnswer(view))


async def get_consistency(call: Call) -> Answer:
    """The proof that a smaller tree is the beginning of a larger one."""
    if "from" not in call.query:
        raise BadRequest("from is missing: the smaller tree's size.")
    services, smaller = call.services, _number("from", call.query["from"])
    if "to" in call.query:
        larger = _number("to", call.query["to"])
    else:
        larger = (await services.read(checkpoint_of, services.store, call.workspace, None)).stored.size
    found = await services.read(prove_consistency, services.store.proofs, call.workspace, (smaller, larger))
    old, new = found.roots
    view = ConsistencyView(smaller, old.hex(), larger, new.hex(), [one.hex() for one in found.hashes])
    return json_answer(ConsistencyAnswer(view))


async def list_keys(call: Call) -> Answer:
    """The public keys that check the log's checkpoints, retired ones too."""
    keys = await call.services.read(call.services.store.proofs.signing_keys, call.workspace)
    return json_answer(SigningKeyList([_key(key) for key in keys]))


async def post_key(call: Call) -> Answer:
    """Make a new signing key; it signs from the next checkpoint on, and the log says so."""
    services, given = call.services, body_as(call.body, DecisionInput)

    def rotate() -> StoredKey:
        key = services.signing_keys.make(call.workspace, services.store.proofs.tree(call.workspace).size)
        metadata = {"reason": given.reason, "verifier_key": str(verifier_of(key))}
        event = system_event("signing_key_rotated", responsible(call), metadata=metadata)
        append_system_event(services.store, call.workspace, event, services.silence)
        return key

    return json_answer(SigningKeyAnswer(_key(await services.work(rotate))))


async def post_accept_rollback(call: Call) -> Answer:
    """Go on with a log that was set back to an older state, under a new origin; the log says so. Conflict if it was not."""
    services, given = call.services, body_as(call.body, DecisionInput)
    key = await services.work(
        accept_rollback, services.store, services.signing_keys, services.kept, call.workspace, by=responsible(call),
        reason=given.reason, silence=services.silence,
    )  # fmt: skip
    return json_answer(SigningKeyAnswer(_key(key)))


def _checkpoint(one: ShownCheckpoint) -> CheckpointView:
    stored = one.stored
    signed = [CosignatureView(line.witness, _cosigned_at(one, line.line)) for line in one.cosignatures]
    return CheckpointView(
        stored.origin, stored.size, stored.root.hex(), clock.to_text(stored.created_at), one.note.decode(), signed
    )


def _cosigned_at(one: ShownCheckpoint, line: str) -> str | None:
    """The time that a witness signed with the checkpoint."""
    try:
        signatures = dict(split_note(one.note)[1])
    except NoteError:
        return None
    name_id_signature = signatures.get(line)
    if name_id_signature is None or len(name_id_signature[2]) != 8 + 64:
        return None
    return clock.to_text(int.from_bytes(name_id_signature[2][:8], "big") * 1_000_000)


def _key(key: StoredKey) -> SigningKeyView:
    retired_at = None if key.retired_at is None else clock.to_text(key.retired_at)
    return SigningKeyView(
        str(verifier_of(key)), key.name, key.public.hex(), key.first_size, clock.to_text(key.created_at), retired_at
    )


def _number(name: str, text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 15 or int(text) < 1:
        raise BadRequest(f"{name} must be a whole number, 1 or more.")
    return int(text)
