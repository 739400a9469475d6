"""A real time-stamping authority: `openssl ts` behind HTTP. It can be told to misbehave."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_CONFIG = """[tsa]
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
certs = chain.pem
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256, sha512
ess_cert_id_chain = no
ess_cert_id_alg = sha256
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign
[signer]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
"""


class Authority:
    """The authority in a folder. `mood`: good, away, replays, stamps_other, tampers, refuses."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder, self.mood, self.asked = folder, "good", 0
        self.certificates = folder / "root.pem"
        self.url = ""
        self._last = b""
        self._lock = threading.Lock()
        (folder / "tsa.cnf").write_text(_CONFIG)
        (folder / "serial").write_text("01\n")
        key = ["-newkey", "rsa:2048", "-nodes", "-config", "tsa.cnf"]
        self.openssl(
            "req", "-x509", *key, "-keyout", "root.key", "-out", "root.pem", "-subj", "/CN=Root", "-extensions", "root"
        )
        self.openssl("req", *key, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=A stamping authority")
        self.openssl("x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key", "-set_serial", "7", "-out",
                     "tsa.pem", "-extfile", "tsa.cnf", "-extensions", "signer")  # fmt: skip
        # The signer's own certificate goes first whatever its length, so the set is not in DER's order.
        (folder / "chain.pem").write_bytes((folder / "root.pem").read_bytes())

    def openssl(self, *arguments: str) -> str:
        """What openssl says."""
        return subprocess.run(
            ["openssl", *arguments], cwd=self.folder, check=True, capture_output=True, text=True
        ).stdout

    def stamp(self, query: bytes) -> bytes:
        """The response to a query."""
        (self.folder / "it.tsq").write_bytes(query)
        self.openssl("ts", "-reply", "-config", "tsa.cnf", "-section", "tsa", "-queryfile", "it.tsq", "-out", "it.tsr")
        return (self.folder / "it.tsr").read_bytes()

    def verifies(self, text: bytes, token: bytes) -> bool:
        """Whether `openssl ts -verify` accepts this time-stamp of this text."""
        (self.folder / "v.txt").write_bytes(text)
        (self.folder / "v.tsr").write_bytes(token)
        command = ["openssl", "ts", "-verify", "-data", "v.txt", "-in", "v.tsr", "-CAfile", "root.pem"]
        return subprocess.run(command, cwd=self.folder, check=False, capture_output=True).returncode == 0

    def answer(self, query: bytes) -> tuple[int, bytes]:
        """As its mood is."""
        with self._lock:
            self.asked += 1
            if self.mood == "away":
                return 503, b""
            if self.mood == "replays":
                return 200, self._last
            if self.mood == "stamps_other":
                self.openssl("ts", "-query", "-digest", "ab" * 32, "-sha256", "-cert", "-out", "other.tsq")
                query = (self.folder / "other.tsq").read_bytes()
            if self.mood == "refuses":
                query = b"no query"
            self._last = self.stamp(query)
            if self.mood == "tampers":
                at = self._last.rindex(b"\x04\x82\x01\x00") + 40  # within the signature
                return 200, self._last[:at] + bytes([self._last[at] ^ 1]) + self._last[at + 1 :]
            return 200, self._last


@contextmanager
def serving(authority: Authority) -> Iterator[Authority]:
    """The authority, answering at its `url`."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["content-length"]))
            assert self.headers["content-type"] == "application/timestamp-query"
            status, body = authority.answer(query)
            self.send_response(status)
            self.send_header("content-type", "application/timestamp-reply")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    authority.url = f"http://127.0.0.1:{server.server_address[1]}/tsr"
    try:
        yield authority
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
