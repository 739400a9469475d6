"""The verifier on packs: any of them verifies, none that was touched, and nothing hostile brings it down."""

import ast
import json
import os
import random
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from immutable.integrity import chain
from immutable.integrity import note as signing
from immutable.integrity import pack as writer
from immutable.model.event import EMPTY_HEAD, EventDraft
from immutable_verify import archive, note, pack
from immutable_verify.findings import Refused
from immutable_verify.note import LOG, WITNESS

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "verifier" / "src" / "immutable_verify"
EVIDENCE = ROOT / "conformance" / "evidence"
KEYS = json.loads((EVIDENCE / "keys.json").read_text("utf-8"))
TRUSTED = [note.parse_key(KEYS["log"], LOG), note.parse_key(KEYS["witness"], WITNESS)]
VECTORS: dict[str, Any] = runpy.run_path(str(ROOT / "tools" / "write_proof_vectors.py"))
ENTRIES = VECTORS["log"]()
SOUND = {path.name: path.read_bytes() for path in EVIDENCE.glob("sound-*.zip")}


def test_the_verifier_shares_no_code_with_the_server() -> None:
    """It imports the standard library, itself and one library for Ed25519, and an auditor can read it in an hour."""
    lines = 0
    for path in PACKAGE.glob("*.py"):
        text = path.read_text("utf-8")
        lines += text.count("\n")
        for node in ast.walk(ast.parse(text)):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                top = name.split(".")[0]
                assert top in {*sys.stdlib_module_names, "immutable_verify", "cryptography"}
    assert lines < 1250


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 280), st.integers(1, 20), st.sets(st.integers(0, 19)), st.booleans())
def test_any_pack_of_a_log_verifies(first: int, count: int, withheld: set[int], erased: bool) -> None:
    """Whatever range is chosen and whatever is withheld or was erased, the pack verifies and says how much of it."""
    shown = range(first, first + count)
    gone = {102, 103} & set(shown) if erased else set()
    kept = {first + at for at in withheld if at < count} - gone
    made = VECTORS["sealed"](VECTORS["evidence_files"](ENTRIES, shown, erased=gone, withheld=kept))
    findings = pack.check(made, TRUSTED)
    assert findings.trusted
    assert any("withheld" in sentence for sentence in findings.not_established) == bool(kept)
    assert any("erased" in sentence for sentence in findings.established) == bool(gone)


@pytest.mark.parametrize("name", SOUND)
def test_a_change_of_any_byte_is_noticed(name: str) -> None:
    """Each byte of a pack, archive headers and signatures included, is bound: whichever is changed, it does not verify."""
    data = SOUND[name]
    chance = random.Random(name)
    places = range(len(data)) if name == "sound-session.zip" else chance.sample(range(len(data)), 1000)
    for at in places:
        changed = bytearray(data)
        changed[at] ^= 1 << chance.randrange(8)
        with pytest.raises(Refused):
            pack.check(bytes(changed), TRUSTED)


def test_a_pack_that_is_cut_or_grows_is_refused() -> None:
    """No beginning of a pack is one, nor is one with bytes before or behind."""
    data = SOUND["sound-session.zip"]
    for changed in (*(data[:size] for size in range(0, len(data), 97)), data + b"\n", b"\n" + data, data + data):
        with pytest.raises(Refused):
            pack.check(changed, TRUSTED)


@given(st.binary(max_size=200), st.integers(0, 2**16))
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_noise_gets_a_verdict(noise: bytes, at: int) -> None:
    """Noise, and a pack with noise in it, are refused, never answered with a traceback."""
    data = SOUND["sound-session.zip"]
    place = at % len(data)
    for changed in (noise, b"PK\x03\x04" + noise, data[:place] + noise + data[place + len(noise) + 1 :]):
        with pytest.raises(Refused):
            pack.check(changed, TRUSTED)


JSON_TEXTS = [
    b"", b"[]", b"null", b"{}", b"[" * 100_000, b'{"a":' * 50_000, b'{"a":1,"a":2}', b"NaN", b"\xff", b'{"n":1e999}',
    b'{"size":' + b"9" * 5000 + b"}", b'"\\ud800"', b"\xef\xbb\xbf{}", b'{"keys":{}}', b'{"keys":[1]}', b'{"seq":true}\n',
    b'{"seq":1,"record":"{}"}\n', b'{"seq":1,"record":"\\ud800"}\n', b'{"size":300,"nodes":[1],"paths":[]}',
    b'{"size":300,"nodes":[],"paths":{"101":[99999999]},"consistency":7}',
]  # fmt: skip


@pytest.mark.parametrize("name", ["events.jsonl", "erasures.jsonl", "proofs.json", "keys.json", "checkpoint"])
@pytest.mark.parametrize("content", JSON_TEXTS, ids=range(len(JSON_TEXTS)))
def test_a_signed_pack_with_nonsense_in_it_gets_a_verdict(name: str, content: bytes) -> None:
    """Even the log's own key cannot make the verifier fall over: wrong types, deep and huge JSON are refused in words."""
    files = {**VECTORS["evidence_files"](ENTRIES, range(101, 111)), name: content}
    counts = {"events": 10, "erased": 0, "withheld": 0}
    manifest = {"workspace_id": VECTORS["WORKSPACE"], "origin": VECTORS["ORIGIN"], "asked": "x", "counts": counts}
    made = writer.seal(manifest, files, [VECTORS["LOG"]])
    if name == "erasures.jsonl" and content == b"":
        assert pack.check(made, TRUSTED).trusted
        return
    with pytest.raises(Refused):
        pack.check(made, TRUSTED)


@pytest.mark.parametrize("manifest", JSON_TEXTS, ids=range(len(JSON_TEXTS)))
def test_a_manifest_of_nonsense_gets_a_verdict(manifest: bytes) -> None:
    """A manifest that is no manifest is refused before anything else is believed."""
    files = {**archive.read(SOUND["sound-session.zip"]), "manifest.json": manifest}
    with pytest.raises(Refused):
        pack.check(archive.write(files), TRUSTED)


@pytest.mark.parametrize(
    "name", ["../x", "/etc/passwd", "a/../b", "a//b", "C:\\x", "a/b/c", ".hidden", "é", "", "events.jsonl."]
)
def test_a_name_that_climbs_out_is_refused(name: str) -> None:
    """Names that lead elsewhere are refused by the reader and not written by the writer."""
    files = {**archive.read(SOUND["sound-session.zip"]), name: b""}
    with pytest.raises(Refused):
        archive.read(archive.write({key.encode().decode("latin-1"): data for key, data in files.items()}))
    with pytest.raises(writer.PackError):
        writer.archive(files)


def test_names_that_some_systems_take_for_one_are_refused() -> None:
    """Whoever unpacks `Events.jsonl` over `events.jsonl` must not read something else than what was checked."""
    files = {**VECTORS["evidence_files"](ENTRIES, range(101, 111)), "Events.jsonl": b"{}\n"}
    with pytest.raises(Refused, match="twice there"):
        pack.check(VECTORS["sealed"](files), TRUSTED)


def test_a_line_more_in_the_manifests_note_is_noticed() -> None:
    """Not even a stranger's signature can be put beside the log's."""
    files = archive.read(SOUND["sound-session.zip"])
    line = (signing.signature_line(VECTORS["OTHER"], "another text\n") + "\n").encode()
    with pytest.raises(Refused, match="not the one that the log signed"):
        pack.check(archive.write({**files, "manifest.note": files["manifest.note"] + line}), TRUSTED)


def test_what_the_pages_say_is_not_vouched_for() -> None:
    """The log's owner may sign a page that tells another story: the verdict says that it was not compared."""
    files = {**VECTORS["evidence_files"](ENTRIES, range(101, 111)), "report.html": b"Nobody was here."}
    (told,) = [one for one in pack.check(VECTORS["sealed"](files), TRUSTED).not_established if "report.html" in one]
    assert "was not compared" in told


def test_the_name_of_a_workspace_cannot_pose_as_the_verdict() -> None:
    """A log may call its workspace what it likes, but not so that a sentence of the verdict says more."""
    posing = "ws_1 exactly as shown.\n  - Events witnessed: 1 to 10."
    placed, _ = chain.extend(EMPTY_HEAD, posing, [EventDraft(action="a", actor_id="b")] * 10, VECTORS["NOW"])
    files = VECTORS["evidence_files"]([one.entry for one in placed], range(1, 11))
    with pytest.raises(Refused, match="names no workspace"):
        pack.check(VECTORS["sealed"](files, workspace_id=posing), TRUSTED)


def test_a_bomb_is_not_inflated() -> None:
    """A compressed file in the archive is refused as it stands."""
    data = bytearray(SOUND["sound-session.zip"])
    data[8] = 8
    with pytest.raises(Refused):
        pack.check(bytes(data), TRUSTED)


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "immutable_verify", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent), **variables}
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def test_the_command_says_it_in_words_and_by_its_exit_code() -> None:
    """0 it verifies, 1 it does not, 2 there is no such file or key, 3 nobody gave a key."""
    sound, broken = (str(EVIDENCE / name) for name in ("sound-session.zip", "broken-one-byte.zip"))
    good = run("pack", sound, "--key", KEYS["log"], "--witness", KEYS["witness"])
    assert (good.returncode, good.stdout.split("\n")[0]) == (0, "VERIFIES")
    assert "Events witnessed: 101 to 110" in good.stdout
    alone = run("pack", sound, "--key", KEYS["log"])
    assert "signed only" in alone.stdout
    bad = run("pack", broken, "--key", KEYS["log"])
    assert (bad.returncode, bad.stdout.split("\n")[0]) == (1, "DOES NOT VERIFY")
    unknown = run("pack", sound)
    assert unknown.returncode == 3
    assert "A forger could have made all of it" in unknown.stdout
    assert run("pack", "no such file").returncode == 2
    no_key = run("pack", sound, "--key", "log.key")
    assert (no_key.returncode, no_key.stdout) == (2, ""), "A slip with the key is no verdict on the file."
    assert "This is not the verifier key of a log" in no_key.stderr
    assert json.loads(run("pack", broken, "--json").stdout)["verdict"] == "does not verify"
    assert "Traceback" not in good.stderr + bad.stderr + unknown.stderr


def test_a_terminal_that_lacks_a_letter_gets_the_verdict(tmp_path: Path) -> None:
    """What a terminal cannot write is written otherwise; there is a verdict, and no traceback."""
    files = VECTORS["evidence_files"](ENTRIES, range(101, 111))
    (tmp_path / "it.zip").write_bytes(VECTORS["sealed"](files, asked="Zoë: \u202esession"))
    said = run("pack", str(tmp_path / "it.zip"), "--key", KEYS["log"], PYTHONIOENCODING="ascii")
    assert (said.returncode, said.stderr) == (0, "")
    assert "Zo\\xeb" in said.stdout
