"""A time-stamping authority in a folder, for what the verifier reads of time-stamps."""

import hashlib
import subprocess
from pathlib import Path

import pytest

CONFIG = """[tsa]
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
ess_cert_id_alg = sha256
[req]
distinguished_name = name
[name]
[extensions]
extendedKeyUsage = critical,timeStamping
"""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A time-stamping authority in a folder."""
    folder = tmp_path_factory.mktemp("tsa")
    (folder / "tsa.cnf").write_text(CONFIG)
    (folder / "serial").write_text("01\n")
    openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "tsa.key", "-out", "tsa.pem", "-subj", "/CN=TSA",
            "-config", "tsa.cnf", "-extensions", "extensions")  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def token(authority: Path) -> bytes:
    """A response of the authority."""
    return stamped(authority, b"a text")


def openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def stamped(folder: Path, text: bytes) -> bytes:
    """The authority's response over this text."""
    digest = hashlib.sha256(text).hexdigest()
    openssl(folder, "ts", "-query", "-digest", digest, "-sha256", "-cert", "-out", "it.tsq")
    openssl(folder, "ts", "-reply", "-config", "tsa.cnf", "-section", "tsa", "-queryfile", "it.tsq", "-out", "it.tsr")
    return (folder / "it.tsr").read_bytes()
