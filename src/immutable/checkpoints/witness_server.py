"""A small witness (C2SP tlog-witness): it signs a log's checkpoint only where that goes on from the last one it signed.

For another company to run, and for tests. It holds a key of its own, the verifier keys of the logs it knows, and a file with the
last size and root of each, written durably before anything is signed. It answers POST /add-checkpoint; and, beyond the
specification, POST /last-checkpoint with an origin: the last note of that log that it signed, which is proof of what it knows.
"""

import base64
import binascii
import json
import os
import re
import threading
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from immutable.integrity.checkpoint import parse_checkpoint
from immutable.integrity.merkle import EMPTY_ROOT
from immutable.integrity.note import NoteError, Signer, Verifier, open_note, signature_line, split_note
from immutable.integrity.proof import ProofError, check_consistency

_MOST_BYTES = 64 * 1024
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")

Answer = tuple[int, bytes, str]
_SIZE_TYPE = "text/x.tlog.size"


class WitnessState:
    """What a witness knows and decides. For several threads."""

    def __init__(self, signer: Signer, logs: Sequence[Verifier], file: Path) -> None:
        self._signer = signer
        self._logs = list(logs)
        self._file = file
        self._lock = threading.Lock()
        self._last: dict[str, tuple[int, str, str]] = {}
        """By origin: size, root, and the note as it came."""
        if file.exists():
            self._last = {origin: tuple(last) for origin, last in json.loads(file.read_text("utf-8")).items()}

    def add_checkpoint(self, body: bytes) -> Answer:  # noqa: PLR0911 - one for each answer of the specification
        """Status, body and content type of the answer to such a request."""
        head, gap, note = body.partition(b"\n\n")
        try:
            first, *hashes = head.decode("ascii").split("\n")
            proof = [base64.b64decode(one, validate=True) for one in hashes]
            found = _OLD.fullmatch(first)
            checkpoint = parse_checkpoint(split_note(note)[0])
        except (UnicodeDecodeError, binascii.Error, NoteError) as error:
            return 400, f"{error}\n".encode(), "text/plain"
        if found is None or not gap or len(proof) > 63:
            return 400, b"The request is not an old size, a proof and a checkpoint.\n", "text/plain"
        logs = [one for one in self._logs if one.name == checkpoint.origin]
        if not logs:
            return 404, b"This log is not known here.\n", "text/plain"
        try:
            text = open_note(note, logs).text
        except NoteError as error:
            return 403, f"{error}\n".encode(), "text/plain"
        old = int(found[1])
        if old > checkpoint.size:
            return 400, b"The old size is larger than the checkpoint's.\n", "text/plain"
        with self._lock:
            size, root, _ = self._last.get(checkpoint.origin, (0, EMPTY_ROOT.hex(), ""))
            if old != size:
                return 409, f"{size}\n".encode(), _SIZE_TYPE
            if size == checkpoint.size and size and root != checkpoint.root.hex():
                return 409, f"{size}\n".encode(), _SIZE_TYPE
            try:
                check_consistency(size, bytes.fromhex(root), checkpoint.size, checkpoint.root, proof)
            except ProofError as error:
                return 422, f"{error}\n".encode(), "text/plain"
            self._remember(checkpoint.origin, (checkpoint.size, checkpoint.root.hex(), note.decode()))
        return 200, (signature_line(self._signer, text, int(time.time())) + "\n").encode(), "text/plain"

    def last_checkpoint(self, origin: bytes) -> Answer:
        """The last note of this log that was signed."""
        _, _, note = self._last.get(origin.decode("utf-8", "replace"), (0, "", ""))
        return (200, note.encode(), "text/plain") if note else (404, b"This log is not known here.\n", "text/plain")

    def _remember(self, origin: str, entry: tuple[int, str, str]) -> None:
        last = {**self._last, origin: entry}
        new = self._file.with_name(f".{self._file.name}.new")
        with new.open("w", encoding="utf-8") as file:
            json.dump(last, file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._file)
        folder = os.open(self._file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self._last = last


def witness_server(state: WitnessState, host: str, port: int) -> ThreadingHTTPServer:
    """An HTTP server that answers for the witness; put TLS in front of it."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 30

        def do_POST(self) -> None:
            length = self.headers.get("content-length", "")
            answers = {"add-checkpoint": state.add_checkpoint, "last-checkpoint": state.last_checkpoint}
            decide = answers.get(self.path.rpartition("/")[2])
            if decide is None:
                answer: Answer = 404, b"There is only /add-checkpoint.\n", "text/plain"
            elif not length.isdecimal() or len(length) > 9 or int(length) > _MOST_BYTES:
                answer = 400, b"The body is too long, or of no known length.\n", "text/plain"
                self.close_connection = True
            else:
                answer = decide(self.rfile.read(int(length)))
            status, body, content_type = answer
            self.send_response(status)
            self.send_header("content-type", content_type)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing of each request."""

    return ThreadingHTTPServer((host, port), Handler)
