"""Anchors by a time-stamping authority (RFC 3161): it signs the hash of a checkpoint with the time.

What is stamped is the SHA-256 of the checkpoint note's text, without its signatures, so that cosignatures may come later and
`openssl ts -verify` needs nothing of ours. The answer is kept as it came, and believed only once it was checked: the authority's
certificate against those of the settings, the imprint against the checkpoint, the nonce against the question.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import msgspec
from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)
from rfc3161_client.verify import SHA256_OID

from immutable.anchors.anchorer import Evidence, NotAnchored, Unreachable
from immutable.anchors.der import sorted_certificates
from immutable.errors import StartError
from immutable.integrity.checkpoint import parse_checkpoint
from immutable.integrity.note import NoteError, split_note
from immutable.outbound.client import OutboundClient
from immutable.store.anchor_store import StoredAnchor

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_BYTES = 256 * 1024
"""A token with its certificates has some thousand."""


class TimestampAuthority:
    """The anchorer of one authority."""

    def __init__(self, url: str, certificates: Path, client: OutboundClient) -> None:
        """`certificates`: a PEM file of those that the authority's certificate chains up to. Raises StartError."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
            raise StartError(
                "IMMUTABLE_ANCHOR_RFC3161_URL is not the address of an authority, such as https://freetsa.org/tsr; it may hold "
                "no password."
            )
        self.chain = f"rfc3161:{parts.netloc}"
        self._url, self._client = url, client
        self._roots = _certificates(certificates)

    def advance(self, anchor: StoredAnchor) -> StoredAnchor:
        """Ask for a time-stamp, check it, and be done."""
        text = _text_of(anchor)
        request = TimestampRequestBuilder().data(text).hash_algorithm(HashAlgorithm.SHA256).build()
        try:
            status, token = self._client.post(self._url, request.as_bytes(), "application/timestamp-query")
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise Unreachable(f"The authority does not answer: {str(error) or type(error).__name__}.") from error
        if status != 200:
            raise NotAnchored(f"The authority answered {status}.")
        at = self._checked(token, text, request.nonce)
        digest = hashlib.sha256(token).hexdigest()
        return msgspec.structs.replace(anchor, status="confirmed", tx_hash=digest, token=token, confirmed_at=at)

    def evidence(self, anchor: StoredAnchor) -> Evidence:
        """What the kept time-stamp says."""
        token = anchor.token or b""
        if hashlib.sha256(token).hexdigest() != anchor.tx_hash:
            raise NotAnchored("The kept time-stamp is not the one whose hash was recorded.")
        text = _text_of(anchor)
        at = self._checked(token, text, None)
        try:
            return Evidence(parse_checkpoint(text.decode()).root, at)
        except NoteError as error:
            raise NotAnchored(f"The stamped text is no checkpoint: {error}") from error

    def explorer_url(self, anchor: StoredAnchor) -> str | None:  # noqa: ARG002 - see the protocol
        """There is none: the token itself is the proof."""
        return None

    def _checked(self, token: bytes, text: bytes, nonce: int | None) -> int:
        """The time of a time-stamp over this text, in microseconds. Raises NotAnchored."""
        response = _decoded(token)
        builder = VerifierBuilder(roots=list(self._roots), nonce=nonce)
        try:
            builder.build().verify_message(response, text)
        except (VerificationError, ValueError) as error:
            raise NotAnchored(f"The time-stamp is not good: {str(error)[:300]}") from error
        if response.tst_info.message_imprint.hash_algorithm.dotted_string != SHA256_OID:
            raise NotAnchored("The time-stamp was made with another hash than the one that was asked for, SHA-256.")
        return (response.tst_info.gen_time - _EPOCH) // timedelta(microseconds=1)


def _text_of(anchor: StoredAnchor) -> bytes:
    """What is stamped."""
    try:
        return split_note(anchor.note)[0].encode()
    except NoteError as error:
        raise NotAnchored(f"The anchor's checkpoint cannot be read: {error}") from error


def _decoded(token: bytes) -> TimeStampResponse:
    if len(token) > _MOST_BYTES:
        raise NotAnchored("The time-stamp is longer than any.")
    try:
        response = decode_timestamp_response(sorted_certificates(token))
        if response.status not in (0, 1):
            said = "; ".join(response.status_string) or f"status {response.status}"
            raise NotAnchored(f"The authority refused: {said[:200]}.")
        _ = response.tst_info
    except ValueError as error:
        raise NotAnchored(f"The authority's answer is no time-stamp: {error}.") from error
    return response


def _certificates(file: Path) -> Sequence[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(file.read_bytes())
    except (OSError, ValueError) as error:
        raise StartError(
            "IMMUTABLE_ANCHOR_RFC3161_CERTIFICATES must name a PEM file with the certificates that the authority's own chains up "
            f"to: {error}."
        ) from error
