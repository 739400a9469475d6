"""Who vouches for a pack besides the log: witnesses' cosignatures, and anchored checkpoints with their consistency proofs."""

import io

import pypdf
from tests.logs import SILENCE, event, open_log, small_epochs
from tests.story.test_told import draft, facts_of

from immutable import clock
from immutable.checkpoints.covering import covering_checkpoint
from immutable.checkpoints.integrate import Integrator
from immutable.checkpoints.kept import Kept
from immutable.checkpoints.keys import SigningKeys, verifier_of
from immutable.checkpoints.rollback import accept_rollback
from immutable.evidence import report_pdf
from immutable.evidence.case import Case
from immutable.evidence.pack import Anchor, Bounds, Packer
from immutable.evidence.scope import Scope
from immutable.integrity.note import COSIGNATURE, Signer, signature_line, split_note
from immutable.log.system_events import SERVER
from immutable.model.filters import EventFilter
from immutable.retention.archive_folder import ArchiveFolder
from immutable.retention.prune import prune_epoch
from immutable.sessions.destructive import DestructiveRule
from immutable.settings import Settings
from immutable.store.proof_store import Cosignature
from immutable_verify import note, pack
from immutable_verify.note import LOG, WITNESS


def _packer(log, integrator, keys, **vouching):
    return Packer(
        log.store,
        keys,
        lambda place, seq: covering_checkpoint(log.store, place, seq, hasten=integrator.hasten, seconds=1),
        rule=lambda _: DestructiveRule(("*.deleted",)),
        bounds=Bounds(1_000, 1 << 20),
        **vouching,
    )


def test_a_pack_shows_who_else_vouches(tmp_path):
    """An earlier checkpoint is in the pack as an anchor with its proof, and a witness's cosignature counts for who knows it."""
    witness = Signer("witness.example", b"\7" * 32, COSIGNATURE)
    with open_log(tmp_path / "log.db") as log:
        proofs, workspace = log.store.proofs, log.workspace
        log.store.lock_for_appending()
        keys = SigningKeys(proofs, Settings(secret="a secret of the tests alone"))
        integrator = Integrator(log.store, keys, Kept(tmp_path / "kept"), 0)
        log.append(*(event() for _ in range(300)))
        while integrator.step():
            pass
        (early,) = proofs.checkpoints(workspace)
        log.append(*(event(action="document.deleted") for _ in range(3)))
        while integrator.step():
            pass
        (latest,) = proofs.checkpoints(workspace)
        line = signature_line(witness, split_note(latest.note)[0], 1_774_600_391)
        name = f"{witness.name}+{witness.verifier.key_id.hex()}"
        proofs.add_cosignature(workspace, Cosignature(latest.size, latest.origin, name, line, clock.now()))
        anchor = Anchor("2026-03-27", early.size, early.note)
        packer = _packer(log, integrator, keys, witnesses=[str(witness.verifier)], anchors=lambda _: [anchor])
        made = packer.make(workspace, Scope())
        with made.file as file:
            content = file.read()
        trusted = [note.parse_key(str(verifier_of(key)), LOG) for key in proofs.signing_keys(workspace)]
    findings = pack.check(content, [*trusted, note.parse_key(str(witness.verifier), WITNESS)])
    assert findings.trusted
    assert "Events witnessed: 1 to 303." in findings.established
    assert b"Witnesses signed that the log grew without rewriting: " + name.encode() in content
    assert b"anchors/2026-03-27.checkpoint" in content
    assert len(content) == made.size


def test_a_pack_leads_from_the_old_name_of_a_restored_log_to_the_new_one(tmp_path):
    """Whoever knows only the old key learns from the pack that the log was set back, and trusts what goes on from there."""
    with open_log(tmp_path / "log.db") as log:
        proofs, kept = log.store.proofs, Kept(tmp_path / "kept")
        log.store.lock_for_appending()
        keys = SigningKeys(proofs, Settings(secret="a secret of the tests alone"))
        integrator = Integrator(log.store, keys, kept, 0)
        log.append(*(event() for _ in range(5)))
        while integrator.step():
            pass
        proofs.set_halted(log.workspace, "as if an older copy was restored")
        accept_rollback(log.store, keys, kept, log.workspace, by=SERVER, reason="r", silence=SILENCE)
        log.now += 3_600_000_000 * 24 * 365 * 10
        log.append(event())
        while integrator.step():
            pass
        old, new = (note.parse_key(str(verifier_of(key)), LOG) for key in proofs.signing_keys(log.workspace))
        with _packer(log, integrator, keys).make(log.workspace, Scope()).file as file:
            content = file.read()
    for known in ([old], [new]):
        findings = pack.check(content, known)
        assert findings.trusted
        assert any("set back to its first 5 events, on the record (event 6)" in one for one in findings.established)
    assert not pack.check(content, []).trusted


def test_a_pack_says_what_was_pruned_before_it_was_made(tmp_path):
    """The report, on both media, and the verifier: nobody takes what is left of a case for all there was."""
    with small_epochs(), open_log(tmp_path / "log.db") as log:
        log.store.lock_for_appending()
        keys = SigningKeys(log.store.proofs, Settings(secret="a secret of the tests alone"))
        integrator = Integrator(log.store, keys, Kept(tmp_path / "kept"), 0)
        log.append(*(event() for _ in range(20)))
        while integrator.step():
            pass
        prune_epoch(log.store, log.workspace, ArchiveFolder(str(tmp_path / "archives")), by=SERVER, silence=SILENCE)
        while integrator.step():
            pass
        wanted = Scope(filters=EventFilter(actor_id="usr_1"))
        with _packer(log, integrator, keys).make(log.workspace, wanted).file as file:
            content = file.read()
    findings = pack.check(content, [])
    said = "What events 1 to 8 say: the log had pruned them, as it tells, and none is here."
    assert said in findings.not_established
    assert b"Events 1 to 8 of the log had been pruned before, on its record" in content


def test_paper_says_first_what_it_does_not_print(monkeypatch):
    """Where there are more events than the PDF prints, its first page says so, and so does the end of the timeline."""
    monkeypatch.setattr(report_pdf, "MOST_FACTS", 2)
    facts = facts_of(*(draft(second, "document.viewed") for second in range(5)))
    case = Case("it", "ws_1", "log.example", 0, 5, b"r" * 32, [], [], 0, facts, [], [])
    text = "".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(report_pdf.paper(case))).pages)
    assert "prints the first 2 of 5 events" in text.replace("\n", " ").split("The story")[0]
    assert "3 more events are not printed here" in text.replace("\n", " ")
