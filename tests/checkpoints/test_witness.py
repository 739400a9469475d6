"""Witnesses: a real one over HTTP signs what goes on from what it signed, and knows when our log was set back."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from tests.checkpoints.conftest import Tree
from tests.logs import event

from immutable.checkpoints.guard import Guard
from immutable.checkpoints.keys import verifier_of
from immutable.checkpoints.witness import Cosigner
from immutable.integrity.checkpoint import Checkpoint, format_checkpoint
from immutable.integrity.note import COSIGNATURE, Signer, open_note, parse_verifier, sign
from immutable.integrity.scope import Outside
from immutable.outbound.client import OutboundClient, OutboundRefused
from immutable.store import check_tree


@contextmanager
def _witness(folder: Path, *logs: str) -> Iterator[str]:
    """A running witness; what to put into the settings."""
    options = [one for log in logs for one in ("--log", log)]
    command = [sys.executable, "-m", "immutable", "witness", "serve", "--name", "witness.example", "--port", "0"]
    with subprocess.Popen([*command, "--folder", str(folder), *options], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def _ask(tree: Tree, setting: str) -> None:
    client = OutboundClient(private_addresses=True)
    Cosigner(tree.proofs, Guard(tree.store, tree.kept), [setting], client, lambda: True).step()
    client.close()


def _disputes() -> float:
    return REGISTRY.get_sample_value("immutable_witness_disputes_total") or 0


def _add(tree: Tree, count: int) -> None:
    tree.log.append(*[event() for _ in range(count)])
    tree.settle()


def test_a_witness_signs_what_goes_on_and_halts_a_log_that_was_set_back(tree: Tree, tmp_path: Path) -> None:
    """Its lines are kept and verify; it remembers over a restart; a smaller tree than it knows is an alarm."""
    _add(tree, 3)
    (key,) = tree.proofs.signing_keys(tree.workspace)
    log = str(verifier_of(key))
    with _witness(tmp_path / "w", log) as setting:
        _ask(tree, setting)
        _add(tree, 300)
        _ask(tree, setting)
    with _witness(tmp_path / "w", log) as setting:
        _add(tree, 1)
        _ask(tree, setting)
        verifier = parse_verifier(setting.split(" ")[0])
        for stored in tree.proofs.checkpoints(tree.workspace, limit=9):
            (signed,) = tree.proofs.cosignatures(tree.workspace, [stored.size])
            (found,) = open_note(stored.note + f"{signed.line}\n".encode(), [verifier]).signatures
            assert found.at is not None
        _add(tree, 2)
        with pytest.MonkeyPatch.context() as patch:  # however many checkpoints have no witness's line since
            patch.setattr(check_tree, "_LATEST", 1)
            verdict = tree.log.verify(outside=Outside(witnesses=(verifier,)))
        seals = [(one.last_sequence, one.seals) for one in verdict.scope]
        assert (seals, verdict.checkpoints_checked) == ([(304, ("signed", "witnessed")), (306, ("signed",))], 1)
        # what the witness has seen of us is larger than what we have
        signer = tree.keys.signer(tree.workspace, 0)
        other = sign(format_checkpoint(Checkpoint(signer.name, 304, b"x" * 32)), [signer])
        client = OutboundClient(private_addresses=True)
        url = setting.split(" ")[1] + "/add-checkpoint"
        assert client.post(url, b"old 304\n\n" + other.encode(), "text/plain")[0] == 409
        assert client.post(url, b"old 305\n\n" + other.encode(), "text/plain")[0] == 400
        unknown = sign(format_checkpoint(Checkpoint("another", 1, b"x" * 32)), [signer])
        assert client.post(url, b"old 0\n\n" + unknown.encode(), "text/plain")[0] == 404
        forged = other.replace("304", "305").encode()
        assert client.post(url, b"old 304\n\n" + forged, "text/plain")[0] == 403
        fork = sign(format_checkpoint(Checkpoint(signer.name, 305, b"x" * 32)), [signer]).encode()
        assert client.post(url, b"old 304\n\n" + fork, "text/plain")[0] == 422
        assert client.post(url, b"nonsense", "text/plain")[0] == 400
        client.close()


def test_a_log_smaller_than_a_witness_knows_is_halted(tree: Tree, tmp_path: Path) -> None:
    """Also where nothing on this machine remembers: the witness does, and shows what our key signed."""
    _add(tree, 2)
    (key,) = tree.proofs.signing_keys(tree.workspace)
    signer = tree.keys.signer(tree.workspace, 0)
    with _witness(tmp_path / "w", str(verifier_of(key))) as setting:
        client = OutboundClient(private_addresses=True)
        ahead = sign(format_checkpoint(Checkpoint(signer.name, 9, b"y" * 32)), [signer]).encode()
        url = setting.split(" ")[1] + "/add-checkpoint"
        assert client.post(url, b"old 0\n\n" + ahead, "text/plain")[0] == 200
        client.close()
        _ask(tree, setting)
    halted = tree.proofs.tree(tree.workspace).halted
    assert halted is not None
    assert "shows what our key signed" in halted
    assert "a checkpoint of 9" in halted
    _add(tree, 1)
    assert [one.size for one in tree.proofs.checkpoints(tree.workspace, limit=9)] == [2]


@pytest.mark.parametrize(("status", "body"), [(409, b"999\n"), (422, b"no\n")])
def test_a_witness_cannot_stop_a_log_on_its_bare_word(tree: Tree, status: int, body: bytes) -> None:
    """Without proof there is an alarm, and the log goes on; with the proof kept on this machine it is halted."""
    _add(tree, 2)

    class Liar(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            known = self.path.endswith("/add-checkpoint")
            self.send_response(status if known else 404)
            self.end_headers()
            self.wfile.write(body if known else b"")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Liar)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        signer = Signer("liar.example", b"7" * 32, COSIGNATURE)
        setting = f"{signer.verifier} http://127.0.0.1:{server.server_address[1]}"
        before = _disputes()
        _ask(tree, setting)
        assert _disputes() == before + 1
        assert tree.proofs.tree(tree.workspace).halted is None
        ours = tree.keys.signer(tree.workspace, 0)
        kept = sign(format_checkpoint(Checkpoint(ours.name, 9, b"y" * 32)), [ours]).encode()
        tree.kept.write(tree.workspace.id, kept)
        _ask(tree, setting)
        assert "was set back" in str(tree.proofs.tree(tree.workspace).halted)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/", "http://localhost:1/", "http://[::1]:1/", "http://10.1.2.3/", "file:///x"]
)
def test_nothing_is_sent_to_private_addresses(url: str) -> None:
    """Unless the operator says so: also not by a name that leads there."""
    client = OutboundClient()
    with pytest.raises(OutboundRefused):
        client.post(url, b"", "text/plain")
    client.close()
