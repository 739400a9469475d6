"""Somebody with full write access to the database, and then with the signing key too: who catches what, and what nobody can.

`docs/security/adversaries.md` lists these tests; a test there holds that list to this file.
"""

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest
from tests.anchors.authority import Authority, serving
from tests.checkpoints.test_witness import _witness
from tests.logs import SILENCE, event
from tests.tampering.adversary import HONEST, LENGTH, OLD, Attack, Installation, Original, told

from immutable.anchors.anchorer import Anchorer
from immutable.anchors.follower import Anchoring
from immutable.anchors.rfc3161 import TimestampAuthority
from immutable.anchors.vouching import known_outside
from immutable.checkpoints.guard import Guard
from immutable.checkpoints.keys import verifier_of
from immutable.checkpoints.proofs import checkpoint_of
from immutable.checkpoints.witness import Cosigner
from immutable.errors import Conflict
from immutable.integrity.checkpoint import parse_checkpoint
from immutable.integrity.merkle import leaf_hash
from immutable.integrity.note import NoteError, Signer, open_note
from immutable.integrity.proof import ProofError, check_consistency, check_inclusion, consistency_proof, inclusion_proof
from immutable.integrity.succession import ACTION, succession_note, succession_target
from immutable.integrity.tiles import Tree
from immutable.log import verify as log_verify
from immutable.log.verify import Verdict
from immutable.model.event import EventDraft
from immutable.outbound.client import OutboundClient
from immutable.store.proof_store import StoredKey
from immutable.store.proof_tiles import tile_reader
from immutable_verify import log as outsiders_log
from immutable_verify.findings import Refused
from immutable_verify.note import LOG, parse_key

_REST = HONEST[OLD:]
FORGERIES: dict[str, Sequence[EventDraft]] = {
    "edited": [event(actor_id="somebody else"), *_REST[1:]],
    "dropped": _REST[1:],
    "inserted": [event(actor_id="never there"), *_REST],
    "reordered": [_REST[1], _REST[0], *_REST[2:]],
    "longer": [event(actor_id="somebody else"), *_REST[1:], *[told(number) for number in range(20, 30)]],
}
SIGNED = ("checkpoints", "signing_keys")
TREE = ("trees", "tiles", *SIGNED)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def original(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Original:
    """An honest log on each engine, and an older copy of it."""
    return Original(tmp_path_factory.mktemp("original"), request.param)


@pytest.fixture
def attack(tmp_path: Path, original: Original) -> Iterator[Attack]:
    """An honest log with an older copy of it in the wrong hands."""
    made = Attack(tmp_path, original)
    yield made
    made.close()


def kinds(verdict: Verdict) -> set[str]:
    """How verification calls what was done."""
    assert not verdict.valid
    assert all(one.message for one in verdict.breaks)
    return {one.kind for one in verdict.breaks}


def seals(verdict: Verdict) -> list[tuple[int, int, tuple[str, ...]]]:
    """What stands behind which events."""
    return [(one.first_sequence, one.last_sequence, one.seals) for one in verdict.scope]


def test_an_honest_log_is_told_with_its_scope(attack: Attack) -> None:
    """What was signed, and what was not yet: never a bare yes."""
    attack.honest.log.append(event())
    verdict = attack.honest.verify()
    assert verdict.valid
    assert seals(verdict) == [(1, LENGTH, ("signed",)), (LENGTH + 1, LENGTH + 1, ())]


# With the database alone


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_history_hashed_anew_is_told_with_the_place_where_it_begins(attack: Attack, forgery: str) -> None:
    """Whatever was done to the events, whole as the chain may be: it is not what the tree was made of."""
    forged = attack.forge(FORGERIES[forgery], has_key=False)
    verdict = attack.put(forged, keeps=TREE).verify(known=False)
    (one,) = [one for one in verdict.breaks if one.kind == "rewritten"]
    assert (one.type, one.sequence) == ("checkpoint_mismatch", OLD + 1)
    assert f"rewritten from event {OLD + 1} on" in one.message
    assert seals(verdict)[0] == (1, OLD, ("signed",))


def test_a_history_with_a_tree_of_its_own_is_told_by_what_was_signed(attack: Attack) -> None:
    """The forged tree fits the forged events, and not the checkpoints: the first that does not fit says where it began."""
    forged = attack.forge(FORGERIES["edited"], has_key=True)
    verdict = attack.put(forged, keeps=SIGNED).verify(known=False)
    (one,) = verdict.breaks
    assert (one.kind, one.sequence) == ("rewritten", OLD + 1)
    assert f"between {OLD + 1} and {LENGTH}" in one.message
    assert seals(verdict)[0] == (1, OLD, ("signed",))


def test_a_checkpoint_that_no_key_of_the_log_signed_is_forged(attack: Attack) -> None:
    """A tree and checkpoints signed with a key of the adversary's own."""
    attack.forget_keys()
    forged = attack.forge(FORGERIES["edited"], has_key=True)
    verdict = attack.put(forged, keeps=("signing_keys",)).verify(known=False)
    assert "forged_checkpoint" in kinds(verdict)


def test_a_key_put_in_the_place_of_the_logs_own_is_a_fork(attack: Attack) -> None:
    """What was kept outside the database was signed by another key; nor does a client take the new one for the log's."""
    (verifier,) = [verifier_of(key) for key in attack.honest.proofs.signing_keys(attack.honest.workspace)]
    attack.forget_keys()
    forged = attack.forge(FORGERIES["edited"], has_key=True)
    installation = attack.put(forged)
    verdict = installation.verify()
    assert kinds(verdict) == {"forked"}
    assert "a key that the database does not name" in verdict.breaks[0].message
    assert seals(verdict) == [(1, LENGTH, ())]
    with pytest.raises(NoteError):
        open_note(installation.checkpoint(), [verifier])
    with pytest.raises(Refused):
        outsiders_log.check_checkpoints(installation.checkpoint(), None, None, [parse_key(str(verifier), LOG)])


SAYS = {
    "nothing": None,
    "an event that the adversary's key signed": "adversary",
    "an event that a key signed which they called the log's": "impostor",
}


@pytest.mark.parametrize("says", SAYS)
def test_a_key_under_a_new_name_is_believed_only_where_the_old_key_says_so(attack: Attack, says: str) -> None:
    """As after an accepted rollback: a new origin that would set aside what was signed of the old one."""
    (key,) = attack.honest.proofs.signing_keys(attack.honest.workspace)
    old = verifier_of(key)
    forged = attack.forge(FORGERIES["edited"], has_key=False)
    mine = Signer(f"{old.name}/2", os.urandom(32))
    signer = {"adversary": mine, "impostor": Signer(old.name, os.urandom(32))}.get(SAYS[says] or "")
    if signer is not None:
        root = Tree(tile_reader(forged.proofs, forged.workspace), OLD).root()
        target = succession_target(succession_note(signer, OLD, root, mine.verifier))
        forged.log.append(event(action=ACTION, targets=(target,)))
        forged.log.settle()
        if SAYS[says] == "impostor":
            added = StoredKey(signer.name, signer.verifier.public_key, None, key.created_at + 1, OLD)
            forged.proofs.add_signing_key(forged.workspace, added)
    forged.sign_as(mine)
    installation = attack.put(forged)
    assert kinds(installation.verify()) & {"forked", "rolled_back"}
    if SAYS[says] != "impostor":  # with a key put beside the log's under its own name, only what was kept tells
        assert "forged_origin" in kinds(installation.verify(known=False))
        with pytest.raises(Conflict, match="no accepted rollback"):
            checkpoint_of(installation.store, installation.workspace, None)
    installation.log.append(event())
    installation.sign()
    assert installation.proofs.tree(installation.workspace).halted is not None
    with pytest.raises(Refused):
        outsiders_log.check_checkpoints(installation.checkpoint(), None, None, [parse_key(str(old), LOG)])


def test_an_older_copy_is_told_by_what_was_kept_outside(attack: Attack) -> None:
    """The copy is whole in itself and genuinely signed; the kept checkpoint, or a client's, knows that the log went further."""
    attack.take_copy().open()
    installation = attack.put(attack.forged)
    for verdict in (installation.verify(), installation.verify(known=False, notes=[attack.second])):
        (one,) = verdict.breaks
        assert (one.kind, one.sequence) == ("rolled_back", OLD + 1)
    alone = installation.verify(known=False)
    assert (alone.valid, alone.head.seq) == (True, OLD)  # the limit: nothing inside the database tells


def test_an_end_cut_off_with_all_that_follows_from_it_is_told_by_the_tree(attack: Attack) -> None:
    """Events, head, sessions and indexes of an older copy, beside the tree as it was."""
    forged = attack.forge([event()], has_key=False)
    verdict = attack.put(forged, keeps=TREE).verify(known=False)
    assert ("cut_off", OLD + 2) in {(one.kind, one.sequence) for one in verdict.breaks}


def test_a_cut_end_and_a_lost_event_are_called_so(attack: Attack) -> None:
    """Cut off at the end, or deleted in between."""
    attack.honest.database.edit(f"DELETE FROM entries WHERE {{seq}} > {LENGTH - 2}")
    assert {"cut_off"} == kinds(attack.honest.verify(chain_only=True))
    attack.honest.database.edit("DELETE FROM entries WHERE {seq} = 3")
    assert {"cut_off", "deleted"} == kinds(attack.honest.verify(chain_only=True))


def test_one_event_hashed_anew_is_edited(attack: Attack) -> None:
    """Only its own hash was made to fit."""
    attack.honest.database.edit("UPDATE entries SET event_hash = {junk} WHERE {seq} = 4")
    verdict = attack.honest.verify()
    assert ("checkpoint_mismatch", "edited", 4) in {(one.type, one.kind, one.sequence) for one in verdict.breaks}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tiles SET hashes = {junk_hashes} WHERE level = 0",
        "DELETE FROM tiles",
        "UPDATE trees SET size = 3",
        "DELETE FROM trees",
    ],
)
def test_a_tree_that_was_touched_is_told_from_a_log_that_was(attack: Attack, statement: str) -> None:
    """The events are still those that were signed: the tree is what was damaged, and only that is said."""
    attack.honest.database.edit(statement)
    assert kinds(attack.honest.verify()) == {"tree_damaged"}


@pytest.mark.parametrize("statement", ["UPDATE checkpoints SET note = {other_note}",
                                       "UPDATE checkpoints SET root = {junk}",
                                       f"UPDATE checkpoints SET size = {LENGTH - 1} WHERE size = {LENGTH}"])  # fmt: skip
def test_an_edited_checkpoint_is_forged(attack: Attack, statement: str) -> None:
    """Its row or its note says something else than what was signed."""
    attack.honest.database.edit(statement)
    assert "forged_checkpoint" in kinds(attack.honest.verify())


def test_a_replayed_checkpoint_covers_no_more_than_it_did(attack: Attack) -> None:
    """An old one shown as the latest is genuine; verification says how far it reaches, and a client asks for more."""
    attack.honest.database.edit(f"DELETE FROM checkpoints WHERE size = {LENGTH}")
    verdict = attack.honest.verify()
    assert verdict.valid
    assert seals(verdict) == [(1, OLD, ("signed",)), (OLD + 1, LENGTH, ())]


def test_checkpoints_of_another_workspace_are_not_this_logs(tmp_path: Path, original: Original, attack: Attack) -> None:
    """A checkpoint names its log and is signed by its key, so another log's cannot stand in for it."""
    other = Attack(tmp_path / "second", Original(tmp_path / "second original", original.engine))
    other.honest.database.take(("checkpoints",), attack.honest.database)
    verdict = other.honest.verify()
    assert verdict.valid  # the log itself is right
    assert seals(verdict) == [(1, LENGTH, ())]  # and nothing of it is taken for signed
    (key,) = other.honest.proofs.signing_keys(other.honest.workspace)
    other.honest.database.edit(f"UPDATE checkpoints SET origin = '{key.name}'")
    assert kinds(other.honest.verify()) == {"forged_checkpoint"}
    other.close()


# With the signing key too


def test_a_history_signed_anew_is_a_fork_for_the_host_that_kept_a_checkpoint(attack: Attack) -> None:
    """Two histories, both signed by the log's own key: that is proof, not only suspicion."""
    forged = attack.forge(FORGERIES["edited"], has_key=True)
    verdict = attack.put(forged).verify()
    (one,) = verdict.breaks
    assert one.kind == "forked"
    assert "signed by a key of this log" in one.message
    assert seals(verdict) == [(1, LENGTH, ())]


def test_a_witness_does_not_sign_the_other_history(tmp_path: Path, attack: Attack) -> None:
    """The witness remembers what it signed: it refuses the fork, and the log that asked is halted."""
    (key,) = attack.honest.proofs.signing_keys(attack.honest.workspace)
    with _witness(tmp_path / "w", str(verifier_of(key))) as setting:
        attack.honest.settings = msgspec.structs.replace(attack.honest.settings, witnesses=(setting,))
        _cosign(attack, setting)
        assert seals(attack.honest.verify()) == [(1, LENGTH, ("signed", "witnessed"))]
        forged = attack.forge(FORGERIES["longer"], has_key=True)
        installation = attack.put(forged, with_kept=True)
        _cosign(attack, setting)
        halted = installation.proofs.tree(installation.workspace).halted
        assert halted is not None
        assert "went on differently" in halted
        verdict = installation.verify()
        assert verdict.signing_halted == halted
        assert seals(verdict)[0][2] == ("signed",)


def test_cosignatures_do_not_carry_over_to_another_history(tmp_path: Path, attack: Attack) -> None:
    """Left beside the forged checkpoint of the same size, the witness's line gives it away."""
    (key,) = attack.honest.proofs.signing_keys(attack.honest.workspace)
    with _witness(tmp_path / "w", str(verifier_of(key))) as setting:
        attack.honest.settings = msgspec.structs.replace(attack.honest.settings, witnesses=(setting,))
        _cosign(attack, setting)
        forged = attack.forge(FORGERIES["edited"], has_key=True)
        verdict = attack.put(forged, keeps=["cosignatures"], with_kept=True).verify()
    assert kinds(verdict) == {"forged_checkpoint"}


def test_two_clients_who_were_shown_two_histories_find_out(attack: Attack) -> None:
    """Each holds a checkpoint of its own; held together by the outsiders' verifier, no proof can join them."""
    (key,) = attack.honest.proofs.signing_keys(attack.honest.workspace)
    outsiders = [parse_key(str(verifier_of(key)), LOG)]
    forged = attack.forge(FORGERIES["longer"], has_key=True)
    installation = attack.put(forged, with_kept=True)
    shown = installation.checkpoint()
    size = parse_checkpoint(open_note(shown, [verifier_of(key)]).text).size
    tree = Tree(tile_reader(installation.proofs, installation.workspace), size)
    proof = json.dumps({"hashes": [one.hex() for one in consistency_proof(tree, LENGTH)]}).encode()
    with pytest.raises(Refused):
        outsiders_log.check_checkpoints(attack.second, shown, proof, outsiders)
    fine = json.dumps({"hashes": [one.hex() for one in consistency_proof(tree, OLD)]}).encode()
    assert outsiders_log.check_checkpoints(attack.first, shown, fine, outsiders).established


def test_a_client_with_a_receipt_or_an_old_checkpoint_finds_out(attack: Attack) -> None:
    """The receipt's hash is in no proof of the new history, and the old checkpoint does not lead to the new one."""
    forged = attack.forge(FORGERIES["edited"], has_key=True)
    installation = attack.put(forged, with_kept=True)
    (latest,) = installation.proofs.checkpoints(installation.workspace)
    tree = Tree(tile_reader(installation.proofs, installation.workspace), latest.size)
    for place, event_hash in enumerate(attack.receipts):
        proof = inclusion_proof(tree, place)
        if place < OLD:
            check_inclusion(leaf_hash(event_hash), place, latest.size, proof, latest.root)
        else:
            with pytest.raises(ProofError):
                check_inclusion(leaf_hash(event_hash), place, latest.size, proof, latest.root)
    old = parse_checkpoint(attack.second.decode().split("\n\n")[0] + "\n")
    with pytest.raises(ProofError):
        check_consistency(old.size, old.root, latest.size, latest.root, [])
    verdict = installation.verify(notes=[attack.second])
    assert kinds(verdict) == {"forked"}


def test_a_history_signed_anew_is_not_what_was_time_stamped(attack: Attack, tmp_path: Path) -> None:
    """A time-stamp that was left in the database covers the honest log alone; and on that it says which events it covers."""
    honest, client = attack.honest, OutboundClient(private_addresses=True)
    with serving(Authority(tmp_path / "authority")) as authority:
        anchorer = TimestampAuthority(authority.url, authority.certificates, client)
        anchoring = Anchoring(honest.store, {anchorer.chain: anchorer}, 86_400)
        anchoring.request(honest.workspace)
        while anchoring.step():
            pass
    client.close()
    assert seals(_held_against(honest, anchorer)) == [(1, LENGTH, ("signed", "anchored"))]
    forged = attack.forge(FORGERIES["longer"], has_key=True)
    installation = attack.put(forged, keeps=("anchors",), with_kept=True)
    assert installation.verify().valid
    assert kinds(_held_against(installation, anchorer)) == {"forked"}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_the_limit_with_the_key_and_the_kept_checkpoint_nothing_here_tells(attack: Attack, forgery: str) -> None:
    """Key stolen, checkpoints folder rewritten, no witness, no anchor, no client who kept anything: it verifies."""
    forged = attack.forge(FORGERIES[forgery], has_key=True)
    verdict = attack.put(forged, with_kept=True).verify()
    assert verdict.valid
    assert {one.seals for one in verdict.scope} == {("signed",)}  # and no more than that is said of it


def _held_against(installation: Installation, anchorer: Anchorer) -> Verdict:
    known = known_outside(
        installation.store, installation.settings, installation.kept, {anchorer.chain: anchorer}, installation.workspace
    )
    return log_verify.verify(installation.store, installation.workspace, 1, 1 << 40, silence=SILENCE, outside=known)


def _cosign(attack: Attack, setting: str) -> None:
    client = OutboundClient(private_addresses=True)
    proofs = attack.honest.proofs
    Cosigner(proofs, Guard(attack.honest.store, attack.honest.kept), [setting], client, lambda: True).step()
    client.close()
