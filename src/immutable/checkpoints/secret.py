"""The secret that is kept outside the database, and what it seals: whoever steals only the database cannot sign.

The secret is a setting or a file. It is made once, at the first start, and never where the database holds keys already
that another secret sealed.
"""

import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from immutable.errors import StartError
from immutable.settings import Settings
from immutable.store.open import is_postgres, path_of

_NONCE = 12
_LEAST = 16


class Sealer:
    """Seals what must not be read in the database with the secret, each piece bound to what it belongs to."""

    def __init__(self, secret: str, purpose: str = "signing-seeds") -> None:
        """`purpose`: what is sealed; each has a key of its own."""
        key = HKDF(SHA256(), 32, salt=None, info=f"immutable:{purpose}:v1".encode()).derive(secret.encode())
        self._cipher = ChaCha20Poly1305(key)

    def seal(self, seed: bytes, *, belongs_to: bytes) -> bytes:
        """The seed, encrypted."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, seed, belongs_to)

    def open(self, sealed: bytes, *, belongs_to: bytes) -> bytes:
        """The seed again. Raises StartError where another secret sealed it, or it belongs elsewhere."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], belongs_to)
        except InvalidTag:
            raise StartError(
                "The secret is not the one with which the database's signing keys and second factors were encrypted. Copy the "
                "secret file of the "
                "server that made them (IMMUTABLE_SECRET_FILE), or set IMMUTABLE_SECRET to what it holds."
            ) from None


def sealer_of(settings: Settings, *, has_keys: bool, purpose: str = "signing-seeds") -> Sealer:
    """The sealer of the settings' secret, which is made where there is none and the database has no keys yet.

    Raises StartError where there are keys and no secret, or it cannot be made.
    """
    if settings.secret:
        return Sealer(_long_enough(settings.secret, "IMMUTABLE_SECRET"), purpose)
    path = secret_file(settings)
    try:
        text = path.read_text("utf-8").strip()
    except FileNotFoundError:
        if has_keys:
            raise StartError(
                f"The database holds signing keys, but there is no secret {path} that opens them. Copy it from the server "
                "that made them, or set IMMUTABLE_SECRET to what it holds."
            ) from None
        text = _make(path)
    except (OSError, UnicodeDecodeError) as error:
        raise StartError(f"The secret file {path} cannot be read: {error}.") from error
    return Sealer(_long_enough(text, str(path)), purpose)


def secret_file(settings: Settings) -> Path:
    """Where the secret lies, or would."""
    if settings.secret_file:
        return Path(settings.secret_file)
    if is_postgres(settings.database_url):
        return Path("immutable.secret")
    path = path_of(settings.database_url)
    return path.with_name(path.name + ".secret")


def _make(path: Path) -> str:
    """Make it whole or not at all; of several processes that start at once, all get the same."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(new, path)
        except FileExistsError:
            pass  # another process was first
        finally:
            new.unlink()
        return path.read_text("utf-8").strip()
    except OSError as error:
        raise StartError(
            f"The secret file {path} cannot be made: {error.strerror}. Name a place for it with IMMUTABLE_SECRET_FILE, or set "
            "IMMUTABLE_SECRET (openssl rand -hex 32)."
        ) from error


def _long_enough(text: str, where: str) -> str:
    if len(text) < _LEAST:
        raise StartError(f"The secret of {where} is too short: at least {_LEAST} characters (openssl rand -hex 32).")
    return text
